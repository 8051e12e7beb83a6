import type { Format } from '../flow/batch.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import { BatchEncoder } from './batch-encoder.ts'
import type { Encoder } from './encoder.ts'
import type { FrameOptions } from './frame-encoder.ts'

/** As what events are written, and how. */
export interface EncoderOptions extends FrameOptions {
  /** `cef` by default. */
  readonly format?: Format | undefined
}

/** The encoder for a format; `memory` is that of the hot loops, for those that use them. */
export function createEncoder(memory: WorkMemory, { format = 'cef', ...options }: EncoderOptions): Encoder {
  switch (format) {
    case 'cef':
      return new BatchEncoder(memory, options)
  }
}
