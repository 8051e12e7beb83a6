/** Peers that are killed under load and come back: every event is on their disk in the end. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { freePort } from '../support/free-port.ts'
import { Workplace } from '../support/program.ts'
import { writeCertificates } from './certificates.ts'
import { describePeer, type Peer, type PeerOptions } from './peer.ts'
import { rsyslogProgram, syslogNgProgram } from './programs.ts'
import { startRsyslog } from './rsyslog.ts'
import { startSyslogNg } from './syslog-ng.ts'

const EVENTS = 40_000
/** How much of all has to be on its disk for the next kill. */
const KILLED_AT = [0.1, 0.3, 0.6]
const limits = { timeout: 60_000, interval: 20 }

const peers = [
  ['rsyslog', rsyslogProgram, startRsyslog],
  ['syslog-ng', syslogNgProgram, startSyslogNg],
] as const

for (const [name, program, start] of peers) {
  describePeer(name, program, () => {
    test.for(['tcp', 'tls'] as const)('killed under load three times, it has every event (%s)', (protocol) =>
      expectNothingLost(protocol, start),
    )
  })
}

async function expectNothingLost(
  protocol: 'tcp' | 'tls',
  start: (options: PeerOptions) => Promise<Peer>,
): Promise<void> {
  const place = await Workplace.open(onTestFinished)
  await run(place, 'simulate', '--into', 'EX01', '--events', String(EVENTS))
  const messages = (await run(place, 'convert', '--syslog', 'rfc3164', 'EX01')).split('\n').slice(0, -1)
  const tls = protocol === 'tls' ? await writeCertificates(place) : undefined
  const port = await freePort()
  const options = { folder: place.folder, protocol, port, ...(tls && { certificates: tls.peer }) }
  let peer = await start(options)
  onTestFinished(() => peer.kill())

  // Connections take turns often, so that each kill meets one at another point.
  const turns = { turnAfterMs: 500, turnAfterBytes: 1024 ** 2 }
  const destination = { to: `${protocol}://127.0.0.1:${port}`, ...turns, ...(tls && { tls: tls.program }) }
  const config = { state: 'state', sources: [{ folder: 'EX01' }], destinations: [destination] }
  await place.write('msgtrk.yaml', stringify(config))
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  for (const share of KILLED_AT) {
    const enough = EVENTS * share
    await vi.waitFor(async () => expect((await peer.lines()).length).toBeGreaterThan(enough), limits)
    await peer.kill()
    peer = await start(options)
  }
  const { code, stderr } = await program.ended
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('Destination unavailable')
  await peer.stop()

  const lines = await peer.lines()
  expect(messages).toHaveLength(EVENTS)
  expect(missing(messages, lines)).toEqual([])
}

/** Messages that are in none of the lines. */
function missing(messages: readonly string[], lines: readonly string[]): readonly string[] {
  const whole = new Set(lines)
  // A peer that was killed may have left half a line, to which the next one was appended.
  const headless = lines.filter((line) => line.lastIndexOf('<134>') > 0)
  return messages.filter((message) => !whole.has(message) && !headless.some((line) => line.endsWith(message)))
}

async function run(place: Workplace, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await place.run(...args)
  if (code !== 0) throw new Error(stderr)
  return stdout.toString('latin1')
}
