import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../../../src/destinations/clock.ts'
import { isLasting } from '../../../../src/destinations/lasting.ts'
import type { DestinationOptions } from '../../../../src/destinations/options.ts'
import { createTcp } from '../../../../src/destinations/stream/tcp.ts'
import { streamTimes } from '../../../../src/destinations/stream/times.ts'
import type { Destination } from '../../../../src/flow/delivery.ts'
import type { Log } from '../../../../src/flow/log.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import {
  batchOf,
  brief,
  deliver,
  hostPortOf,
  reasonOf,
  recordingLog,
  settings,
  startReceiver,
} from '../receiver.ts'

function tcp(
  port: number,
  changes: Partial<DestinationOptions> = {},
  log: Log = recordingLog(),
  clock: Clock = systemClock,
): Destination {
  const options = settings(`tcp://127.0.0.1:${port}`, changes)
  const destination = createTcp(options, hostPortOf(options.to), log, undefined, { ...streamTimes, clock })
  onTestFinished(() => destination.close())
  return destination
}

const megabytes = (count: number) => batchOf(Buffer.alloc(count * 1024 * 1024, 'x'))

describe('delivery', () => {
  it('brings all frames, in order, over one connection', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port)
    const texts = Array.from({ length: 200 }, (_, i) => `event ${i}\n`)
    for (const text of texts) {
      expect(await deliver(destination, batchOf(text))).toEqual({ status: 'delivered' })
    }
    await receiver.has(texts.join('').length)
    expect(receiver.received().toString()).toBe(texts.join(''))
    expect(receiver.sockets).toHaveLength(1)
  })

  it('keeps the order of batches sent without waiting, the first of which connects', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port)
    const outcomes = await Promise.all(['a', 'b', 'c'].map((text) => deliver(destination, batchOf(text))))
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered'])
    await receiver.has(3)
    expect(receiver.received().toString()).toBe('abc')
    expect(receiver.sockets).toHaveLength(1)
  })

  it('leaves the bytes alone once send has resolved', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port)
    const batch = megabytes(4)
    await destination.send(batch)
    batch.frames.fill('y')
    await receiver.has(batch.frames.length)
    expect(receiver.received().includes('y')).toBe(false)
  })

  it('needs no connection for a batch without frames', async () => {
    expect(await deliver(tcp(1), batchOf())).toEqual({ status: 'delivered' })
  })

  it('works over IPv6', async () => {
    const receiver = await startReceiver({ host: '::1' })
    const destination = tcp(receiver.port, { to: `tcp://[::1]:${receiver.port}` })
    expect(await deliver(destination, batchOf('hello'))).toEqual({ status: 'delivered' })
    await receiver.has(5)
  })

  it('reads and forgets what the peer says', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port)
    await deliver(destination, batchOf('a'))
    const socket = await receiver.socket(0)
    // Far more than the buffers between the two hold: it only drains if somebody reads.
    await new Promise((resolve) => socket.write(Buffer.alloc(32 * 1024 * 1024), resolve))
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
  })
})

describe('back-pressure', () => {
  it('has no room for more while the receiver does not read', async () => {
    const receiver = await startReceiver({ read: false })
    const destination = tcp(receiver.port)
    const batch = megabytes(64)
    let room = false
    const sent = destination.send(batch).then((sending) => {
      room = true
      return sending
    })
    const socket = await receiver.socket(0)
    // Once the window is full, only reading moves things on.
    while (socket.readableLength === 0) await once(socket, 'readable')
    expect(room).toBe(false)
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    expect(await (await sent).outcome).toEqual({ status: 'delivered' })
    expect(bytes).toBeGreaterThan(batch.frames.length / 2)
  })

  it('gives up a receiver that takes nothing any more', async () => {
    const receiver = await startReceiver({ read: false })
    const log = recordingLog()
    const destination = tcp(receiver.port, { stallTimeoutMs: 100, confirm: 'time' }, log)
    const reason = reasonOf(await deliver(destination, megabytes(64)))
    expect(reason).toBe(`127.0.0.1:${receiver.port} takes nothing any more (for 0.1 s)`)
    expect(log.at('warn')).toHaveLength(1)
  })

  it('waits for a receiver that idles with nothing to take', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port, { stallTimeoutMs: 100, confirm: 'time', confirmAfterMs: 400 })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
    expect(receiver.sockets).toHaveLength(1)
  })
})

