import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TlsOptions as ServerOptions, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DestinationOptions } from '../../../../src/destinations/options.ts'
import { streamTimes } from '../../../../src/destinations/stream/times.ts'
import { createTls } from '../../../../src/destinations/stream/tls.ts'
import type { Destination, Outcome } from '../../../../src/flow/delivery.ts'
import type { Log } from '../../../../src/flow/log.ts'
import {
  type Certificate,
  makeAuthority,
  makeCertificate,
  makeExpired,
} from '../../../support/certificates.ts'
import { runs } from '../../../support/runs.ts'
import { Changes } from '../../../support/until.ts'
import {
  batchOf,
  brief,
  deliver,
  deliverAtLast,
  hostPortOf,
  reasonOf,
  recordingLog,
  settings,
  startReceiver,
} from '../receiver.ts'

let folder: string
let authority: Certificate
let server: Certificate
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-tls-'))
  authority = await makeAuthority()
  server = await makeCertificate({ authority })
  ca = await file('ca.pem', authority.cert)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

function tls(
  port: number,
  changes: Partial<DestinationOptions> = {},
  log: Log = recordingLog(),
  times = brief,
): Destination {
  const options = settings(`tls://127.0.0.1:${port}`, { confirm: 'close', tls: { ca }, ...changes })
  const destination = createTls(options, hostPortOf(options.to), log, undefined, times)
  onTestFinished(() => destination.close())
  return destination
}

/** A receiver with its raw sockets, which alone can be reset. */
async function receiver(own: Certificate, more: ServerOptions = {}, halfOpen = false) {
  const peer = await startReceiver({ tls: { cert: own.cert, key: own.key, ...more }, halfOpen })
  const raw: Socket[] = []
  peer.server.on('connection', (socket: Socket) => raw.push(socket.on('error', () => {})))
  return { ...peer, raw }
}

/** What stands between: it passes all on, or takes all and closes after us, as one does whose receiver hangs and dies. */
async function relayTo(port: number) {
  const relay = { port: 0, answersItself: false }
  const inner = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const hangs = (
      (since) => () =>
        relay.answersItself && !since
    )(relay.answersItself)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.on('data', (bytes) => hangs() || far.write(bytes))
    near.on('end', () => (hangs() ? near.end() : far.end()))
    far.on('data', (bytes) => near.write(bytes))
    far.on('end', () => near.end())
    onTestFinished(() => void [near, far].map((socket) => socket.destroy()))
  })
  inner.listen(0, '127.0.0.1')
  await once(inner, 'listening')
  onTestFinished(() => void inner.close())
  relay.port = (inner.address() as AddressInfo).port
  return relay
}

