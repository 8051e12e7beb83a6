/** Destinations as the program makes them, from settings to what receivers got. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createDestination } from '../../src/destinations/destination.ts'
import type { DestinationOptions } from '../../src/destinations/options.ts'
import { createTcp } from '../../src/destinations/stream/tcp.ts'
import { streamTimes } from '../../src/destinations/stream/times.ts'
import { createTls } from '../../src/destinations/stream/tls.ts'
import type { Destination, Outcome } from '../../src/flow/delivery.ts'
import { type Certificate, makeAuthority, makeCertificate } from '../support/certificates.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { Changes } from '../support/until.ts'
import {
  batchOf,
  deliver,
  hostPortOf,
  recordingLog,
  settings,
  startReceiver,
} from '../unit/destinations/receiver.ts'

let folder: string
let server: Certificate
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-destinations-'))
  const authority = await makeAuthority()
  server = await makeCertificate({ authority })
  ca = join(folder, 'ca.pem')
  await writeFile(ca, authority.cert)
})
afterAll(() => rm(folder, { recursive: true }))

function create(to: string, changes: Partial<DestinationOptions> = {}): Destination {
  const destination = createDestination(settings(to, changes), recordingLog())
  onTestFinished(() => destination.close())
  return destination
}

const receiver = (protocol: 'tcp' | 'tls') =>
  startReceiver(protocol === 'tls' ? { tls: { cert: server.cert, key: server.key } } : {})
const tlsFor = (protocol: 'tcp' | 'tls') => (protocol === 'tls' ? { tls: { ca } } : {})

const frame = (i: number) => `<134>event ${i} ${'x'.repeat(i % 700)}\n`

describe.each(['tcp', 'tls'] as const)('%s', (protocol) => {
  it('brings large and small batches byte for byte', async () => {
    const peer = await receiver(protocol)
    const destination = create(`${protocol}://localhost:${peer.port}`, {
      confirm: 'time',
      ...tlsFor(protocol),
    })
    const batches = Array.from({ length: 20 }, (_, b) =>
      batchOf(...Array.from({ length: b * 100 }, (_, i) => frame(b * 1000 + i))),
    )
    const outcomes = []
    for (const batch of batches) outcomes.push((await destination.send(batch)).outcome)
    for (const outcome of outcomes) expect(await outcome).toEqual({ status: 'delivered' })
    const sent = Buffer.concat(batches.map(({ frames }) => frames))
    await peer.has(sent.length)
    expect(peer.received().equals(sent)).toBe(true)
    expect(peer.sockets).toHaveLength(1)
  })

  it('loses nothing to a receiver that resets again and again, if what is not delivered is sent anew', async () => {
    const count = 200
    const peer = await receiver(protocol)
    let resets = 0
    let isAllThere = false
    const changes = new Changes()
    peer.server.on(protocol === 'tls' ? 'secureConnection' : 'connection', (socket) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.length > 20_000 && resets < 4) {
          resets++
          socket.destroy()
        } else isAllThere = text.endsWith(frame(count - 1))
        changes.happened()
      })
    })
    const to = `${protocol}://127.0.0.1:${peer.port}`
    const options = settings(to, { confirm: 'time', confirmAfterMs: 500, ...tlsFor(protocol) })
    const clock = new ManualClock()
    const make = protocol === 'tls' ? createTls : createTcp
    const times = { ...streamTimes, clock }
    const destination = make(options, hostPortOf(to), recordingLog(), undefined, times)
    onTestFinished(() => destination.close())
    let settled = 0
    while (settled < count) {
      let broken = false
      const outcomes: Promise<Outcome>[] = []
      // As the pipeline does: nothing more is sent once the fate of one batch is known to be bad.
      for (let i = settled; i < count && !broken; i++) {
        const { outcome } = await destination.send(batchOf(frame(i)))
        outcomes.push(outcome)
        void outcome.then(({ status }) => {
          broken ||= status !== 'delivered'
          changes.happened()
        })
      }
      // The time is up once the receiver has all of it, on a connection that it left alone.
      await changes.until(
        () => 'all of it, or a reset',
        () => isAllThere || broken,
      )
      clock.pass(500)
      for (const outcome of outcomes) {
        if ((await outcome).status !== 'delivered') break
        settled++
      }
    }
    expect(resets).toBe(4)
    const text = peer.received().toString()
    const firsts = Array.from({ length: count }, (_, i) => text.indexOf(frame(i)))
    expect(firsts).not.toContain(-1)
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b))
  })
})

describe('udp', () => {
  it('brings one datagram a frame', async () => {
    const socket = createSocket('udp4')
    const datagrams: string[] = []
    socket.on('message', (datagram) => datagrams.push(datagram.toString()))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    onTestFinished(() => void socket.close())
    const frames = Array.from({ length: 40 }, (_, i) => frame(i))
    const destination = create(`udp://127.0.0.1:${socket.address().port}`)
    expect(await deliver(destination, batchOf(...frames))).toEqual({ status: 'delivered' })
    while (datagrams.length < frames.length) await once(socket, 'message')
    expect(datagrams).toEqual(frames)
  })
})

describe('settings', () => {
  it('with a mistake make no destination', () => {
    expect(() => create('ftp://siem')).toThrow(/unknown protocol ftp/)
    expect(() => create('tls://siem', { tls: { ca: join(folder, 'none.pem') } })).toThrow(
      /tls\.ca: can't read/,
    )
  })

  it('without a mistake make one that connects only when it is used', async () => {
    const peer = await startReceiver()
    const destination = create(`tcp://127.0.0.1:${peer.port}`)
    expect(destination.name).toBe('test')
    await destination.close()
    expect(peer.sockets).toHaveLength(0)
  })
})
