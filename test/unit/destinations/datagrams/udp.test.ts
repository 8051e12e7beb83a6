import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createUdp } from '../../../../src/destinations/datagrams/udp.ts'
import type { Destination } from '../../../../src/flow/delivery.ts'
import type { Log } from '../../../../src/flow/log.ts'
import { freePort } from '../../../support/free-port.ts'
import { batchOf, deliver, hostPortOf, reasonOf, recordingLog, settings } from '../receiver.ts'

// A name with two addresses, which no machine is sure to have.
vi.mock('node:dns/promises', async (original) => {
  const dns = await original<typeof import('node:dns/promises')>()
  const two = [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  return {
    ...dns,
    lookup: (host: string) =>
      host === 'two.example' ? Promise.resolve(two) : dns.lookup(host, { all: true }),
  }
})

interface DatagramReceiver {
  readonly socket: Socket
  readonly port: number
  readonly datagrams: Buffer[]
  readonly senders: Set<number>
  has(count: number): Promise<void>
}

async function receive(host = '127.0.0.1', port?: number): Promise<DatagramReceiver> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  const datagrams: Buffer[] = []
  const senders = new Set<number>()
  socket.on('message', (datagram, { port }) => {
    datagrams.push(datagram)
    senders.add(port)
  })
  socket.bind(port ?? (await freePort()), host)
  await once(socket, 'listening')
  let open = true
  socket.once('close', () => {
    open = false
  })
  onTestFinished(() => {
    if (open) socket.close()
  })
  return {
    socket,
    port: socket.address().port,
    datagrams,
    senders,
    has: async (count) => {
      while (datagrams.length < count) await once(socket, 'message')
    },
  }
}

function udp(to: string, log: Log = recordingLog()): Destination {
  const destination = createUdp(settings(to), hostPortOf(to), log)
  onTestFinished(() => destination.close())
  return destination
}

describe('datagrams', () => {
  it('hold one frame each, byte for byte, in order, from one socket', async () => {
    const receiver = await receive()
    const destination = udp(`udp://127.0.0.1:${receiver.port}`)
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const first = batchOf(everyByte, Buffer.from('<134>ü line\n'), Buffer.alloc(8192, 'x'))
    const second = batchOf(...Array.from({ length: 300 }, (_, i) => `event ${i}`))
    expect(await deliver(destination, first)).toEqual({ status: 'delivered' })
    expect(await deliver(destination, second)).toEqual({ status: 'delivered' })
    await receiver.has(303)
    expect(Buffer.concat(receiver.datagrams).equals(Buffer.concat([first.frames, second.frames]))).toBe(true)
    expect(receiver.datagrams.map(({ length }) => length).slice(0, 3)).toEqual([256, 13, 8192])
    expect(receiver.datagrams[302]?.toString()).toBe('event 299')
    expect(receiver.senders.size).toBe(1)
  })

  it('keep the order of batches sent without waiting', async () => {
    const receiver = await receive()
    const destination = udp(`udp://127.0.0.1:${receiver.port}`)
    await Promise.all(['a', 'b', 'c'].map((text) => deliver(destination, batchOf(text, text))))
    await receiver.has(6)
    expect(receiver.datagrams.join('')).toBe('aabbcc')
  })

  it('travel over IPv6, too', async () => {
    const receiver = await receive('::1')
    expect(await deliver(udp(`udp://[::1]:${receiver.port}`), batchOf('six'))).toEqual({
      status: 'delivered',
    })
    await receiver.has(1)
  })

  it('reach a name of which only the last address is listened on', async () => {
    const receiver = await receive('127.0.0.1')
    const destination = udp(`udp://two.example:${receiver.port}`)
    expect((await deliver(destination, batchOf('a'))).status).toBe('unavailable')
    expect(await deliver(destination, batchOf('b'))).toEqual({ status: 'delivered' })
    await receiver.has(1)
    expect(receiver.datagrams.join('')).toBe('b')
  })
})

describe('refusals', () => {
  it('are noticed even of a single frame, said once, and over when the receiver is back', async () => {
    const { port, socket } = await receive()
    await new Promise<void>((resolve) => socket.close(resolve))
    const log = recordingLog()
    const destination = udp(`udp://127.0.0.1:${port}`, log)
    for (let i = 0; i < 2; i++) {
      const reason = reasonOf(await deliver(destination, batchOf('a')))
      expect(reason).toBe(`datagrams refused by 127.0.0.1:${port}: nothing listens there`)
    }
    expect(log.at('warn')).toHaveLength(1)

    const back = await receive('127.0.0.1', port)
    expect(await deliver(destination, batchOf('a', 'b', 'c'))).toEqual({ status: 'delivered' })
    await back.has(3)
    expect(back.datagrams.join('')).toBe('abc')
    expect(log.at('info')).toEqual(['Destination ready', 'Delivering again'])
  })

  it('after the receiver has gone make the batches that follow unavailable', async () => {
    const receiver = await receive()
    const log = recordingLog()
    const destination = udp(`udp://127.0.0.1:${receiver.port}`, log)
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    await new Promise<void>((resolve) => receiver.socket.close(resolve))
    // The first of them may still count as delivered: the refusal comes behind it.
    await deliver(destination, batchOf('b'))
    expect(reasonOf(await deliver(destination, batchOf('c')))).toMatch(/datagrams refused by/)
    expect(log.at('warn')).toHaveLength(1)
  })

  it('of a message that no datagram holds name the limit', async () => {
    const receiver = await receive()
    const destination = udp(`udp://127.0.0.1:${receiver.port}`)
    const reason = reasonOf(await deliver(destination, batchOf('a', Buffer.alloc(66_000), 'b')))
    expect(reason).toMatch(/too large for a datagram .*: set maxMessageBytes to 65507 or less/)
    expect(await deliver(destination, batchOf('c'))).toEqual({ status: 'delivered' })
  })

  it('of a name nobody knows are said', async () => {
    const reason = reasonOf(await deliver(udp('udp://no-such-host.invalid'), batchOf('a')))
    expect(reason).toMatch(/name (not found|server does not)/)
  })
})

describe('closing', () => {
  it('waits for the batch being sent and takes no more', async () => {
    const receiver = await receive()
    const destination = udp(`udp://127.0.0.1:${receiver.port}`)
    const sending = deliver(destination, batchOf('a'))
    await destination.close()
    expect(['delivered', 'unavailable']).toContain((await sending).status)
    expect(reasonOf(await deliver(destination, batchOf('b')))).toBe('the destination is closed')
  })
})
