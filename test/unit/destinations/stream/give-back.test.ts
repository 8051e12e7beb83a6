import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { giveBack } from '../../../../src/destinations/stream/give-back.ts'
import { Wire } from '../../../../src/destinations/stream/link.ts'
import { startReceiver } from '../receiver.ts'

const large = 1024 * 1024

async function wireTo(port: number): Promise<Wire> {
  const tcp = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  await once(tcp, 'connect')
  const wire = new Wire(tcp)
  onTestFinished(() => void wire.destroy())
  return wire
}

it('empties a large buffer, also one that was emptied before', () => {
  const bytes = Buffer.alloc(large)
  giveBack(bytes)
  expect(bytes).toHaveLength(0)
  expect(bytes.buffer.byteLength).toBe(0)
  giveBack(bytes)
})

it('leaves alone what others may use, too', () => {
  const whole = new Uint8Array(large)
  const shared = new Uint8Array(new SharedArrayBuffer(large))
  const small = Buffer.from('small')
  for (const bytes of [whole.subarray(1), shared, small]) {
    const { length } = bytes
    giveBack(bytes)
    expect(bytes).toHaveLength(length)
  }
})

it('happens to what was sent, not before the kernel has all of it', async () => {
  const peer = await startReceiver({ read: false })
  const wire = await wireTo(peer.port)
  // More than the kernels take while nobody reads.
  const chunks = Array.from({ length: 32 }, (_, index) => Buffer.alloc(large, index))
  const expected = Buffer.concat(chunks)
  const written = chunks.map((chunk) => new Promise<void>((resolve) => wire.write(chunk, () => resolve())))
  await written[0]
  expect(chunks[0]).toHaveLength(0)
  expect(chunks.at(-1)).toHaveLength(large)
  const got: Buffer[] = []
  const socket = await peer.socket(0)
  socket.on('data', (chunk: Buffer) => got.push(chunk))
  await Promise.all(written)
  wire.sendFin()
  await once(socket, 'end')
  expect(Buffer.concat(got).equals(expected)).toBe(true)
})

it('does not happen when the connection broke', async () => {
  const peer = await startReceiver({ read: false })
  const wire = await wireTo(peer.port)
  const chunk = Buffer.alloc(32 * large)
  const written = new Promise<unknown>((resolve) => wire.write(chunk, resolve))
  wire.on('error', () => {})
  wire.destroy(new Error('broken'))
  await written
  expect(chunk).toHaveLength(32 * large)
})
