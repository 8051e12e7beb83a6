import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { controlRoutes } from '../../../../src/app/control.ts'
import type { InstanceView } from '../../../../src/app/instance-view.ts'
import { reloadCommand } from '../../../../src/cli/commands/reload.ts'
import { ask } from '../../../../src/control/client.ts'
import { openControl } from '../../../../src/control/server.ts'
import { ExitCode, ProblemsError } from '../../../../src/mistakes/problem.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

let state: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'msgtrk-reload-command-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(state, { recursive: true })
})

const nothing = {
  changed: [],
  kept: ['a'],
  restarted: [],
  started: [],
  stopped: [],
  sha256: 'abc',
  changesHttp: false,
}

/** What the command prints where an instance answers so; `file`: its configuration. */
async function printed(
  reload: InstanceView['reload'],
  file?: string,
  args: readonly string[] = [],
): Promise<string> {
  const config = { ...(file !== undefined && { file }) } as InstanceView['config']
  const observer = { status: () => Promise.reject(new Error('nobody asks')) }
  const control = await openControl({
    state,
    routes: controlRoutes({ config, reload } as never, observer as never),
    log: silent,
  })
  let text = ''
  const stdout = { write: (part: string) => (text += part) }
  try {
    const command = reloadCommand({ stop: new AbortController().signal, stdout })
    await command.parseAsync(['--state', state, ...args], { from: 'user' })
  } finally {
    await control?.close()
  }
  return text
}

test('it prints what changed, each name as it is', async () => {
  const done = {
    ...nothing,
    changed: ['destinations.b.to', 'sources.\u001b[2J'],
    restarted: ['b'],
    started: ['c'],
    stopped: ['d'],
  }
  expect(await printed(async () => done, '/etc/msgtrk.yaml')).toBe(
    [
      '/etc/msgtrk.yaml: in force, SHA-256 abc',
      '  changed: destinations.b.to',
      '  changed: sources.\\u001b[2J',
      '  untouched: a',
      '  goes on with the new settings: b',
      '  new: c',
      '  stopped: d',
      '',
    ].join('\n'),
  )
  expect(await printed(async () => nothing)).toContain(
    'The command line and its files: nothing has changed, SHA-256 abc',
  )
})

test('the instance is told who asks, behind sudo as well, and what is confirmed', async () => {
  const asked: unknown[] = []
  const reload: InstanceView['reload'] = async (request) => {
    asked.push(request)
    return nothing
  }
  vi.stubEnv('SUDO_USER', undefined)
  await printed(reload)
  vi.stubEnv('SUDO_USER', 'alice')
  await printed(reload, undefined, ['--deliver-again'])
  expect(asked).toEqual([
    { by: expect.stringMatching(/^msgtrk reload \((?!.*sudo).+\)$/), deliverAgain: false },
    { by: expect.stringMatching(/^msgtrk reload \(.+, by sudo of alice.*\)$/), deliverAgain: true },
  ])
})

test('mistakes are mistakes of the command, and anything else is none of theirs', async () => {
  const problem = { where: { file: 'msgtrk.yaml', line: 3 }, message: 'is no setting' }
  await expect(printed(() => Promise.reject(new ProblemsError([problem])))).rejects.toMatchObject({
    problems: [problem],
    exitCode: ExitCode.mistake,
  })
  await expect(printed(() => Promise.reject(new Error('a bug')))).rejects.toThrow('failed unexpectedly')
})

test('what is no question for a reload is refused', async () => {
  const reload = vi.fn()
  const routes = controlRoutes({ reload, config: {} } as never, {} as never)
  const control = await openControl({ state, routes, log: silent })
  for (const body of [
    undefined,
    { by: '' },
    { by: 'x'.repeat(300), deliverAgain: false },
    { by: 'x', force: true },
  ]) {
    await expect(ask({ state, method: 'POST', path: '/reload', body })).rejects.toThrow('/reload')
  }
  expect(reload).not.toHaveBeenCalled()
  await control?.close()
})
