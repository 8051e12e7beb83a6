import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type DoctorOptions, examine } from '../../../../src/app/doctor/examine.ts'
import { checkpointPath, createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { checkCommand } from '../../../../src/cli/commands/check.ts'
import type { Config } from '../../../../src/config/schema.ts'
import { makeCertificate } from '../../../support/certificates.ts'
import { freePort } from '../../../support/free-port.ts'
import { RunningInstance } from '../../../support/instance.ts'
import { Workplace } from '../../../support/program.ts'
import { startReceiver } from '../../destinations/receiver.ts'

const header = `#Software: Microsoft Exchange Server
#Version: 15.01.2507.039
#Log-type: Message Tracking Log
#Date: 2026-11-20T14:00:00.000Z
#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,event-id
`
const log = () => `${header}${new Date().toISOString()},10.0.0.1,a,10.0.0.2,EX01,SEND\r\n`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-live-'))
  await mkdir(join(folder, 'logs'))
  await writeFile(join(folder, 'logs', 'MSGTRK2026112014-1.LOG'), log())
})
afterEach(async () => {
  process.exitCode = undefined
  await rm(folder, { recursive: true })
})

/** What is told, and the exit code. */
async function live(
  config: string,
  ...args: string[]
): Promise<{ readonly text: string; readonly code: unknown }> {
  let text = ''
  const stdout = {
    columns: 80,
    write(part: string) {
      text += part
    },
  }
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(file, config)
  const doctor = (config: Config, options: DoctorOptions) => examine(config, { ...options, listenMs: 50 })
  await checkCommand({ stdout, stderr: { write() {} }, doctor }).parseAsync([file, '--live', ...args], {
    from: 'user',
  })
  const code = process.exitCode
  process.exitCode = undefined
  return { text, code }
}

/** A busy machine is as slow as a share or a proxy that is to be warned of: a second and more. */
const isSlow = ({ text }: { readonly text: string }) => /(?:seen in|read, in|closed) \d{4,} ms/.test(text)

const configFor = (port: number, more = '') => `state: state
sources: [{ name: EX01, folder: logs }]
destinations: [{ name: siem, to: 'tcp://127.0.0.1:${port}'${more} }]
`

test('all in order: exit code 0, in a table that fits 80 columns, and nothing was touched', async () => {
  const receiver = await startReceiver()
  const { text, code } = await vi.waitFor(async () => {
    const told = await live(configFor(receiver.port))
    expect(isSlow(told)).toBe(false)
    return told
  }, 150_000)
  expect(text).toContain('All is in order.')
  expect(code).toBe(0)
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  expect(text).toMatch(/^state {2}.*\n {2}ok {6}folder {6}is made at the first start\n/)
  expect(text).toMatch(/^source EX01 {2}/m)
  expect(text).toMatch(/^destination siem {2}tcp:/m)
  expect(text).toMatch(/backlog {5}EX01: nothing was delivered yet; \d+ bytes to deliver/)
  expect(receiver.received()).toHaveLength(0)
  expect(await readdir(folder)).toEqual(['logs', 'msgtrk.yaml'])
})

test.skipIf(process.platform === 'win32')('it shows who can read secrets and dead letters', async () => {
  const receiver = await startReceiver()
  const token = join(folder, 'token')
  await writeFile(token, 'a-token-that-nobody-guesses-0123456789', { mode: 0o600 })
  await mkdir(join(folder, 'state'), { mode: 0o700 })
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference, as it is written
  const http = "http: { listen: '127.0.0.1:0', token: '${file:token}' }\n"
  const { text } = await live(configFor(receiver.port) + http)
  expect(text).toMatch(/ok {6}readers {5}dead letters: for \S+ \(mode 700\)/)
  expect(text).toMatch(/^secret {2}.*token\n {2}ok {6}readers {5}for \S+ \(mode 600\)/m)
})

test('a test event is sent when it is asked for, once, and counts', async () => {
  const receiver = await startReceiver()
  const { text, code } = await live(configFor(receiver.port), '--send-test-event')
  expect(text).toMatch(/ok {6}test event {2}counts as delivered after \d+ ms/)
  expect(code).toBe(isSlow({ text }) ? 5 : 0)
  expect(
    String(receiver.received()).match(/CEF:0\|msgtrk\|msgtrk\|[^|]*\|msgtrk:060\|Test event\|/g),
  ).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['logs', 'msgtrk.yaml'])
})

