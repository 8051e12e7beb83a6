import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Instance } from '../../../src/app/instance.ts'
import type { InstanceView } from '../../../src/app/instance-view.ts'
import { configFromOptions, loadConfig } from '../../../src/config/load.ts'
import { ask } from '../../../src/control/client.ts'
import { ExitCode } from '../../../src/mistakes/problem.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-instance-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('an instance shows what is in force and at work, to whoever listens from the start or later', async () => {
  const file = join(folder, 'msgtrk.yaml')
  const destinations = ['{ name: a, to: "udp://127.0.0.1:9" }', '{ name: b, to: "tcp://127.0.0.1:9" }']
  await writeFile(
    file,
    `state: state\nsources: [{ name: EX01, folder: . }]\ndestinations: [${destinations.join(', ')}]\n`,
  )
  const config = await loadConfig(file)
  const stop = new AbortController()
  const heard: string[] = []
  let seen: InstanceView | undefined
  const instance = await Instance.open({
    config,
    log: silent,
    stop: stop.signal,
    follow: true,
    onStart: (view) => {
      seen = view
      view.listen({ begins: ({ name, settings }) => heard.push(`${name} ${settings.to}`) })
      stop.abort()
    },
  })
  expect(await instance.run()).toBe(ExitCode.ok)
  expect(seen?.config.file).toBe(file)
  expect(seen?.config.sha256).toBe(execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64))
  expect(heard).toEqual(['a udp://127.0.0.1:9', 'b tcp://127.0.0.1:9'])
  for (const { statistics, source, destination } of seen?.pipelines ?? []) {
    expect(statistics.snapshot().read).toBe(0)
    expect(source.unreadable()).toEqual([])
    expect(destination.name).toMatch(/^[ab]$/)
  }
})

test.runIf(process.platform !== 'win32')(
  'an instance can be asked while it runs, and not after',
  async () => {
    const state = join(folder, 'state')
    const config = configFromOptions({ from: [folder], to: 'udp://127.0.0.1:9', state })
    const stop = new AbortController()
    const question = { state, method: 'GET', path: '/status' } as const
    let answer: Promise<unknown> | undefined
    const instance = await Instance.open({
      config,
      log: silent,
      stop: stop.signal,
      follow: true,
      onStart: () => {
        answer = ask(question).finally(() => stop.abort())
      },
    })
    expect(await instance.run()).toBe(ExitCode.ok)
    expect(await answer).toMatchObject({ version: 1, destinations: [{ to: 'udp://127.0.0.1:9' }] })
    await expect(ask(question)).rejects.toMatchObject({ exitCode: ExitCode.notRunning })
  },
)
