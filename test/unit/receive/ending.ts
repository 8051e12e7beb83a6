import type { Socket } from 'node:net'

/** How a connection ended for the sender: by a clean end of the stream, or by a reset. */
export async function ending(socket: Socket): Promise<'clean' | 'reset'> {
  let ended = false
  let failed = false
  socket.on('end', () => {
    ended = true
  })
  socket.on('error', () => {
    failed = true
  })
  socket.resume()
  // Not once(): that would throw the error that is expected here.
  await new Promise<void>((done) => socket.on('close', () => done()))
  return ended && !failed ? 'clean' : 'reset'
}
