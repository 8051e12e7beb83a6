/** A thread that transforms: it says when it is ready, gets chunks one by one and answers each with its first batch, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import type { Transform } from '../flow/in-parts.ts'
import { madeOfFiles, type NamedFiles } from '../mistakes/named-file.ts'
import { copyBatch } from './batch-copy.ts'
import { firstBatch } from './chunk-to-batch.ts'
import { createEventTransform, type EventOptions } from './event-transform.ts'

/** A transform to be made under this number, of these files; those that `remove` names are forgotten. */
export interface TransformSet {
  readonly add: readonly {
    readonly index: number
    readonly options: EventOptions
    readonly files: NamedFiles
  }[]
  readonly remove: readonly number[]
}

/**
 * For the transform with this index. `chunk` has no bytes: these are the first `length` of `input`. `output`: a buffer
 * that frames may be written into.
 */
export interface TransformJob {
  readonly index: number
  readonly chunk: Chunk
  readonly input: ArrayBuffer
  readonly length: number
  readonly output: ArrayBuffer | undefined
  readonly mostFrames: number | undefined
}

/** `input` is given back. */
export interface TransformAnswer {
  readonly batch: Batch
  readonly input: ArrayBuffer
}

const transforms = new Map<number, Transform>()

function change({ add, remove }: TransformSet): void {
  for (const { index, options, files } of add) {
    transforms.set(index, madeOfFiles(asBuffers(files), () => createEventTransform(options)).made)
  }
  for (const index of remove) transforms.delete(index)
}

/** Between threads a Buffer becomes a plain array of bytes. */
function asBuffers(files: ReadonlyMap<string, Uint8Array>): NamedFiles {
  return new Map([...files].map(([path, bytes]) => [path, Buffer.from(bytes)]))
}

function transformed({ index, chunk, input, length, output, mostFrames }: TransformJob): void {
  const transform = transforms.get(index) as Transform
  // The memory of the hot loops can't change hands, so the frames go into a buffer that can.
  const bytes = Buffer.from(input, 0, length)
  const batch = copyBatch(firstBatch(transform({ ...chunk, bytes }, mostFrames)), output)
  parentPort?.postMessage({ batch, input } satisfies TransformAnswer, [batch.frames.buffer, input])
}

change(workerData as TransformSet)
parentPort?.on('message', (message: TransformJob | TransformSet) => {
  if ('add' in message) change(message)
  else transformed(message)
})
parentPort?.postMessage('ready')
