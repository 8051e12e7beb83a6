import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { get } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, askLines } from '../../../src/control/client.ts'
import type { ControlRoute } from '../../../src/control/routes.ts'
import { type Control, openControl } from '../../../src/control/server.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'

const silentLog = { debug() {}, info() {}, warn() {}, error() {} }
const hasSockets = process.platform !== 'win32'

let state: string
let opened: Control[] = []

beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'msgtrk-test-'))
})
afterEach(async () => {
  for (const each of opened) await each.close()
  opened = []
  rmSync(state, { recursive: true, force: true })
})

const routes: readonly ControlRoute[] = [
  { method: 'GET', path: '/status', handler: ({ query }) => ({ value: { well: true, query } }) },
  { method: 'POST', path: '/echo', handler: ({ body }) => ({ value: body ?? null }) },
  {
    method: 'POST',
    path: '/refuse',
    handler: () => ({
      problems: [{ where: { file: 'msgtrk.yaml', line: 3 }, message: 'is wrong', remedy: 'mend it' }],
    }),
  },
  {
    method: 'GET',
    path: '/broken',
    handler: () => {
      throw new Error('a bug')
    },
  },
  {
    method: 'GET',
    path: '/line-ends',
    handler: () => ({
      lines: (async function* () {
        yield { text: 'a\u2028b\u2029c' }
      })(),
    }),
  },
  {
    method: 'GET',
    path: '/lines',
    handler: () => ({
      lines: (async function* () {
        for (let n = 0; n < 3; n++) yield { n }
      })(),
    }),
  },
]

async function open(folder = state): Promise<Control> {
  const control = await openControl({ state: folder, routes, log: silentLog })
  if (control === null) throw new Error('no socket')
  opened.push(control)
  return control
}

async function failure(asked: Promise<unknown>): Promise<ProblemsError> {
  const error = await asked.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(ProblemsError)
  return error as ProblemsError
}

async function outputOf({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of stdout ?? []) text += part
  return text.trim()
}

const status = () => ask({ state, method: 'GET', path: '/status' })

