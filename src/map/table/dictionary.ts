/** The CEF dictionary: which keys there are, of which type and length. The data is a file; this is its shape. */
import * as z from 'zod'
import type { CefVersion } from '../options.ts'

const valueType = z.enum(['string', 'integer', 'long', 'floating', 'ipv4', 'ipv6', 'mac', 'timestamp'])

const entrySchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  type: valueType,
  bytes: z.int().positive().optional(),
  cef1: z.enum(['long', 'ip']).optional(),
  label: z.string().optional(),
  since: z.string().optional(),
})

export const dictionarySchema = z.strictObject({
  header: z.strictObject({
    vendor: z.int(),
    product: z.int(),
    version: z.int(),
    eventClassId: z.int(),
    name: z.int(),
  }),
  additionalBytes: z.int(),
  keys: z.array(entrySchema),
})

/** One key of the standard. `bytes`: limit of a string; `cef1`: type in CEF 1.x if it is another one. */
export type DictionaryEntry = Readonly<z.output<typeof entrySchema>>

/** The dictionary as it stands in its file. */
export type DictionaryContent = Readonly<z.output<typeof dictionarySchema>>

export interface Dictionary {
  /** Limits of the header fields in UTF-8 bytes. */
  readonly header: Readonly<z.output<typeof dictionarySchema>['header']>
  /** Limit of an additional value in UTF-8 bytes. */
  readonly additionalBytes: number
  readonly keys: ReadonlyMap<string, DictionaryEntry>
}

/** The type of a key's value in a version of CEF. */
export function typeIn(entry: DictionaryEntry, cefVersion: CefVersion): DictionaryEntry['type'] | 'ip' {
  return cefVersion === 1 && entry.cef1 !== undefined ? entry.cef1 : entry.type
}
