import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'
import { said } from '../mistakes/words.ts'

/** How the keys of additional data are written: `ad.custom-data`, `ad.CustomData`, a vendor prefix, not at all. */
export const additionalStyles = ['arcsight', 'camel', 'plain', 'none'] as const

/** What stands between the words of a label. */
export const labelStyles = ['space', 'underscore'] as const

/** Where the original row of the log goes. */
export const rawEventPlaces = ['none', 'field', 'additional'] as const

/** What `categories` may say in place of a file: those that come with the program, or none of them. */
export const namedCategories = ['arcsight', 'none'] as const

export type RawEvent = (typeof rawEventPlaces)[number]
export type LabelStyle = (typeof labelStyles)[number]
export type AdditionalStyle = (typeof additionalStyles)[number]
export type CefVersion = 0 | 1

/** What is known of the organisation whose logs these are. */
export interface Organisation {
  readonly domains?: readonly string[] | undefined
  readonly connectors?: readonly string[] | undefined
}

const domainPattern = /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u

const organisation = z.strictObject({
  domains: z
    .array(
      z
        .string()
        .regex(domainPattern, said('is no domain', 'write contoso.com, or *.contoso.com for those below it')),
    )
    .min(1, said('is empty', 'leave it out'))
    .optional()
    .describe('Domains of its own addresses: contoso.com, or `*.contoso.com` for all below it.'),
  connectors: z
    .array(z.string().regex(/\S/, said('is empty', 'leave it out')))
    .min(1, said('is empty', 'leave it out'))
    .optional()
    .describe('Connectors between its own servers, or to its own cloud, as connector-id has them.'),
})

/** As what records are delivered: a part of a destination's configuration. */
export const mappingShape = {
  mapping: pathSetting(said('is empty', '`auto` chooses the table by the columns of the log'))
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
  labels: z
    .enum(labelStyles, `must be one of: ${labelStyles.join(', ')}`)
    .default('space')
    .describe(
      'How the labels of custom keys are written: `Message ID` or, for receivers that make a name of a field of them, ' +
        '`Message_ID`.',
    ),
  categories: pathSetting(said('is empty', 'name a file'))
    .optional()
    .describe(
      'ArcSight categories by event id: a file of them (`event.deviceEventClassId,set.event.categoryObject,…`), which ' +
        'goes before those of the table; `arcsight`, those that come with msgtrk, where the table has none; or `none`.',
    ),
  rawEvent: z
    .enum(rawEventPlaces, `must be one of: ${rawEventPlaces.join(', ')}`)
    .default('none')
    .describe(
      'Whether an event carries the original row of the log, up to 4000 bytes of it: in the key `rawEvent` ' +
        '(`field`) or as additional data `raw-event`.',
    ),
  agent: z
    .boolean()
    .default(false)
    .describe(
      'Whether events say who sent them, as those of ArcSight connectors do: `ahost`, `agt`, `av`, `at`, `aid`, `atz` and ' +
        '`art`, the time at which the row was taken.',
    ),
  organisation: organisation
    .optional()
    .describe(
      'Own domains and connectors, by which `exchange-modern` and mails tell what leaves and enters; without it by the best ' +
        'guess.',
    ),
}

const constant = z.union(
  [
    z
      .string()
      .regex(/^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}]*$/u, said('is no constant', 'write text without line breaks')),
    z.int().nonnegative(),
  ],
  'must be text or a whole number',
)

/** A part of a source's configuration. */
export const sourceFieldsShape = {
  fields: z
    .record(z.string(), constant)
    .transform((fields) =>
      Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value).trim()])),
    )
    .optional()
    .describe(
      'What every event of this source has besides, by CEF key, such as `customerURI`; it stands in place of what the ' +
        'mapping table has under that key. A custom key needs its label too.',
    ),
}

/** Constants by name of the source and key, checked against the dictionary. */
export type SourceFields = ReadonlyMap<string, Readonly<Record<string, string>>>
