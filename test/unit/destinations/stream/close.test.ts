import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { DestinationOptions } from '../../../../src/destinations/options.ts'
import { createTcp } from '../../../../src/destinations/stream/tcp.ts'
import type { Destination } from '../../../../src/flow/delivery.ts'
import type { Log } from '../../../../src/flow/log.ts'
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

const finished: (() => void)[] = []
afterEach(() => {
  for (const end of finished.splice(0)) end()
})

function tcp(
  port: number,
  changes: Partial<DestinationOptions> = {},
  log: Log = recordingLog(),
  times = brief,
): Destination {
  const options = settings(`tcp://127.0.0.1:${port}`, { confirm: 'close', ...changes })
  const destination = createTcp(options, hostPortOf(options.to), log, undefined, times)
  onTestFinished(() => destination.close())
  return destination
}

/** What is proved has to be outlived for longer than any test takes. */
const forLong = { ...brief, outliveMs: 60_000 }

/** For receivers that never close. */
const hasty = { ...brief, closeGraceMs: 50 }

/** From now on each connection but one breaks, soon after it was made. */
function breakAllBut(one: Socket, sockets: readonly Socket[]): void {
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket !== one) socket.resetAndDestroy()
  }, 50)
  finished.push(() => clearInterval(timer))
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
    const destination = tcp(receiver.port, { turnAfterBytes: 10 }, recordingLog(), hasty)
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
        socket.on('close', () => breakAllBut(socket, receiver.sockets))
      })
    })
    const destination = tcp(receiver.port, {}, recordingLog(), forLong)
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/connection reset by/)
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
    expect(reasonOf(await deliver(tcp(receiver.port), batchOf('a')))).toMatch(/connection (refused|reset) by/)
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

  it.each(['at its end', 'before'])(
    'lets a batch that waits since a connection is full go with those before it (broken %s)',
    async (when) => {
      const receiver = await startReceiver({ halfOpen: true })
      receiver.server.on('connection', (socket) => {
        if (when === 'before') socket.once('data', () => socket.resetAndDestroy())
        else socket.on('end', () => socket.resetAndDestroy())
      })
      const destination = tcp(receiver.port, { turnAfterBytes: 1 })
      const first = await destination.send(batchOf('a'.repeat(8)))
      const waiting = deliver(destination, batchOf('b'))
      expect(reasonOf(await first.outcome)).toMatch(/reset/)
      expect(await waiting).toMatchObject({ reason: expect.stringMatching(/reset/), unsent: true })
      expect(receiver.received().toString()).toBe('a'.repeat(8))
    },
  )

  it('hands over without a second connection to a receiver that takes but one', async () => {
    const receiver = await closing()
    receiver.server.maxConnections = 1
    const destination = tcp(receiver.port)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
    expect(receiver.received().toString()).toBe('ab')
  })

  it('writes no more than eight times turnAfterBytes to one connection, though turning is slow', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) => socket.on('end', () => setTimeout(() => socket.end(), 150)))
    const destination = tcp(receiver.port, { turnAfterBytes: 100 })
    for (let i = 0; i < 200; i++) await destination.send(batchOf(Buffer.alloc(10, 'x')))
    await receiver.has(2000)
    const carried = receiver.sockets.map(({ bytesRead }) => bytesRead)
    expect(Math.max(...carried)).toBe(800)
    // The first turn shows how long one takes: no other ends sooner.
    expect(carried.filter((bytes) => bytes > 0 && bytes < 800).length).toBeLessThanOrEqual(2)
  })

  it('says of a batch that found no connection that it did not go out, and of no other', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('a'))
    await receiver.has(1)
    receiver.server.close()
    receiver.sockets[0]?.resetAndDestroy()
    expect((await outcome) as { unsent?: boolean }).not.toMatchObject({ unsent: true })
    expect(await deliver(destination, batchOf('b'))).toMatchObject({ status: 'unavailable', unsent: true })
  })
})

