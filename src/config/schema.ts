/** The configuration: one schema, put together from what each part says about its own settings. */
import * as z from 'zod'
import { deadLetterOptions } from '../deliver/options.ts'
import { type Complete, checkDestination, destinationShape } from '../destinations/options.ts'
import { frameShape } from '../encode/options.ts'
import { checkOnly, filterShape } from '../filter/options.ts'
import { httpOptions } from '../http/options.ts'
import { checkMails, mailShape } from '../mails/options.ts'
import { mappingShape, sourceFieldsShape } from '../map/options.ts'
import { pathSetting } from '../mistakes/path-setting.ts'
import type { Place } from '../mistakes/place.ts'
import { said } from '../mistakes/words.ts'
import type { Path } from '../mistakes/written.ts'
import { logOptions } from '../observe/options.ts'
import { checkPrivacy, privacyShape } from '../privacy/options.ts'
import { reportShape } from '../report/options.ts'
import { rewriteShape, sourceTimeShape } from '../rewrite/options.ts'
import { checkSource, placesOfSources, sourceName, sourceShape } from '../sources/options.ts'
import type { Origin } from './origins.ts'
import { presetNames } from './presets.ts'
import type { SecretFile } from './secrets.ts'
import type { SourceName } from './source-names.ts'

/** Under which name a source's positions are kept matters only once folders move, so it may be left out. */
const source = z
  .strictObject({
    ...sourceShape,
    name: sourceName
      .optional()
      .describe('Name in the log and of its saved positions; made from the folder or topic by default.'),
    formerName: sourceName
      .optional()
      .describe('What it was called before: its positions go on under the new name.'),
    ...sourceTimeShape,
    ...sourceFieldsShape,
  })
  .superRefine(checkSource, { when: () => true })
  .meta({ anyOf: placesOfSources.map((name) => ({ required: [name] })) })

const presetShape = {
  preset: z
    .enum(presetNames)
    .optional()
    .describe(
      'Defaults that suit a receiver (`msgtrk presets list`, docs/mapping.md); what is written here wins.',
    ),
}

const formerNameShape = {
  formerName: destinationShape.name.describe(
    'What it was called before: its positions and dead letters go on under the new name.',
  ),
}

/** One destination as it is written. */
export const destinationSchema = z
  .strictObject({
    ...destinationShape,
    ...formerNameShape,
    ...presetShape,
    ...filterShape,
    ...mailShape,
    ...mappingShape,
    ...rewriteShape,
    ...privacyShape,
    ...frameShape,
    ...reportShape,
  })
  .superRefine(checkDestination, { when: () => true })
  .superRefine(checkPrivacy, { when: () => true })
  .superRefine(checkOnly, { when: () => true })
  .superRefine(checkMails, { when: () => true })

/** A whole configuration as it is written; what is left out gets its default here or in `complete`. */
export const configSchema = z.strictObject({
  state: pathSetting(said('is empty', 'name a folder'))
    .default('msgtrk-state')
    .describe(
      'Folder for positions, dead letters and the lock; it needs a local disk, and one process at a time.',
    ),
  log: logOptions.prefault({}).describe('The own log of the program.'),
  deadLetters: deadLetterOptions.prefault({}).describe('Lines that can not be delivered, kept for a person.'),
  http: httpOptions
    .optional()
    .describe('Health, metrics and status over HTTP, read when asked; off without it (docs/metrics.md).'),
  sources: z
    .array(source)
    .min(1, said('is empty', 'name at least one folder with tracking logs'))
    .describe('Folders with message tracking logs, one for each server; or topics that hold their rows.'),
  destinations: z
    .array(destinationSchema)
    .min(1, said('is empty', 'name at least one receiver'))
    .describe('Receivers; each gets all records that it asks for, at its own pace.'),
})

/** What the schema gives: names may be missing and paths relative. */
export type CheckedConfig = z.output<typeof configSchema>

/** A checked configuration: every default filled in, every name given, every path absolute. */
export interface Config extends Omit<CheckedConfig, 'sources' | 'destinations'> {
  /** The file that it was read from; undefined for a command line. */
  readonly file?: string
  /** SHA-256 of that file as it was written, as `sha256sum` prints it; for a command line that of its settings. */
  readonly sha256: string
  /** Files that secrets stand in. */
  readonly secretFiles: readonly SecretFile[]
  readonly sources: readonly SourceConfig[]
  readonly destinations: readonly DestinationConfig[]
  /** Where a setting was given, for mistakes that show only later. */
  placeOf(path: Path): Place
  /** Where the value of a setting comes from; of a part of a configuration with mistakes it is not known. */
  originOf(path: Path): Origin
}

export type SourceConfig = CheckedConfig['sources'][number] & SourceName
/** A source that is a folder. */
export type FolderConfig = SourceConfig & { readonly folder: string }
export type DestinationConfig = Complete<CheckedConfig['destinations'][number]>

type JsonSchema = z.core.JSONSchema.BaseSchema
let jsonSchema: JsonSchema | undefined

/** The JSON schema of a configuration file, for editors and for the documentation; made when first asked for. */
export function configJsonSchema(): JsonSchema {
  if (jsonSchema === undefined) {
    const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })
    jsonSchema = { $schema, title: 'Configuration of msgtrk', ...rest } as JsonSchema
  }
  return jsonSchema
}