test('failures: exit code 6, each with its remedy, and no event for who is not there', async () => {
  const config = configFor(await freePort()).replace('folder: logs', 'folder: nowhere')
  const { text, code } = await live(config, '--send-test-event')
  expect(text).toMatch(/failure folder {6}ENOENT/)
  expect(text).toMatch(/failure connection {2}connection refused/)
  expect(text).not.toContain('test event ')
  expect(text).toMatch(/\n2 failures, 1 warning; \d+ in order\.\n$/)
  expect(code).toBe(6)
})

test('of what is told over HTTP the certificate is looked at, and no port is bound', async () => {
  const { cert, key } = await makeCertificate({ commonName: 'page' })
  await writeFile(join(folder, 'c.pem'), cert)
  await writeFile(join(folder, 'k.pem'), key)
  const receiver = await startReceiver()
  // It is taken already.
  const http = `http: { listen: '127.0.0.1:${receiver.port}', tls: { cert: c.pem, key: k.pem } }\n`
  const { text, code } = await live(configFor(receiver.port) + http)
  expect(text).toMatch(/^http {2}127\.0\.0\.1:\d+\n {2}warning certificate our own, CN=page: valid until/m)
  expect(code).toBe(5)
})

test('warnings: exit code 5, as JSON for scripts', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).resume())
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const { text, code } = await live(configFor(port, ', closeTimeoutMs: 200'), '--json')
  const told = JSON.parse(text)
  expect(code).toBe(5)
  expect(told).toMatchObject({ version: 1, verdict: 'warning' })
  expect(told.parts.map(({ about }: { about: string }) => about)).toEqual([
    'instance',
    'source',
    'destination',
  ])
  expect(told.parts[2].examined).toContainEqual({
    verdict: 'warning',
    part: 'end',
    message: expect.stringContaining('has not closed the connection'),
    remedy: expect.stringContaining('confirm: time'),
  })
})

test('what Exchange deletes soon is told by the positions', async () => {
  const day = 86_400_000
  const old = new Date(Date.now() - 29 * day)
  const name = `MSGTRK${old.toISOString().slice(0, 13).replaceAll(/\D/g, '')}-1.LOG`
  const file = join(folder, 'logs', name)
  await writeFile(file, `${header}${old.toISOString()},10.0.0.1,a,10.0.0.2,EX01,SEND\r\n`)
  await utimes(file, old, old)
  const receiver = await startReceiver()
  const before = await live(configFor(receiver.port))
  expect(before.text.replaceAll(/\s+/g, ' ')).toMatch(
    /warning backlog EX01: nothing was delivered yet; .* the oldest record 29 d old; Exchange deletes it in about/,
  )
  expect(before.code).toBe(5)
  // One that began later has nothing to do with it.
  const later = configFor(receiver.port).replace(
    'folder: logs',
    `folder: logs, startAt: ${new Date(Date.now() - day).toISOString()}`,
  )
  expect((await live(later)).code).toBe(0)
  const state = checkpointPath(join(folder, 'state'), 'siem')
  await mkdir(dirname(state), { recursive: true })
  const mark = { fileId: 'EX01/end', offset: 0, header: -1 }
  await createCheckpoint(state).save(new Map([[mark.fileId, mark]]))
  await writeFile(state, 'damaged')
  const damaged = await live(configFor(receiver.port))
  expect(damaged.text).toMatch(/failure positions {3}the checkpoint is damaged/)
  expect(damaged.code).toBe(6)
})

test('beside a running instance it disturbs nothing and tells how that fares', async () => {
  const place = await Workplace.open(onTestFinished)
  await mkdir(place.path('logs'))
  await writeFile(place.path('logs/MSGTRK2026112014-1.LOG'), log())
  const receiver = await startReceiver()
  const running = await RunningInstance.start(place, onTestFinished, configFor(receiver.port))
  await receiver.has(1)
  const config = configFor(receiver.port)
    .replace('state: state', `state: ${place.path('state')}`)
    .replace('folder: logs', `folder: ${place.path('logs')}`)
  const { text } = await live(config)
  expect(text).toMatch(/ok {6}instance {4}msgtrk \S+ runs as process \d+/)
  expect(text).toContain('can be written to')
  expect(text).toMatch(/backlog {5}EX01: /)
  expect(running.log.lines.filter((line) => /^(?:warn|error)/.test(line))).toEqual([])
})
