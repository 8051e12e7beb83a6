import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Instance, type InstanceOptions } from '../../../src/app/instance.ts'
import type { ObservedInstance } from '../../../src/app/instance-view.ts'
import { configFromOptions } from '../../../src/config/load.ts'
import { type InstanceStatus, statusSchema } from '../../../src/status/snapshot.ts'
import { freePort } from '../../support/free-port.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const header =
  '#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id\r\n'
const row = (atMs: number) => `${new Date(atMs).toISOString()},,,,EX01,,,SMTP,RECEIVE\r\n`

let folder: string
let servers: Server[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-status-'))
  await mkdir(join(folder, 'EX01'))
})
afterEach(async () => {
  for (const server of servers) server.close()
  servers = []
  await rm(folder, { recursive: true })
})

/** Takes all there is, and closes after whoever ended. */
async function listen(wanted?: number): Promise<number> {
  const port = wanted ?? (await freePort())
  const server = createServer((socket) => void socket.resume().on('error', () => {}))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return port
}

/** A letter's file is a folder, which nobody can write into. */
const lettersOf = (destination: string) => join(folder, 'state', destination, 'dead-letters.ndjson')

interface WithInstance {
  readonly to: string
  readonly events?: readonly string[]
  readonly logWrong?: InstanceOptions['logWrong']
}

/** Runs an instance until `use` is done. */
async function withInstance(
  { logWrong, ...options }: WithInstance,
  use: (until: (what: (status: InstanceStatus) => boolean) => Promise<InstanceStatus>) => Promise<void>,
): Promise<void> {
  const config = configFromOptions({ from: [join(folder, 'EX01')], state: join(folder, 'state'), ...options })
  const stop = new AbortController()
  let used: Promise<void> | undefined
  const until = (view: ObservedInstance) => async (what: (status: InstanceStatus) => boolean) => {
    for (;;) {
      const status = await view.status()
      if (what(status)) return statusSchema.parse(status)
      // What is asked for within a second is the same.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const instance = await Instance.open({
    config,
    log: silent,
    stop: stop.signal,
    follow: true,
    ...(logWrong !== undefined && { logWrong }),
    onStart: (view) => {
      used = use(until(view)).finally(() => stop.abort())
    },
  })
  await instance.run()
  await used
}

const kindsIn = ({ findings }: InstanceStatus) => findings.map(({ kind }) => kind)

test('a receiver that is down, what waits for it, and that all is well when it is back', async () => {
  const port = await freePort()
  const file = join(folder, 'EX01', 'MSGTRK2026112010-1.LOG')
  const beganMs = Date.now() - 60_000
  await writeFile(file, header + row(beganMs) + row(beganMs + 1000))
  await withInstance({ to: `tcp://127.0.0.1:${port}` }, async (until) => {
    const down = await until(
      ({ health, destinations }) => health === 'down' && destinations[0]?.counts.read === 2,
    )
    expect(kindsIn(down)).toEqual(['destinationDown'])
    expect(down.findings[0]?.why).toMatch(/connection refused/)
    const { backlog, state, receivers } = down.destinations[0] ?? {}
    expect(state).toBe('unavailable')
    expect(receivers).toMatchObject([{ state: 'unavailable', lasting: false }])
    expect(backlog).toMatchObject({ bytes: (await stat(file)).size, complete: true })
    expect(backlog?.oldestRecordAt).toBe(new Date(beganMs).toISOString())
    expect(down.sources[0]).toMatchObject({ server: 'EX01', files: 1, reachable: true })

    await listen(port)
    const well = await until(
      ({ health, destinations }) => health === 'well' && destinations[0]?.state === 'idle',
    )
    expect(well.findings).toEqual([])
    expect(well.destinations[0]).toMatchObject({
      backlog: { bytes: 0 },
      counts: { delivered: 2, inFlight: 0 },
    })
    expect(well.destinations[0]?.lastDeliveryAt).not.toBeNull()
  })
})

test('without a record, too, a receiver that is down shows at once', async () => {
  const port = await freePort()
  await withInstance({ to: `tcp://127.0.0.1:${port}` }, async (until) => {
    expect(kindsIn(await until(({ health }) => health === 'down'))).toContain('destinationDown')
  })
})

