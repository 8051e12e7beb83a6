/**
 * A receiver that can do what bench/sink.c can't: TLS, standing still, and running without a compiler. Its output is
 * the same: its port, and then "bytes line-feeds" whenever they have changed.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import type { SinkSettings } from './sink.ts'

const reportMs = 20
const lineFeed = 0x0a

const { tls, stall } = JSON.parse(process.argv[2] ?? '{}') as SinkSettings
let bytes = 0
let frames = 0
let reported = 0
let hasStalled = false

const server: Server = tls ? createTlsServer(tls, receive) : createServer(receive)
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
setInterval(report, reportMs)

function receive(socket: Socket): void {
  // A sender that is killed resets its connections.
  socket.on('error', () => {})
  socket.on('data', (data: Buffer) => {
    bytes += data.length
    for (let at = data.indexOf(lineFeed); at >= 0; at = data.indexOf(lineFeed, at + 1)) frames++
    if (stall && !hasStalled && bytes >= stall.atBytes) void standStill(socket, stall.forMs)
  })
}

async function standStill(socket: Socket, forMs: number): Promise<void> {
  hasStalled = true
  socket.pause()
  await delay(forMs)
  socket.resume()
}

function report(): void {
  if (bytes === reported) return
  reported = bytes
  console.log(`${bytes} ${frames}`)
}
