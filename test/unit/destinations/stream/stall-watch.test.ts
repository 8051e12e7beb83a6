import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createTcp } from '../../../../src/destinations/stream/tcp.ts'
import { batchOf, deliver, hostPortOf, recordingLog, settings } from '../receiver.ts'

const stallTimeoutMs = 1500
/** More than both kernels hold. */
const bytes = 24 * 1024 * 1024

/** A receiver that takes 64 KiB of a connection at a time, `everyMs`, until `hurry`. */
async function slowReceiver(everyMs: number) {
  const sockets: Socket[] = []
  let isSlow = true
  let count = 0
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      count += chunk.length
      if (!isSlow) return
      socket.pause()
      setTimeout(() => socket.resume(), everyMs)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    sockets,
    count: () => count,
    hurry: () => {
      isSlow = false
    },
  }
}

test.runIf(process.platform === 'linux')(
  'a peer that takes a little all the time does not stand still, though the kernel takes nothing from us',
  async () => {
    const receiver = await slowReceiver(150)
    const options = settings(`tcp://127.0.0.1:${receiver.port}`, {
      stallTimeoutMs,
      confirm: 'time',
      confirmAfterMs: 100,
    })
    const destination = createTcp(options, hostPortOf(options.to), recordingLog())
    onTestFinished(() => destination.close())
    const outcome = deliver(destination, batchOf(Buffer.alloc(bytes, 'x')))
    // Several times as long as it may stand still.
    setTimeout(receiver.hurry, 3 * stallTimeoutMs)
    expect(await outcome).toEqual({ status: 'delivered' })
    expect(receiver.sockets).toHaveLength(1)
  },
)
