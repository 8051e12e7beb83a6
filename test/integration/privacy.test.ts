/** What a destination with privacy leaves behind anywhere: at the receiver, in its folder, in the own log. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in a file
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/app/run.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Log } from '../../src/flow/log.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { Collector } from '../support/collector.ts'
import { csvRow } from '../support/records.ts'
import { encryptKeyHex, hashKeyHex } from '../support/secrets.ts'

const columns = knownColumns['2016']
const secrets = [
  'ann.smith@contoso.example',
  'bob@fabrikam.example',
  'boss@fabrikam.example',
  'Redundancies in May',
  '203.0.113.66',
  'carol@contoso.example',
]
const [sender = '', recipient = '', bcc = '', subject = '', client = ''] = secrets

const row = (values: Readonly<Record<string, string>>) => csvRow(columns.map((name) => values[name] ?? ''))
const log = Buffer.concat([
  Buffer.from(
    `#Software: Microsoft Exchange Server\r\n#Version: 15.02.1544.004\r\n#Log-type: Message Tracking Log\r\n`,
  ),
  Buffer.from(`#Date: 2026-11-20T14:00:00.010Z\r\n#Fields: ${columns.join()}\r\n`),
  row({
    'date-time': '2026-11-20T14:00:01.000Z',
    'event-id': 'RECEIVE',
    source: 'STOREDRIVER',
    'original-client-ip': client,
    'source-context': `client [${client}] of ${sender.toUpperCase()}`,
    'sender-address': sender,
    'return-path': sender,
    'recipient-address': `${recipient};${bcc}`,
    'recipient-status': 'To;Bcc',
    'recipient-count': '2',
    'message-subject': subject,
    'custom-data': `S:Bcc=${bcc};S:To=${recipient}`,
  }),
  // No record: too few columns, and a quote that is never closed.
  Buffer.from(`2026-11-20T14:00:02.000Z,${client},${sender},${subject}\r\n`),
  Buffer.from(`2026-11-20T14:00:03.000Z,"${secrets[5]},${recipient}\r\n`),
])

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
}

test('no plain value and no key is anywhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-privacy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const receiver = await Collector.listen({})
  onTestFinished(() => receiver.close())
  await mkdir(join(folder, 'EX01'))
  await writeFile(join(folder, 'EX01', 'MSGTRK2026112014-1.LOG'), log)
  await writeFile(join(folder, 'encrypt.key'), encryptKeyHex)
  await writeFile(
    join(folder, 'msgtrk.yaml'),
    `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - name: siem
    to: '${receiver.url}'
    confirm: write
    selfReport: true
    privacy:
      columns: { sender-address: hash, recipient-address: encrypt, original-client-ip: mask }
      hashKey: \${env:HASH}
      encryptKey: \${file:encrypt.key}
      hideBcc: true
      dropSubjects: [/redundanc(y|ies)/]
`,
  )
  const own: string[] = []
  const say = (message: string, fields: unknown) => own.push(`${message} ${JSON.stringify(fields)}`)
  const config = await loadConfig(join(folder, 'msgtrk.yaml'), { env: { HASH: hashKeyHex } })
  const code = await run({
    config,
    log: { debug: say, info: say, warn: say, error: say } as Log,
    stop: new AbortController().signal,
    follow: false,
  })
  expect(code).toBe(ExitCode.ok)
  await receiver.until('the record', () => receiver.frames.some((frame) => frame.includes('|RECEIVE|')))
  expect(receiver.incorrect).toEqual([])

  const letters = (await readFile(join(folder, 'state', 'siem', 'dead-letters.ndjson'), 'utf8'))
    .trim()
    .split('\n')
  expect(letters.map((letter) => Object.keys(JSON.parse(letter)))).toEqual(
    Array(2).fill(['time', 'file', 'offset', 'reason', 'withheldBytes']),
  )
  const everything = [...receiver.frames, ...own, ...(await filesBelow(join(folder, 'state')))]
    .join('\n')
    .toLowerCase()
  const found = [...secrets, hashKeyHex, encryptKeyHex].filter((secret) =>
    everything.includes(secret.toLowerCase()),
  )
  expect(found).toEqual([])
  const event = receiver.frames.find((frame) => frame.includes('|RECEIVE|')) ?? ''
  expect(event).toMatch(/ cn1=1 /)
  expect(event).toMatch(/ src=203\.0\.113\.0 /)
  expect(event).not.toContain(' msg=')
})