describe('confirm: time', () => {
  const long = { confirm: 'time', confirmAfterMs: 600_000 } as const

  it('settles in order when the connection stayed healthy', async () => {
    const receiver = await startReceiver()
    const clock = new ManualClock()
    const destination = tcp(receiver.port, { confirm: 'time', confirmAfterMs: 150 }, undefined, clock)
    const settled: string[] = []
    const outcomes = []
    for (const text of ['a', 'b', 'c']) {
      const { outcome } = await destination.send(batchOf(text))
      outcomes.push(outcome.then(({ status }) => settled.push(`${text} ${status}`)))
    }
    await receiver.has(3)
    clock.pass(149)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toEqual([])
    clock.pass(1)
    await Promise.all(outcomes)
    expect(settled).toEqual(['a delivered', 'b delivered', 'c delivered'])
  })

  it.each([
    ['a reset', 'connection reset by', 'resetAndDestroy'],
    ['a goodbye of the peer', 'connection closed by', 'end'],
  ] as const)(
    '%s makes every unsettled batch unavailable, and the next one connects anew',
    async (...row) => {
      const [, expected, act] = row
      const receiver = await startReceiver()
      const log = recordingLog()
      const destination = tcp(receiver.port, long, log)
      const first = await destination.send(batchOf('one'))
      const second = await destination.send(batchOf('two'))
      await receiver.has(6)
      ;(await receiver.socket(0))[act]()
      for (const { outcome } of [first, second]) {
        expect(reasonOf(await outcome)).toBe(`${expected} 127.0.0.1:${receiver.port}`)
      }
      await destination.send(batchOf('three'))
      await receiver.has(11)
      expect(receiver.sockets).toHaveLength(2)
      expect(log.at('warn')).toEqual(['Destination unavailable; delivery goes on when it is back'])
    },
  )

  it('breaks off in the middle of a batch', async () => {
    const receiver = await startReceiver({ read: false })
    const destination = tcp(receiver.port, long)
    const sent = destination.send(megabytes(64))
    const socket = await receiver.socket(0)
    while (socket.readableLength === 0) await once(socket, 'readable')
    socket.resetAndDestroy()
    expect(reasonOf(await (await sent).outcome)).toContain(`127.0.0.1:${receiver.port}`)
  })

  it('leaves unconfirmed batches unavailable at close, though the peer got them', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port, long)
    const { outcome } = await destination.send(batchOf('last words'))
    await destination.close()
    expect(reasonOf(await outcome)).toBe('closed before the delivery was confirmed')
    expect(receiver.received().toString()).toBe('last words')
    expect(reasonOf(await deliver(destination, batchOf('x')))).toBe('the destination is closed')
  })
})

describe('trouble', () => {
  it('takes no end for proof behind an alert of TLS, and tells of what it is a sign', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port, { confirm: 'close' })
    const outcome = deliver(destination, batchOf('event\n'))
    const socket = await receiver.socket(0)
    socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 10]))
    const reason = reasonOf(await outcome)
    expect(reason).toMatch(/^127\.0\.0\.1:\d+ speaks TLS on this port: use tls:/)
    expect(isLasting(reason)).toBe(true)
  })

  it('says once that the connection is refused, and once that it is back', async () => {
    const { server, port } = await startReceiver()
    await new Promise((resolve) => server.close(resolve))
    const log = recordingLog()
    const destination = tcp(port, {}, log)
    for (let i = 0; i < 3; i++) {
      const reason = reasonOf(await deliver(destination, batchOf('a')))
      expect(reason).toMatch(new RegExp(`^connection refused by 127.0.0.1:${port}`))
    }
    expect(log.at('warn')).toHaveLength(1)
    const receiver = await startReceiver({ port })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    await receiver.has(2)
    expect(log.at('info')).toEqual(['Delivering again'])
  })

  it('says that a name is not known', async () => {
    const destination = tcp(514, { to: 'tcp://no-such-host.invalid:514' })
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/name (not found|server does not)/)
  })

  it('does not call a goodbye while idle trouble', async () => {
    const receiver = await startReceiver()
    const log = recordingLog()
    const destination = tcp(receiver.port, {}, log)
    await deliver(destination, batchOf('a'))
    const socket = await receiver.socket(0)
    socket.end()
    await once(socket, 'close')
    await deliver(destination, batchOf('b'))
    await receiver.has(2)
    expect(receiver.sockets).toHaveLength(2)
    expect(log.at('warn')).toEqual([])
  })

  it('gives up a connection on its way when it is closed', async () => {
    const receiver = await startReceiver()
    const destination = tcp(receiver.port)
    const sent = destination.send(batchOf('a'))
    await destination.close()
    expect(reasonOf(await (await sent).outcome)).toBe('the destination is closed')
  })

  it('does not wait for ever for the goodbye of the peer', async () => {
    const receiver = await startReceiver({ read: false })
    const options = settings(`tcp://127.0.0.1:${receiver.port}`)
    const times = { ...brief, closeGraceMs: 50 }
    const destination = createTcp(options, hostPortOf(options.to), recordingLog(), undefined, times)
    await deliver(destination, batchOf('a'))
    await destination.close() // a peer that does not read never sees our goodbye
    expect(receiver.sockets).toHaveLength(1)
  })
})