test('a folder that is not there, and one without logs', async () => {
  const port = await listen()
  await withInstance({ to: `tcp://127.0.0.1:${port}` }, async (until) => {
    expect(kindsIn(await until(({ findings }) => findings.length > 0))).toEqual(['sourceEmpty'])
    await rm(join(folder, 'EX01'), { recursive: true })
    const away = await until(({ health }) => health === 'down')
    expect(kindsIn(away)).toEqual(['sourceUnreachable'])
    expect(away.destinations[0]?.backlog).toMatchObject({ bytes: 0, complete: false })
  })
})

test('dead letters that can not be written, and that all goes on once they can', async () => {
  const port = await listen()
  const to = `tcp://127.0.0.1:${port}`
  await writeFile(join(folder, 'EX01', 'MSGTRK2026112010-1.LOG'), `${header}no record\r\n${row(Date.now())}`)
  const { name } = configFromOptions({ from: [folder], to }).destinations[0] ?? { name: '' }
  await mkdir(lettersOf(name), { recursive: true })
  await withInstance({ to }, async (until) => {
    const stuck = await until(({ findings }) => findings.length > 0)
    expect(stuck.findings).toMatchObject([
      {
        kind: 'lettersNotWritten',
        severity: 'trouble',
        part: `destination ${name}`,
        why: expect.stringContaining('EISDIR'),
      },
    ])
    expect(stuck.destinations[0]).toMatchObject({
      deadLetters: { reason: expect.stringMatching(/EISDIR/) },
      counts: { malformed: 0, inFlight: 2 },
    })
    await rm(lettersOf(name), { recursive: true })
    const well = await until(({ destinations }) => destinations[0]?.counts.inFlight === 0)
    expect(kindsIn(well)).toEqual(['malformed'])
    expect(well.destinations[0]?.deadLetters).toEqual({ since: null, reason: null })
  })
})

test('the own log that can not be written', async () => {
  const port = await listen()
  const logWrong = {
    reason: 'ENOSPC: no space left on device, write',
    firstReason: '',
    sinceMs: 0,
    changes: 0,
  }
  await writeFile(join(folder, 'EX01', 'MSGTRK2026112010-1.LOG'), header + row(Date.now()))
  await withInstance({ to: `tcp://127.0.0.1:${port}`, logWrong: () => logWrong }, async (until) => {
    const status = await until(({ findings }) => findings.length > 0)
    expect(kindsIn(status)).toEqual(['logNotWritten'])
    expect(status.health).toBe('degraded')
  })
})

test('lines that are no records, a server whose clock is wrong, and an unfinished line that is nothing behind', async () => {
  const port = await listen()
  const file = join(folder, 'EX01', 'MSGTRK2026112010-1.LOG')
  await writeFile(file, `${header}${row(Date.now())}nonsense\r\n${row(Date.now() + 3_600_000)}2026-11`)
  await withInstance({ to: `tcp://127.0.0.1:${port}` }, async (until) => {
    const status = await until(({ destinations }) => destinations[0]?.state === 'idle')
    expect(kindsIn(status)).toEqual(['clockWrong', 'malformed'])
    expect(status.destinations[0]?.backlog.bytes).toBe(0)
    expect(status.health).toBe('degraded')
  })
})

test('a source that is silent, and a filter that lets nothing pass', async () => {
  const port = await listen()
  const rows = Array.from({ length: 150 }, (_, index) => row(Date.now() - 7_200_000 + index))
  await writeFile(join(folder, 'EX01', 'MSGTRK2026112010-1.LOG'), header + rows.join(''))
  await withInstance({ to: `tcp://127.0.0.1:${port}`, events: ['FAIL'] }, async (until) => {
    const status = await until(({ destinations }) => destinations[0]?.counts.filtered === 150)
    expect(kindsIn(status)).toEqual(['sourceSilent', 'filterLetsNothingPass'])
    expect(status.destinations[0]?.state).toBe('idle')
  })
})
