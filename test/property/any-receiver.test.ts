/**
 * Whatever a receiver does: if it takes one event at least of each connection and closes honestly, delivery ends; and
 * what counts as delivered was read.
 */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTcp } from '../../src/destinations/stream/tcp.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Outcome } from '../../src/flow/delivery.ts'
import { batchOf, brief, hostPortOf, recordingLog, settings } from '../unit/destinations/receiver.ts'

/** How a receiver treats one connection after the other. */
interface Manners {
  /** Bytes that it takes of each connection; one event at least. */
  readonly most: number
  /** Then it closes at once, or leaves it at that: it resets the connection when more comes, or closes after us. */
  readonly habit: 'reset' | 'close'
  /** Bytes that it reads at once, with a pause in between. */
  readonly sip: number
  readonly eventBytes: number
  readonly events: number
}

const manners = fc.record<Manners>({
  most: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300_000 })),
  habit: fc.constantFrom('reset', 'close'),
  sip: fc.constantFrom(4_000, 65_536),
  eventBytes: fc.integer({ min: 1, max: 3_000 }),
  events: fc.integer({ min: 1, max: 12 }),
})

/** A receiver that keeps what it read. */
async function receiver({ most, habit, sip, eventBytes }: Manners) {
  const read: Buffer[] = []
  const sockets = new Set<Socket>()
  const limit = Math.max(most, eventBytes)
  const server = createServer({ allowHalfOpen: true, highWaterMark: sip }, (socket) => {
    let taken = 0
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('end', () => socket.end())
    socket.on('data', (bytes) => {
      const own = bytes.subarray(0, limit - taken)
      taken += own.length
      read.push(own)
      // As the kernel would, had Node not read it: a close with bytes unread is a reset.
      if (own.length < bytes.length) socket.resetAndDestroy()
      else if (taken === limit && habit === 'close') socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, read, close }
}

const frameOf = (index: number, bytes: number) =>
  `${index}`
    .padEnd(bytes - 1, 'x')
    .slice(0, bytes - 1)
    .concat('\n')

/** Sends as the pipeline does: what is not delivered comes again, a smaller part of it each time. */
async function deliverAll(port: number, { events, eventBytes }: Manners): Promise<number> {
  const options = settings(`tcp://127.0.0.1:${port}`, { confirm: 'close', turnAfterBytes: 1024 * 1024 })
  const destination = createTcp(options, hostPortOf(options.to), recordingLog(), undefined, brief)
  let first = 0
  let most = events
  let rounds = 0
  for (; first < events && rounds < 40; rounds++) {
    const count = Math.min(most, events - first)
    const batch: Batch = batchOf(
      ...Array.from({ length: count }, (_, index) => frameOf(first + index, eventBytes)),
    )
    const { outcome } = await destination.send(batch)
    const fate: Outcome = await outcome
    if (fate.status === 'delivered') {
      first += count
    } else {
      most = Math.max(1, Math.floor(most / 2))
    }
  }
  await destination.close()
  return rounds
}

test('delivery ends for every receiver that takes one event of each connection', async () => {
  const seed = Date.now()
  // Side by side, since nearly all of the time is waiting: each proof has to be outlived.
  await Promise.all(
    fc.sample(manners, { seed, numRuns: 16 }).map(async (each) => {
      const peer = await receiver(each)
      const rounds = await deliverAll(peer.port, each)
      await peer.close()
      const read = Buffer.concat(peer.read).toString()
      const missing = Array.from({ length: each.events }, (_, index) =>
        frameOf(index, each.eventBytes),
      ).filter((frame) => !read.includes(frame))
      expect({ seed, each, missing, ended: rounds < 40 }).toEqual({ seed, each, missing: [], ended: true })
    }),
  )
})
