/**
 * A receiver in a process of its own, so that it can be killed. What it has read is in its file at once, line by
 * line as it came, and stays there when the process is killed.
 *
 *   node stubborn-receiver.mjs FILE PORT MODE [BYTES]     tells its port, then `lines` read so far
 *
 *   read    reads everything and closes after the peer
 *   stall   stops reading all connections after BYTES; message 'stall' does it at once
 *   reset   resets each of the first five connections after BYTES, with more to come
 *   close   closes each of the first five connections after BYTES, with more to come
 *   drip    reads a byte at a time
 *   deaf    takes connections and never reads
 *   mute    reads everything and never closes
 */
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'

const [file, port, mode, bytes = '0'] = process.argv.slice(2)
const output = openSync(file, 'a')
const limit = Number(bytes)
const sockets = new Set()
let connections = 0
let lines = 0
let stalled = mode === 'deaf'
let total = 0

function keep(state, chunk) {
  state.rest = Buffer.concat([state.rest, chunk])
  const end = state.rest.lastIndexOf(10) + 1
  if (end === 0) return
  const whole = state.rest.subarray(0, end)
  writeSync(output, whole)
  lines += whole.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0)
  state.rest = Buffer.from(state.rest.subarray(end))
  process.send({ lines })
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  const state = { rest: Buffer.alloc(0), number: ++connections, seen: 0 }
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
  if (mode !== 'mute') socket.on('end', () => socket.end())
  if (stalled) {
    socket.pause()
    return
  }
  if (mode === 'drip') {
    const drip = () => {
      const byte = socket.read(1)
      if (byte !== null) keep(state, byte)
      if (!socket.readableEnded) setImmediate(drip)
    }
    drip()
    return
  }
  socket.on('data', (chunk) => {
    state.seen += chunk.length
    total += chunk.length
    const ends = limit > 0 && state.number <= 5 && state.seen >= limit
    keep(state, chunk)
    if (mode === 'stall' && limit > 0 && total >= limit) stall()
    if (mode === 'reset' && ends) socket.resetAndDestroy()
    if (mode === 'close' && ends) socket.destroy()
  })
})

function stall() {
  stalled = true
  for (const socket of sockets) socket.pause()
}

server.listen(Number(port), '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', (message) => {
  if (message === 'stall') {
    stall()
    process.send({ stalled: true })
  }
})
process.on('disconnect', () => process.exit())
