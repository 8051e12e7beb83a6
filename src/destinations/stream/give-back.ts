/**
 * Gives the memory of a large buffer back at once.
 *
 * Node hands each batch that TLS has encrypted to a stream of our own as a fresh copy. V8 counts such memory
 * against the limit of its heap, and with a heap as small as ours it ran a full garbage collection for every
 * 24 MB that were sent: a fifth of all processor time over TLS.
 */
import { MessageChannel } from 'node:worker_threads'

/** What is transferred through a closed port belongs to nobody any more, and is freed. */
const { port1: closedPort } = new MessageChannel()
closedPort.close()

/** Smaller ones may share their memory with others, and are not worth it. */
const worthBytes = 64 * 1024

/** Empties `bytes`; the caller must be the last who uses them. Leaves alone what is small or a part of more. */
export function giveBack({ byteLength, buffer }: Uint8Array): void {
  if (byteLength < worthBytes || byteLength < buffer.byteLength || buffer instanceof SharedArrayBuffer) return
  closedPort.postMessage(null, [buffer])
}
