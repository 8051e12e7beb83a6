import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { receiveCommand } from '../../../../src/cli/commands/receive.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { makeSelfSigned } from '../../../../src/receive/self-signed.ts'
import { told } from '../../../support/told.ts'
import { ending } from '../../receive/ending.ts'

const program = fileURLToPath(new URL('../../../../dist/main.js', import.meta.url))
const certificate = makeSelfSigned()
const event = '<134>Nov 22 00:00:00 EX01 CEF:0|Microsoft|Exchange Server|15|SEND|SEND|3| msg=hello'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The command inside this process; `listening` resolves to the port that it says it listens on. */
function runCommand(...args: string[]) {
  const controller = new AbortController()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const output = text(stdout)
  let said = ''
  const listening = new Promise<number>((done) => {
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const port = /Listening on \w+:\/\/[^\s]*:(\d+)\n/.exec(said)?.[1]
      if (port !== undefined) done(Number(port))
    })
  })
  const program = new Command().exitOverride()
  program.addCommand(receiveCommand({ stop: controller.signal, stdout, stderr }))
  const parsed = program.parseAsync(['receive', ...args], { from: 'user' })
  const done = parsed.then(async () => {
    stdout.end()
    const exitCode = process.exitCode
    process.exitCode = undefined
    return { exitCode, stdout: await output, stderr: said }
  })
  return { listening, done, stop: () => controller.abort() }
}

async function sendTo(port: number, data: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.end(data)
  await ending(socket)
}