describe.runIf(hasSockets)('the control socket', () => {
  it('answers questions with values', async () => {
    await open()
    expect(await ask({ state, method: 'GET', path: '/status?a=1' })).toEqual({
      well: true,
      query: { a: '1' },
    })
    expect(await ask({ state, method: 'POST', path: '/echo', body: { ü: [1] } })).toEqual({ ü: [1] })
  })

  it('answers with problems as values', async () => {
    await open()
    const { problems, exitCode } = await failure(ask({ state, method: 'POST', path: '/refuse' }))
    expect(problems).toEqual([
      { where: { file: 'msgtrk.yaml', line: 3 }, message: 'is wrong', remedy: 'mend it' },
    ])
    expect(exitCode).toBe(ExitCode.mistake)
    expect((await failure(ask({ state, method: 'GET', path: '/nothing' }))).problems[0]?.where).toEqual({
      argument: '/nothing',
    })
    expect((await failure(ask({ state, method: 'GET', path: '/echo' }))).message).toMatch('GET')
  })

  it('goes on after a handler that fails', async () => {
    await open()
    expect((await failure(ask({ state, method: 'GET', path: '/broken' }))).message).toMatch('unexpectedly')
    expect(await status()).toMatchObject({ well: true })
  })

  it('gives lines as they come', async () => {
    await open()
    const lines: unknown[] = []
    for await (const line of askLines({ state, method: 'GET', path: '/lines' })) lines.push(line)
    expect(lines).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
  })

  it('writes no line end of Unicode into a line, which some readers would end it at', async () => {
    const { address } = await open()
    const raw = await new Promise<string>((resolve, reject) => {
      get({ socketPath: address, path: '/line-ends' }, async (response) => {
        let text = ''
        for await (const part of response.setEncoding('utf8')) text += part
        resolve(text)
      }).on('error', reject)
    })
    expect(raw).toBe('{"text":"a\\u2028b\\u2029c"}\n')
    expect(JSON.parse(raw)).toEqual({ text: 'a\u2028b\u2029c' })
  })

  it('is a socket for its owner alone, in the state folder', async () => {
    const { address } = await open()
    expect(address).toBe(path.join(state, 'control.sock'))
    expect(statSync(address).mode & 0o777).toBe(0o600)
  })

  const isRoot = process.getuid?.() === 0
  it.runIf(isRoot && existsSync('/usr/bin/setpriv'))('refuses every other account', async () => {
    await open()
    // Only the rights of the socket itself are left to stop anyone.
    chmodSync(state, 0o755)
    const knock = `
      require('net').connect(process.argv[1])
        .on('connect', () => { console.log('let in'); process.exit() })
        .on('error', ({ code }) => console.log(code))`
    const as = (uid: number) =>
      spawn('setpriv', [
        ...[`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
        ...[process.execPath, '-e', knock, path.join(state, 'control.sock')],
      ])
    expect(await outputOf(as(65534))).toBe('EACCES')
    expect(await outputOf(as(0))).toBe('let in')
  })

  it('leaves nothing behind', async () => {
    const control = await open()
    await control.close()
    expect(readdirSync(state)).toEqual([])
  })

  it('says that no instance is running, and where it looked', async () => {
    const { problems, exitCode } = await failure(status())
    expect(problems[0]).toMatchObject({
      where: { file: state },
      message: expect.stringContaining('no instance'),
    })
    expect(exitCode).toBe(ExitCode.notRunning)
    const folder = path.join(state, 'nowhere')
    expect((await failure(ask({ state: folder, method: 'GET', path: '/status' }))).exitCode).toBe(
      ExitCode.notRunning,
    )
  })

  it('replaces the socket of an instance that has died', async () => {
    // A socket that nobody listens on any more stays behind when a process is killed.
    const dead = createServer()
    const place = path.join(state, 'dead')
    await new Promise<void>((resolve) => dead.listen(place, resolve))
    const { renameSync } = await import('node:fs')
    renameSync(place, path.join(state, 'control.sock'))
    await new Promise<void>((resolve) => void dead.close(() => resolve()))
    expect((await failure(status())).exitCode).toBe(ExitCode.notRunning)
    await open()
    expect(await status()).toMatchObject({ well: true })
  })

  it('leaves the socket of the one that has taken the folder meanwhile', async () => {
    const first = await open()
    const second = await open()
    await first.close()
    expect(lstatSync(second.address).isSocket()).toBe(true)
    expect(await status()).toMatchObject({ well: true })
  })

  it('is made again with the state folder', async () => {
    const control = await open()
    rmSync(state, { recursive: true })
    await mkdir(state)
    expect((await failure(status())).exitCode).toBe(ExitCode.notRunning)
    await control.remake()
    expect(await status()).toMatchObject({ well: true })
  })

  it('is elsewhere, in a private folder, where the path is too long', async () => {
    const deep = path.join(state, 'a'.repeat(60), 'b'.repeat(60))
    await mkdir(deep, { recursive: true })
    const control = await open(deep)
    expect(Buffer.byteLength(control.address)).toBeLessThan(100)
    expect(readFileSync(path.join(deep, 'control.path'), 'utf8')).toBe(`${control.address}\n`)
    expect(statSync(path.join(deep, 'control.path')).mode & 0o777).toBe(0o600)
    expect(statSync(control.address).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(control.address)).mode & 0o777).toBe(0o700)
    expect(await ask({ state: deep, method: 'GET', path: '/status' })).toMatchObject({ well: true })
    await control.close()
    expect(() => statSync(path.dirname(control.address))).toThrow()
    expect((await failure(ask({ state: deep, method: 'GET', path: '/status' }))).exitCode).toBe(
      ExitCode.notRunning,
    )
  })

  it('removes no folder but its own, whatever stands in the pointer', async () => {
    const kept = path.join(state, 'kept')
    await mkdir(kept)
    writeFileSync(path.join(kept, 'control.sock'), 'precious')
    writeFileSync(path.join(state, 'control.path'), `${kept}/control.sock\n`)
    await open()
    expect(readFileSync(path.join(kept, 'control.sock'), 'utf8')).toBe('precious')
  })

  it('gives no answer to what is too large, no JSON or no HTTP, and answers the next', async () => {
    const { address } = await open()
    const said = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = ''
        const socket = connect(address, () => socket.write(text))
        socket.on('data', (bytes) => {
          answer += bytes
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
      })
    const post = (length: number, body: string) =>
      `POST /echo HTTP/1.1\r\nHost: msgtrk\r\nContent-Length: ${length}\r\n\r\n${body}`
    expect(await said(post(70_000, 'x'.repeat(70_000)))).toMatch(/413/)
    expect(await said(post(1, '{'))).toMatch(/400/)
    expect(await said('\0\0\0\0\r\n\r\n')).toBe('')
    expect(await said(`GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: msgtrk\r\n\r\n`)).toBe('')
    expect(await status()).toMatchObject({ well: true })
  })

  it('takes no more than some connections at a time, and ends those that ask nothing', async () => {
    const { address } = await open()
    const ended: number[] = []
    const sockets = Array.from({ length: 40 }, () => connect(address))
    await Promise.all(
      sockets.map(
        (socket, index) =>
          new Promise<void>((resolve) => {
            socket.on('error', () => undefined)
            socket.on('close', () => {
              ended.push(index)
              resolve()
            })
          }),
      ),
    )
    // Those over the limit at once, the others after a few seconds.
    expect(Math.min(...ended.slice(0, 8))).toBe(32)
    expect(await status()).toMatchObject({ well: true })
  })
})
