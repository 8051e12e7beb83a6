/** The scenario of all peers: logs are delivered once, and the peer has exactly what they hold. */
import { expect, onTestFinished, vi } from 'vitest'
import { stringify } from 'yaml'
import { Workplace } from '../support/program.ts'
import { writeCertificates } from './certificates.ts'
import type { Header, Logs } from './logs.ts'
import type { Peer, PeerOptions } from './peer.ts'

const DELIVERY_MS = 30_000
const ARRIVAL_MS = 15_000

/** The peer stays alive, so a short wait is enough to count as delivered. */
const CONFIRM_AFTER_MS = 200

export interface Delivery extends Pick<PeerOptions, 'protocol' | 'framing'> {
  readonly header: Header
}

/** Starts a peer, delivers the logs to it, and holds what it wrote against what `convert` makes of them. */
export async function expectDelivery(
  logs: Logs,
  { protocol, framing = 'lf', header }: Delivery,
  start: (options: PeerOptions) => Promise<Peer>,
): Promise<void> {
  const place = await Workplace.open(onTestFinished)
  const tls = protocol === 'tls' ? await writeCertificates(place) : undefined
  const certificates = tls && { certificates: tls.peer }
  const peer = await start({ folder: place.folder, protocol, framing, ...certificates })
  onTestFinished(() => peer.kill())

  await deliver(place, logs.folder, {
    to: `${protocol}://127.0.0.1:${peer.port}`,
    syslog: { header },
    ...(protocol !== 'udp' && { framing, confirmAfterMs: CONFIRM_AFTER_MS }),
    ...(tls && { tls: tls.program }),
  })
  const { all, firstFile } = logs.messages[header]
  await vi.waitFor(async () => expect((await peer.lines()).length).toBeGreaterThanOrEqual(all.length), {
    timeout: ARRIVAL_MS,
    interval: 50,
  })
  await peer.stop() // what came twice is on its disk now, too

  const lines = await peer.lines()
  expectSame([...lines].sort(), [...all].sort())
  const ofFirstFile = new Set(firstFile)
  const inOrder = lines.filter((line) => ofFirstFile.has(line))
  expectSame(inOrder, firstFile)
  expectSame(await peer.headers(), lines.map(headerOf))
}

/** Runs the program until all logs of the folder are delivered. */
async function deliver(place: Workplace, folder: string, destination: unknown): Promise<void> {
  const config = { state: 'state', sources: [{ folder }], destinations: [destination] }
  await place.write('msgtrk.yaml', stringify(config))
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  // It would try for ever.
  const limit = setTimeout(() => program.child.kill(), DELIVERY_MS)
  const { code, stderr } = await program.ended
  clearTimeout(limit)
  expect(code, stderr).toBe(0)
}

/** Compares line by line: a difference of whole lists would be megabytes long. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
  const index = expected.findIndex((line, at) => line !== actual[at])
  if (index >= 0) expect(actual[index], `line ${index + 1}`).toBe(expected[index])
  expect(actual.length).toBe(expected.length)
}

/** What a message says in its header, in the form of `Peer.headers`. */
function headerOf(message: string): string {
  const rfc5424 = /^<(\d+)>1 (\S+) (\S+) (\S+) - - - CEF:/.exec(message)
  if (rfc5424) {
    const [, priority, time, host, program] = rfc5424
    const [, day, month, , clock] = new Date(time ?? '').toUTCString().split(' ')
    return `${priority} ${month} ${day} ${clock} ${host} ${program}`
  }
  // Without a tag of its own, the start of the event is taken for one.
  return message.replace(/^<(\d+)>(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) CEF:.*$/, '$1 $2 $3 CEF')
}