describe('the command', () => {
  const anyPort = ['--listen', 'tcp://127.0.0.1:0']

  test('prints frames as they came, stops after the count and sums up', async () => {
    const run = runCommand(...anyPort, '--count', '2')
    await sendTo(await run.listening, `${event} 1\n${event} 2\n${event} 3\n`)
    const { exitCode, stdout, stderr } = await run.done
    expect(stdout).toBe(`${event} 1\n${event} 2\n`)
    expect(stderr).toMatch(/\nevents 2, errors 0, seconds \d+\.\d\n$/)
    expect(exitCode).toBe(0)
  })

  test('says what is wrong with a frame and exits with 1', async () => {
    const run = runCommand(...anyPort, '--format', 'json')
    const port = await run.listening
    await sendTo(port, `${event}\\|\x1b[2J in=007\n${event}\n`)
    run.stop()
    const { exitCode, stdout, stderr } = await run.done
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toMatchObject({
      syslog: { host: 'EX01' },
      cef: { extension: { msg: 'hello' } },
    })
    expect(stderr).toMatch(/error: 127\.0\.0\.1:\d+: byte 83: In a value a backslash may only precede/)
    expect(stderr).toContain('msg=hello▸\\|\\u001b[2J')
    expect(stderr).not.toContain('\x1b')
    expect(stderr).toMatch(/events 1, errors 1,/)
    expect(exitCode).toBe(1)
  })

  test('does not gather errors for a standard error that nobody reads', async () => {
    const controller = new AbortController()
    const taken: string[] = []
    let release = () => {}
    let isRead = false
    let port = 0
    const stderr = new Writable({
      write(chunk: Buffer, _encoding, done) {
        taken.push(String(chunk))
        port = Number(/:(\d+)\n$/.exec(taken[0] ?? '')?.[1])
        if (taken.length === 1 || isRead) done()
        else release = done
      },
    })
    const context = { stop: controller.signal, stdout: new PassThrough().resume(), stderr }
    const done = receiveCommand(context).parseAsync([...anyPort, '--quiet'], { from: 'user' })
    await vi.waitFor(() => expect(port).toBeGreaterThan(0), 150_000)
    const errors = 40_000
    await sendTo(port, 'what?\n'.repeat(errors))
    expect(stderr.writableLength).toBeLessThan(1_100_000)
    controller.abort()
    // Whoever reads again gets what was kept, and how much was not.
    isRead = true
    release()
    await done
    await vi.waitFor(() => expect(taken.at(-1)).toContain(`errors ${errors},`), 150_000)
    process.exitCode = undefined
    const [, unsaid = ''] = /warning: ([\d,]+) messages came faster/.exec(taken.join('')) ?? []
    expect(
      taken.filter((line) => line.startsWith('error: ')).length + Number(unsaid.replaceAll(',', '')),
    ).toBe(errors)
  })

  test('raw prints what can not be decoded, too, and counts it', async () => {
    const run = runCommand(...anyPort)
    await sendTo(await run.listening, 'what?\n')
    run.stop()
    const { exitCode, stdout } = await run.done
    expect(stdout).toBe('what?\n')
    expect(exitCode).toBe(1)
  })

  test('--no-decode counts frames unchecked, --quiet prints none', async () => {
    const run = runCommand(...anyPort, '--no-decode', '--quiet', '--format', 'raw')
    await sendTo(await run.listening, 'what?\nwhat?\n')
    run.stop()
    const { exitCode, stdout, stderr } = await run.done
    expect(stdout).toBe('')
    expect(stderr).toMatch(/events 2, errors 0,/)
    expect(exitCode).toBe(0)
  })

  test('pretty shows the event without colours when there is no terminal', async () => {
    const run = runCommand(...anyPort, '--format', 'pretty', '--count', '1')
    await sendTo(await run.listening, `${event}\n`)
    const { stdout } = await run.done
    expect(stdout).toBe('Nov 22 00:00:00  SEND  severity 3  from EX01\n  msg = hello\n')
  })

  test('a stop before the count is reached is no success', async () => {
    const run = runCommand(...anyPort, '--count', '2')
    await sendTo(await run.listening, `${event}\n`)
    run.stop()
    expect((await run.done).exitCode).toBe(1)
  })

  test('makes a certificate for tls, says how to trust it and removes its file at the end', async () => {
    const run = runCommand('--listen', 'tls://127.0.0.1:0', '--count', '1')
    const port = await run.listening
    const untrusted = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
    await once(untrusted, 'secureConnect')
    const { fingerprint256 } = untrusted.getPeerCertificate()
    untrusted.end(`${event}\n`)
    untrusted.on('error', () => {})
    const { stderr, stdout } = await run.done
    expect(stdout).toBe(`${event}\n`)
    expect(stderr).toContain(`tls.fingerprint  ${fingerprint256}`)
    const file = /tls\.ca +(\S+)/.exec(stderr)?.[1]
    expect(file).toMatch(/ca\.pem$/)
    expect(existsSync(file!)).toBe(false)
  })

  test('takes a certificate from files and requires client certificates', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'msgtrk-test-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    const { cert, key } = await certificate
    await writeFile(join(folder, 'cert.pem'), cert)
    await writeFile(join(folder, 'key.pem'), key)
    const files = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')]
    const run = runCommand('--listen', 'tls://127.0.0.1:0', ...files, '--client-ca', join(folder, 'cert.pem'))
    const port = await run.listening
    const socket = connectTls({ host: '127.0.0.1', port, ca: cert, cert, key })
    socket.end(`${event}\n`)
    expect(await ending(socket)).toBe('clean')
    run.stop()
    expect((await run.done).stdout).toBe(`${event}\n`)
    expect(await readFile(join(folder, 'cert.pem'), 'utf8')).toBe(cert)
  })

  test('names every mistake of the command line at once', async () => {
    const run = runCommand('--listen', 'http://x', '--cert', 'a.pem', '--format', 'json', '--no-decode')
    const error = await run.done.catch((problem: unknown) => problem)
    expect(error).toBeInstanceOf(ProblemsError)
    expect(told((error as ProblemsError).problems).map(({ where }) => where)).toEqual([
      '--listen',
      '--cert, --key',
      '--listen',
      '--no-decode',
    ])
  })

  test('names every PEM file that can not be read', async () => {
    const files = ['--cert', 'no.pem', '--key', 'no.key', '--client-ca', 'no-ca.pem']
    const run = runCommand('--listen', 'tls://127.0.0.1:0', ...files)
    const error = await run.done.catch((problem: unknown) => problem)
    expect(told((error as ProblemsError).problems).map(({ where }) => where)).toEqual([
      '--cert',
      '--key',
      '--client-ca',
    ])
  })

  test('ends quietly when the reader of its output has gone', async () => {
    const child = spawn(process.execPath, [program, 'receive', '--listen', 'tcp://127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    cleanups.push(() => child.kill())
    let said = ''
    const listening = new Promise<number>((done) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const port = /Listening on tcp:\/\/127\.0\.0\.1:(\d+)\n/.exec(said)?.[1]
        if (port !== undefined) done(Number(port))
      })
    })
    const socket = connect({ host: '127.0.0.1', port: await listening })
    socket.on('error', () => {})
    child.stdout.destroy()
    socket.write(`${event}\n`)
    const [exitCode] = await once(child, 'close')
    expect(said).toMatch(/^Listening on [^\n]*\n(events \d, errors 0, seconds [\d.]+\n)?$/)
    expect(exitCode).toBe(0)
  })
})
