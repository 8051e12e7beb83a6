import { z } from 'zod'

/** How the keys of additional data are written: `ad.custom-data`, `ad.CustomData`, a vendor prefix, not at all. */
export const additionalStyles = ['arcsight', 'camel', 'plain', 'none'] as const

export type AdditionalStyle = (typeof additionalStyles)[number]
export type CefVersion = 0 | 1

/** What is delivered, and as what: a part of a destination's configuration. */
export const mappingShape = {
  events: z
    .array(z.string().regex(/^\s*[\w-]{1,64}\s*$/, 'is no event id, such as SEND'))
    .min(1, 'names no event; leave it out to deliver all of them')
    .optional()
    .describe('Only records with one of these event ids; all by default.'),
  mapping: z
    .string()
    .min(1, 'is empty; `auto` chooses the table by the columns of the log')
    .default('auto')
    .describe('`auto`, a built-in table (`exchange-2013`, `exchange-2013.v1`) or the path of a file.'),
  cefVersion: z
    .literal([0, 1], 'must be 0 or 1')
    .default(0)
    .describe('Version in front of the event; 1 allows IPv6 in every address key and 64-bit sizes.'),
  additionalData: z
    .enum(additionalStyles, `must be one of: ${additionalStyles.join(', ')}`)
    .default('arcsight')
    .describe('How the keys of columns without a CEF key are written; receivers differ in what they take.'),
}
