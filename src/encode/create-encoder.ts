import type { Format } from '../flow/batch.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import { BatchEncoder } from './batch-encoder.ts'
import type { Encoder } from './encoder.ts'
import type { FrameOptions } from './frame-encoder.ts'
import { cefKeys } from './json/cef-keys.ts'
import { JsonLines } from './json/json-lines.ts'
import { messageTrackingLog } from './json/message-tracking-log.ts'
import { commonSecurityLog } from './json/security-log.ts'
import { RawRows } from './raw-rows.ts'

/** As what events are written, and how. */
export interface EncoderOptions extends FrameOptions {
  /** `cef` by default. */
  readonly format?: Format | undefined
}

/** Log Analytics cuts a value at 64 KB without a word; it is not said whether these are of 1000 bytes or of 1024. */
const MOST_FIELD_BYTES = 64_000

/** The encoder for a format; `memory` is that of the hot loops, for those that use them. */
export function createEncoder(memory: WorkMemory, { format = 'cef', ...options }: EncoderOptions): Encoder {
  const limits = { maxMessageBytes: options.maxMessageBytes, maxValueBytes: MOST_FIELD_BYTES }
  switch (format) {
    case 'cef':
      return new BatchEncoder(memory, options)
    case 'json':
      return new JsonLines(cefKeys(options.unicodeControls), limits)
    case 'raw':
      return new RawRows()
    case 'message-tracking-log':
      return new JsonLines(messageTrackingLog(options.unicodeControls), limits)
    case 'common-security-log':
      return new JsonLines(commonSecurityLog(options.host, options.unicodeControls), limits)
  }
}