describe('closing the destination', () => {
  it('confirms what is there', async () => {
    const receiver = await closing()
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('last words'))
    await destination.close()
    expect(await outcome).toEqual({ status: 'delivered' })
    expect(receiver.received().toString()).toBe('last words')
  })

  it('confirms it with a receiver that takes one connection at a time, too', async () => {
    const receiver = await closing()
    receiver.server.maxConnections = 1
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('last words'))
    await destination.close()
    expect(await outcome).toEqual({ status: 'delivered' })
  })

  it('confirms nothing to a receiver that dies while the proof has to be outlived', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) =>
      socket.on('end', () => {
        socket.end()
        socket.on('close', () => breakAllBut(socket, receiver.sockets))
      }),
    )
    const destination = tcp(receiver.port, {}, recordingLog(), forLong)
    const { outcome } = await destination.send(batchOf('a'))
    await destination.close()
    expect(reasonOf(await outcome)).toMatch(/connection reset by/)
  })

  it('confirms nothing when nobody is there any more', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) =>
      socket.on('end', () => {
        receiver.server.close()
        receiver.sockets[1]?.resetAndDestroy()
        socket.end()
      }),
    )
    const destination = tcp(receiver.port)
    const { outcome } = await destination.send(batchOf('a'))
    await destination.close()
    expect(reasonOf(await outcome)).toMatch(/connection (refused|reset) by/)
  })

  it('confirms what was proved a moment before, and sees the turn on its way through', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const destination = tcp(receiver.port, { turnAfterBytes: 1 })
    const { outcome } = await destination.send(batchOf('a'))
    await destination.send(batchOf('b'))
    await receiver.has(2)
    const old = await receiver.socket(0)
    if (!old.readableEnded) await once(old, 'end')
    const waiting = deliver(destination, batchOf('c'))
    const end = destination.close()
    old.end()
    await end
    expect(await outcome).toEqual({ status: 'delivered' })
    expect(await waiting).toMatchObject({ status: 'unavailable', unsent: true })
    expect(receiver.received().toString()).toBe('ab')
  })
})

describe('a peer that answers our end with a reset', () => {
  const hint = /connection reset by .* every end of a connection .* set confirm: time/

  it('is told apart after three turns in a row, once, and nothing counts', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    receiver.server.on('connection', (socket) => socket.on('end', () => socket.resetAndDestroy()))
    const log = recordingLog()
    const destination = tcp(receiver.port, {}, log)
    const reasons: string[] = []
    for (let i = 0; i < 5; i++) reasons.push(reasonOf(await deliverAtLast(destination, batchOf('a'))))
    expect(reasons.map((reason) => hint.test(reason))).toEqual([false, false, true, true, true])
    expect(new Set(reasons).size).toBe(2)
    expect(log.at('warn')).toHaveLength(2)
  })

  it('is not, when something else fails in between or it once closed cleanly', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    let answer: 'reset' | 'break' | 'end' = 'reset'
    receiver.server.on('connection', (socket) => {
      socket.once('data', () => {
        if (answer === 'break') socket.resetAndDestroy()
      })
      socket.on('end', () => (answer === 'end' ? socket.end() : socket.resetAndDestroy()))
    })
    const destination = tcp(receiver.port)
    const turn = async (next: typeof answer) => {
      answer = next
      const outcome = await deliverAtLast(destination, batchOf('a'))
      return outcome.status === 'unavailable' ? hint.test(outcome.reason) : outcome.status
    }
    const turns = []
    for (const next of [
      'reset',
      'reset',
      'break',
      'reset',
      'reset',
      'end',
      'reset',
      'reset',
      'reset',
    ] as const) {
      turns.push(await turn(next))
    }
    expect(turns).toEqual([false, false, false, false, false, 'delivered', false, false, false])
  })
})

it('a peer that says goodbye before it was sent anything proves nothing, and is an error with the remedy', async () => {
  const receiver = await startReceiver({ halfOpen: true })
  receiver.server.on('connection', (socket) => socket.end())
  const log = recordingLog()
  const destination = tcp(receiver.port, {}, log)
  while (log.at('error').length === 0) {
    expect((await deliver(destination, batchOf('a'))).status).toBe('unavailable')
  }
  const { fields } = log.entries.find(({ level }) => level === 'error')!
  expect(fields.reason).toMatch(/closed by .* before anything was sent.* set confirm: write$/)
})

describe('a peer that does not close', () => {
  it('is delivered to by time when it leaves an empty connection open, too', async () => {
    const receiver = await startReceiver({ halfOpen: true })
    const log = recordingLog()
    const destination = tcp(receiver.port, { closeTimeoutMs: 150 }, log, hasty)
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
    // By time at first; by the end of its connection once an empty one was closed in time.
    for (let ended = 0; ended === 0; ) {
      // Whichever of them is in use.
      const open = receiver.sockets.filter((socket) => !socket.destroyed)
      await Promise.all(open.map((socket) => [socket.resetAndDestroy(), once(socket, 'close')][1]))
      await deliver(destination, batchOf('b'))
      ended = receiver.sockets.filter((socket) => socket.bytesRead > 0 && socket.writableEnded).length
    }
  })

  it('stands still when it has closed one before, and is waited for no longer than for a stall', async () => {
    const receiver = await closing()
    const log = recordingLog()
    const destination = tcp(receiver.port, { closeTimeoutMs: 10_000, stallTimeoutMs: 600 }, log)
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
    // An empty connection has to be closed within the first of them.
    const destination = tcp(receiver.port, { closeTimeoutMs: 2000, stallTimeoutMs: 2100 })
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/has not read to the end/)
  })
})