/** The marked pieces of what a peer got, each by its mark and how much there is of it; what stands before any is one, too. */
function piecesOf(text: string): readonly string[] {
  return text.split(/(?=\[)/).map((piece) => `${piece.slice(0, 6)}: ${piece.length}`)
}

describe('confirm: close over TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'counts when the peer closed after us, whoever waits for which goodbye (%s)',
    async (version) => {
      const peer = await receiver(server, { minVersion: version, maxVersion: version })
      // However late the answer to a close_notify comes, no FIN crosses with it.
      const destination = tls(peer.port, {}, undefined, { ...brief, closeNotifyMs: 100_000 })
      for (let i = 0; i < 3; i++) {
        expect(await deliver(destination, batchOf(Buffer.alloc(100_000)))).toEqual({ status: 'delivered' })
      }
    },
  )

  it('says goodbye behind all of a batch that is still being written', async () => {
    const peer = await receiver(server)
    const destination = tls(peer.port, {}, undefined, { ...brief, closeGraceMs: 60_000 })
    const frames = Buffer.from(Uint32Array.from({ length: 4 * 1024 * 1024 }, (_, index) => index).buffer)
    const sending = destination.send(batchOf(frames))
    await peer.has(1)
    await destination.close()
    expect(await (await sending).outcome).toEqual({ status: 'delivered' })
    expect(peer.received().equals(frames)).toBe(true)
  })

  it('takes no reset for a clean end, whenever it comes', async () => {
    const peer = await receiver(server, {}, true)
    let moment = 0
    let wait = 0
    peer.server.on('secureConnection', (socket: Socket) => {
      const raw = peer.raw.at(-1)
      const reset = () => raw?.resetAndDestroy()
      if (moment === 0) socket.once('data', reset)
      else if (moment === 1) socket.once('data', () => setImmediate(reset))
      else if (moment === 2) socket.once('end', reset)
      else socket.pause() && setTimeout(reset, wait)
    })
    const statuses = new Set<string>()
    for (let i = 0; i < runs(200); i++) {
      moment = i % 4
      wait = i % 5
      const destination = tls(peer.port)
      const sending = await destination.send(batchOf(Buffer.alloc([10, 20_000, 200_000][i % 3]!, 'x')))
      await destination.close()
      statuses.add((await sending.outcome).status)
    }
    expect([...statuses]).toEqual(['unavailable'])
  })

  it('counts no end without the goodbye that the peer has said before: a relay may have made it', async () => {
    const peer = await receiver(server)
    const relay = await relayTo(peer.port)
    const destination = tls(relay.port)
    for (let i = 0; i < 3; i++) {
      expect(await deliver(destination, batchOf('read'))).toEqual({ status: 'delivered' })
    }
    relay.answersItself = true
    expect(reasonOf(await deliver(destination, batchOf('lost')))).toMatch(/without the TLS goodbye .* proxy/)
    expect(peer.received().toString()).toBe('readreadread')
  })

  it('is told by its answer after the handshake that the client certificate is not wanted', async () => {
    const stranger = await makeCertificate({ authority: await makeAuthority('Stranger') })
    const clientTls = {
      ca,
      cert: await file('stranger.pem', stranger.cert),
      key: await file('stranger.key', stranger.key),
    }
    const peer = await receiver(server, {
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    })
    const log = recordingLog()
    const destination = tls(peer.port, { tls: clientTls }, log)
    for (let i = 0; i < 3; i++) {
      expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/client certificate/)
    }
    expect(peer.received()).toHaveLength(0)
  })

  it('says what changed when it is no longer the one it was', async () => {
    const expired = await makeExpired(authority)
    const peer = await receiver(server)
    const log = recordingLog()
    const destination = tls(peer.port, {}, log)
    const { outcome } = await destination.send(batchOf('a'))
    ;(peer.server as unknown as { setSecureContext(options: object): void }).setSecureContext({
      cert: expired.cert,
      key: expired.key,
    })
    expect(reasonOf(await outcome)).toMatch(/has expired/)
    expect(reasonOf(await deliver(destination, batchOf('b')))).toMatch(/has expired/)
    expect(peer.received().toString()).toBe('a')
    expect(log.at('error')).toHaveLength(1)
  })

  it('is told apart when it answers our goodbye with a reset each time', async () => {
    const peer = await receiver(server, {}, true)
    peer.server.on('secureConnection', (socket: Socket) => {
      const raw = peer.raw.at(-1)
      socket.on('end', () => raw?.resetAndDestroy())
    })
    const destination = tls(peer.port)
    let reason = ''
    for (let i = 0; i < 4; i++) reason = reasonOf(await deliverAtLast(destination, batchOf('a')))
    expect(reason).toMatch(/answered every end of a connection like this.*set confirm: time$/)
  })

  it('goes on when the peer asks to renegotiate in the middle of the stream', async () => {
    const peer = await receiver(server, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
    // A connection ends by what it carries alone, however slowly this goes.
    const turns = { turnAfterBytes: 16 * 1024 * 1024, turnAfterMs: 600_000 }
    const times = { ...streamTimes, idleMs: 600_000, closeGraceMs: 60_000 }
    const destination = tls(peer.port, turns, recordingLog(), times)
    const outcomes: Promise<Outcome>[] = []
    const sent: string[] = []
    const send = async (texts: readonly string[]): Promise<void> => {
      sent.push(...texts)
      outcomes.push((await destination.send(batchOf(...texts))).outcome)
    }
    // Until the peer has shown that it keeps up, each connection ends soon.
    await send(Array.from({ length: 20 }, (_, i) => `[w${i}]`.padEnd(50_000, 'w')))
    let renegotiated = 0
    for (let i = 0; i < 12; i++) {
      await send([`[x${i}]`.padEnd(200_000, 'x')])
      const socket = peer.sockets.findLast((each) => each.bytesRead > 0 && !each.readableEnded)
      if (socket instanceof TLSSocket && i % 3 === 0) {
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve())
          socket.renegotiate({}, (error) => {
            if (error === null) renegotiated++
            resolve()
          })
        })
      }
    }
    await destination.close()
    for (const outcome of outcomes) expect(await outcome).toEqual({ status: 'delivered' })
    const got = peer.received().toString()
    // What it got of each, and in which order, tells more than a length that does not fit.
    expect(piecesOf(got)).toEqual(piecesOf(sent.join('')))
    expect(got === sent.join('')).toBe(true)
    expect(renegotiated).toBeGreaterThan(0)
  })

  it('lives on when the peer asks to renegotiate while a connection ends', async () => {
    const peer = await receiver(server, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
    const turns = { turnAfterBytes: 16 * 1024 * 1024, turnAfterMs: 600_000 }
    const times = { ...streamTimes, idleMs: 3000, closeGraceMs: 500 }
    const destination = tls(peer.port, turns, recordingLog(), times)
    await deliver(destination, batchOf(...'w'.repeat(1_000_000).match(/.{50000}/g)!))
    const outcomes: Promise<Outcome>[] = []
    const sent = Array.from({ length: 12 }, (_, i) => `[x${i}]`.padEnd(200_000, 'x'))
    for (const [i, text] of sent.entries()) {
      outcomes.push((await destination.send(batchOf(text))).outcome)
      const socket = peer.sockets.findLast((each) => each.bytesRead > 0 && !each.readableEnded)
      if (socket instanceof TLSSocket && i % 3 === 0) socket.renegotiate({}, () => {})
    }
    await destination.close()
    const fates = await Promise.all(outcomes)
    const got = peer.received().toString()
    for (const [i, text] of sent.entries()) {
      const fate = fates[i]!
      // Whatever it was at when it ended: what counts came, and once.
      if (fate.status === 'delivered') expect(got.split(text)).toHaveLength(2)
      else expect(reasonOf(fate)).toMatch(/renegotiate|closed|reset/)
    }
  })

  const openssl = spawnSync('openssl', ['version']).status === 0
  it.runIf(openssl)('goes on when the peer changes its keys in the middle of the stream', () =>
    // 'K' asks for new keys of both sides.
    goesOnWith('-tls1_3', 'K'),
  )
  it.runIf(openssl)('goes on when OpenSSL asks to renegotiate in the middle of the stream', () =>
    goesOnWith('-tls1_2', 'r'),
  )

  /** Has OpenSSL's server do what it does at this key, between events. */
  async function goesOnWith(version: string, key: string): Promise<void> {
    const paths = [await file('server.pem', server.cert), await file('server.key', server.key)]
    const peer = spawn('openssl', [
      ...['s_server', '-accept', '127.0.0.1:0', '-msg', version],
      ...['-cert', paths[0]!, '-key', paths[1]!],
    ])
    onTestFinished(() => void peer.kill('SIGKILL'))
    let text = ''
    const changes = new Changes()
    peer.stdout.on('data', (chunk: Buffer) => {
      text += chunk
      changes.happened()
    })
    const shows = async (wanted: RegExp): Promise<string | undefined> => {
      await changes.until(
        () => `${wanted} in ${text}`,
        () => wanted.test(text),
      )
      return wanted.exec(text)?.[1]
    }
    const port = Number(await shows(/ACCEPT \S+:(\d+)/))
    // It takes one connection at a time, which ends when all is there: an end amid a handshake is another matter.
    const times = { ...brief, idleMs: 600_000 }
    const destination = tls(port, { turnAfterMs: 600_000 }, recordingLog(), times)
    const outcomes: Promise<{ readonly status: string }>[] = []
    for (let i = 0; i < 5; i++) {
      outcomes.push((await destination.send(batchOf(`before ${i}\n`))).outcome)
      await shows(new RegExp(`before ${i}\n`))
      peer.stdin.write(`${key}\n`)
      outcomes.push((await destination.send(batchOf(`after ${i}\n`))).outcome)
      await shows(new RegExp(`after ${i}\n`))
      // One that is still under way at our goodbye would end the connection.
      const handshakes = () => text.split(/^<<< .*, Finished$/m).length - 1
      if (key === 'r')
        await changes.until(
          () => `${i + 2} handshakes in ${text}`,
          () => handshakes() === i + 2,
        )
    }
    await destination.close()
    for (const outcome of outcomes) expect(await outcome).toEqual({ status: 'delivered' })
  }
})
