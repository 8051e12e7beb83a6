/** Settings of sources and destinations that change rows on their way, from the configuration to the receiver. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/app/run.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Log } from '../../src/flow/log.ts'
import { ExitCode, ProblemsError } from '../../src/mistakes/problem.ts'
import { Collector } from '../support/collector.ts'
import { told } from '../support/told.ts'

const header = [
  '#Software: Microsoft Exchange Server',
  '#Version: 15.02.1544.004',
  '#Log-type: Message Tracking Log',
  '#Date: 2026-11-20T14:00:00.010Z',
  '#Fields: date-time,event-id,recipient-address,recipient-status,recipient-count,network-message-id,log-id',
  '',
].join('\r\n')

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-recipients-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function memoryLog(): Log & { readonly lines: [string, unknown][] } {
  const lines: [string, unknown][] = []
  const say = (message: string, fields?: Readonly<Record<string, unknown>>) =>
    lines.push([message, fields?.source])
  return { lines, debug: say, info: say, warn: say, error: say }
}

test('recipients one by one, corrected times and the original row; a clock that is wrong is told', async () => {
  const folder = await temporaryFolder()
  const receiver = await Collector.listen({})
  onTestFinished(() => receiver.close())
  const soon = new Date(Date.now() + 3_600_000).toISOString()
  for (const server of ['EX01', 'EX02']) {
    await mkdir(join(folder, server))
    const row = `${soon},SEND,a@x.example;b@x.example,'250 Ok; queued';452 full,2,n,${server}\r\n`
    await writeFile(join(folder, server, 'MSGTRK2026112014-1.LOG'), header + row)
  }
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `
sources:
  - { name: EX01, folder: EX01, correctSeconds: -3600 }
  - { name: EX02, folder: EX02 }
destinations:
  - { to: '${receiver.url}', recipients: each, rawEvent: field, confirm: write }
`,
  )
  const log = memoryLog()
  const config = await loadConfig(file, { env: {} })
  const code = await run({ config, log, stop: new AbortController().signal, follow: false })
  expect(code).toBe(ExitCode.ok)
  await receiver.has(4)

  const seen = receiver.frames.map((frame) => ({
    server: /ad\.log-id=(\S+)/.exec(frame)?.[1],
    hours: Math.round((Number(/ rt=(\d+)/.exec(frame)?.[1]) - Date.parse(soon)) / 3_600_000),
    recipient: / duser=(\S+)/.exec(frame)?.[1],
    status: / ad\.recipient-status=(.*?) ad\./.exec(frame)?.[1],
    count: / cn1=(\S+)/.exec(frame)?.[1],
    raw: frame.includes(` rawEvent=${soon},SEND,a@x.example;b@x.example,'250 Ok; queued';452 full,2,n,`),
  }))
  const siblings = (server: string, hours: number) => [
    { server, hours, recipient: 'a@x.example', status: '250 Ok; queued', count: '2', raw: true },
    { server, hours, recipient: 'b@x.example', status: '452 full', count: '2', raw: true },
  ]
  const of = (name: string) => seen.filter(({ server }) => server === name)
  expect(of('EX01')).toEqual(siblings('EX01', -1))
  expect(of('EX02')).toEqual(siblings('EX02', 0))
  expect(receiver.incorrect).toEqual([])
  expect(log.lines.filter(([message]) => message.includes('future'))).toEqual([
    ['The records of a source lie in the future', 'EX02'],
  ])
})

test.each([
  ['rawEvent: additional, additionalData: none', 'rawEvent'],
  ['rawEvent: field, privacy: { columns: { message-subject: drop } }', 'rawEvent'],
  ['recipients: all', 'recipients'],
])('is refused before anything is sent: %s', async (settings, setting) => {
  const folder = await temporaryFolder()
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `
sources: [{ folder: EX01 }]
destinations:
  - { to: 'tcp://127.0.0.1:9', ${settings} }
`,
  )
  const error = await loadConfig(file, { env: {} })
    .then((config) => run({ config, log: memoryLog(), stop: new AbortController().signal, follow: false }))
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ProblemsError)
  expect(told((error as ProblemsError).problems).map(({ where }) => where)).toEqual([
    `${file}:4 destinations.0.${setting}`,
  ])
})
