import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DestinationOptions } from '../../../src/destinations/options.ts'
import { parseTarget } from '../../../src/destinations/target.ts'
import { createTcp } from '../../../src/destinations/tcp.ts'
import type { Destination, Log } from '../../../src/types.ts'
import { batchOf, deliver, reasonOf, recordingLog, settings, startReceiver } from './receiver.ts'

function tcp(
  port: number,
  changes: Partial<DestinationOptions> = {},
  log: Log = recordingLog(),
): Destination {
  const options = settings(`tcp://127.0.0.1:${port}`, { confirm: 'close', ...changes })
  const destination = createTcp(options, parseTarget(options.to), log)
  onTestFinished(() => destination.close())
  return destination
}

/** A receiver that closes after us, as all should. */
async function closing() {
  const receiver = await startReceiver({ halfOpen: true })
  receiver.server.on('connection', (socket) => socket.on('end', () => socket.end()))
  return receiver
}

describe('confirm: close', () => {
  it('counts what a connection carried when the peer closed it after us', async () => {
    const receiver = await closing()
    const destination = tcp(receiver.port)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(receiver.sockets).toHaveLength(2)
    expect(receiver.sockets[0]?.destroyed).toBe(true)
    expect(receiver.sockets[1]?.destroyed).toBe(false)
  })

  it('writes nothing to the next connection before the peer has closed the old one', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port, { turnAfterBytes: 10 })
    await destination.send(batchOf('0123456789'))
    await destination.send(batchOf('over, and still on the old one'))
    const next = await receiver.socket(1)
    const old = await receiver.socket(0)
    if (!old.readableEnded) await once(old, 'end')
    let room = false
    const sent = destination.send(batchOf('next')).then((sending) => {
      room = true
      return sending
    })
    // Time enough for what must not happen.
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([room, next.bytesRead]).toEqual([false, 0])
    old.end()
    await sent
    await receiver.has('0123456789over, and still on the old onenext'.length)
    expect(next.bytesRead).toBe(4)
  })

  it.each([
    ['a reset', 'resetAndDestroy', /connection reset by/],
    ['a reset after our end', 'reset at end', /connection reset by/],
    ['a close before ours', 'end', /connection closed by/],
  ] as const)('%s proves nothing', async (_what, act, reason) => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('a'))
    await receiver.has(1)
    const socket = await receiver.socket(0)
    if (act === 'reset at end') socket.on('end', () => socket.resetAndDestroy())
    else socket[act]()
    expect(reasonOf(await outcome)).toMatch(reason)
  })

  it('takes back what was proved when the next connection breaks right after', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) => {
      socket.on('end', () => {
        socket.end()
        socket.on('close', () => setTimeout(() => receiver.sockets[1]?.resetAndDestroy(), 100))
      })
    })
    expect(reasonOf(await deliver(tcp(receiver.port), batchOf('a')))).toMatch(/connection reset by/)
  })

  it('takes back what was proved when nobody is there any more', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) => {
      socket.on('end', () => {
        receiver.server.close()
        receiver.sockets[1]?.resetAndDestroy()
        socket.end()
      })
    })
    expect(reasonOf(await deliver(tcp(receiver.port), batchOf('a')))).toMatch(/connection refused by/)
  })

  it('lets batches that wait for their turn go with those before them', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port, { turnAfterBytes: 1 })
    const first = await destination.send(batchOf('a'))
    await destination.send(batchOf('b'))
    const old = await receiver.socket(0)
    await receiver.has(2)
    if (!old.readableEnded) await once(old, 'end')
    const waiting = deliver(destination, batchOf('c'))
    old.resetAndDestroy()
    expect(reasonOf(await first.outcome)).toMatch(/reset/)
    expect(reasonOf(await waiting)).toMatch(/reset/)
    expect(receiver.received().toString()).toBe('ab')
  })

  it('hands over without a second connection to a receiver that takes but one', async () => {
    const receiver = await closing()
    receiver.server.maxConnections = 1
    const destination = tcp(receiver.port)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
    expect(receiver.received().toString()).toBe('ab')
  })

  it('confirms what is there when it is closed', async () => {
    const receiver = await closing()
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('last words'))
    await destination.close()
    expect(await outcome).toEqual({ status: 'delivered' })
  })
})

describe('a peer that does not close', () => {
  it('is delivered to by time when it leaves an empty connection open, too', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const log = recordingLog()
    const destination = tcp(receiver.port, { closeTimeoutMs: 150 }, log)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
    expect(receiver.received().toString()).toBe('ab')
    expect(log.at('warn')).toEqual([expect.stringMatching(/^The receiver does not close connections/)])
  })

  it('is asked again after it was away', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port, { closeTimeoutMs: 150 })
    await deliver(destination, batchOf('a'))
    receiver.server.on('connection', (socket) => socket.on('end', () => socket.end()))
    const used = receiver.sockets.find((socket) => !socket.readableEnded)!
    used.resetAndDestroy()
    await once(used, 'close')
    // By time at first; by the end of its connection once an empty one was closed.
    for (let ended = 0; ended === 0; ) {
      await deliver(destination, batchOf('b'))
      ended = receiver.sockets.filter((socket) => socket.bytesRead > 0 && socket.writableEnded).length
    }
  })

  it('stands still when it has closed one before, and is waited for no longer than for a stall', async () => {
    const receiver = await closing()
    const log = recordingLog()
    const destination = tcp(receiver.port, { closeTimeoutMs: 100, stallTimeoutMs: 600 }, log)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    const second = await receiver.socket(1)
    second.removeAllListeners('end')
    second.removeAllListeners('data').pause()
    expect(reasonOf(await deliver(destination, batchOf('b')))).toMatch(/has not read to the end/)
    expect(log.at('warn')).toEqual(['Destination unavailable; delivery goes on when it is back'])
  })

  it('stands still when it closes an empty connection', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) =>
      socket.on('end', () => {
        if (socket.bytesRead === 0) socket.end()
      }),
    )
    const destination = tcp(receiver.port, { closeTimeoutMs: 100, stallTimeoutMs: 600 })
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/has not read to the end/)
  })
})
