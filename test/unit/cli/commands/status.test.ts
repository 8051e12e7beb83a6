import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { statusCommand } from '../../../../src/cli/commands/status.ts'
import { type Control, openControl } from '../../../../src/control/server.ts'
import { ExitCode } from '../../../../src/mistakes/problem.ts'
import { type InstanceStatus, statusSchema } from '../../../../src/status/snapshot.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

const well: InstanceStatus = {
  version: 1,
  at: '2026-11-28T12:00:00.000Z',
  program: { version: '1.0.0', pid: 1, host: 'log1', startedAt: '2026-11-28T11:00:00.000Z' },
  configuration: { file: '/etc/msgtrk.yaml', sha256: 'abc', lastReload: null },
  state: '/var/lib/msgtrk',
  health: 'well',
  findings: [],
  sources: [],
  destinations: [],
}
const down: InstanceStatus = {
  ...well,
  health: 'down',
  findings: [
    {
      kind: 'destinationDown',
      severity: 'down',
      part: 'destination siem',
      why: 'refused \u001b[2J by a name that others chose',
      remedy: 'start it',
      since: '2026-11-28T11:58:00.000Z',
    },
    {
      kind: 'malformed',
      severity: 'trouble',
      part: 'destination siem',
      why: 'one',
      remedy: 'see',
      since: null,
    },
  ],
}

let state: string
let control: Control | null = null
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'msgtrk-status-'))
})
afterEach(async () => {
  await control?.close()
  control = null
  process.exitCode = undefined
  rmSync(state, { recursive: true, force: true })
})

/** Serves these, one after the other, the last one again and again. */
async function serve(...answers: InstanceStatus[]): Promise<void> {
  const handler = () => ({ value: answers.length > 1 ? answers.shift() : answers[0] })
  control = await openControl({ state, routes: [{ method: 'GET', path: '/status', handler }], log })
}

async function run(...args: string[]): Promise<{ readonly text: string; readonly code: unknown }> {
  let text = ''
  const stdout = { write: (part: string) => (text += part) }
  const { signal: stop } = new AbortController()
  await statusCommand({ stop, stdout }).exitOverride().parseAsync(args, { from: 'user' })
  return { text, code: process.exitCode }
}

test('the first line is the verdict, and the exit code says it, too', async () => {
  await serve(well)
  const { text, code } = await run('--state', state)
  expect(text.split('\n')[0]).toBe('Well: 0 destinations up to date with 0 sources')
  expect(code).toBe(ExitCode.ok)
})

test('the worst comes first with its remedy, the others below; nothing in it commands the terminal', async () => {
  await serve(down)
  const { text, code } = await run('--state', state)
  expect(text.split('\n').slice(0, 3)).toEqual([
    'Down: destination siem since 2026-11-28T11:58:00.000Z: refused \\u001b[2J by a name that others chose → start it (and 1 more below)',
    'Trouble: destination siem: one',
    '  → see',
  ])
  expect(code).toBe(ExitCode.down)
  await control?.close()
  await serve({ ...down, health: 'degraded' })
  expect((await run('--state', state)).code).toBe(ExitCode.degraded)
})

test('--json prints what the schema says', async () => {
  await serve(down)
  const { text } = await run('--state', state, '--json')
  expect(statusSchema.parse(JSON.parse(text))).toEqual(down)
})

test('--wait-ready waits for the instance, and until nothing is down', async () => {
  setTimeout(() => void serve(down, down, well), 300)
  expect((await run('--state', state, '--wait-ready', '60')).code).toBe(ExitCode.ok)
})

test('--wait-ready ends when its time is over, with what is then', async () => {
  await expect(run('--state', state, '--wait-ready', '0.3')).rejects.toMatchObject({
    exitCode: ExitCode.notRunning,
  })
  await serve(down)
  expect((await run('--state', state, '--wait-ready', '0')).code).toBe(ExitCode.down)
})

test('--wait-ready waits no longer than the process that is to be ready is there', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  const waiting = run('--state', state, '--wait-ready', '3600', '--process', `${child.pid}`)
  await expect(waiting).rejects.toMatchObject({ exitCode: ExitCode.notRunning })
  setTimeout(() => void serve(well), 300)
  expect((await run('--state', state, '--wait-ready', '60', '--process', `${process.pid}`)).code).toBe(
    ExitCode.ok,
  )
  await expect(run('--state', state, '--wait-ready', '60', '--process', 'x')).rejects.toThrow(
    /--process <pid>.* a whole number, 1 or more/,
  )
})

test('a configuration says the state folder, also one with mistakes elsewhere', async () => {
  await serve(well)
  const file = join(state, 'msgtrk.yaml')
  const config = (port: string) =>
    `state: .\nsources: [{ folder: . }]\ndestinations: [{ to: "tcp://siem:514" }, { to: "tcp://siem:${port}", name: b }]\n`
  writeFileSync(file, config('515'))
  expect((await run('--config', file)).code).toBe(ExitCode.ok)
  writeFileSync(file, config('99999'))
  expect((await run('--config', file)).code).toBe(ExitCode.ok)
  await expect(run('--config', file, '--state', state)).rejects.toThrow(/does not go with --config/)
})
