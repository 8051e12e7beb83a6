/** A thread that converts: it says when it is ready, gets portions, and reads and converts them one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { LentInput } from '../../tail/bytes/byte-input.ts'
import { roomFor, SpareMemory } from '../../transform/batch-copy.ts'
import { type ConvertWork, type Ended, type Made, type Portion, PortionConverter } from './portion.ts'
import { mostWaiting, Room } from './room.ts'

/** To the thread: another portion, or memory that it may use again. */
export type ToThread = { readonly portion: Portion } | { readonly taken: ArrayBuffer; readonly bytes: number }

/** From the thread; `made` without its frames, which are the first `bytes` of `frames`. */
export type FromThread =
  | 'ready'
  | { readonly made: Made; readonly frames: ArrayBuffer; readonly bytes: number }
  | { readonly ended: Ended }

const noFrames = Buffer.alloc(0)
const never = new AbortController().signal

const converter = new PortionConverter(workerData as ConvertWork, never)
const spare = new SpareMemory(mostWaiting)
const room = new Room()
/** Ends when all portions so far are converted. */
let work = Promise.resolve()

async function convert(portion: Portion): Promise<void> {
  const { part } = portion
  const converting = converter.convert(portion, part && new LentInput(part.descriptor))
  for (;;) {
    const next = await converting.next()
    if (next.done) return answer({ ended: next.value })
    const { frames } = next.value
    const bytes = frames.length
    await room.take(bytes)
    // The memory of the hot loops can't change hands, so the frames go into a buffer that can.
    const copy = roomFor(bytes, spare.take())
    new Uint8Array(copy).set(frames)
    answer({ made: { ...next.value, frames: noFrames }, frames: copy, bytes }, [copy])
  }
}

function answer(message: FromThread, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved)
}

parentPort?.on('message', (message: ToThread) => {
  if ('portion' in message) {
    work = work.then(() => convert(message.portion))
    return
  }
  spare.put(message.taken)
  room.give(message.bytes)
})
answer('ready')
