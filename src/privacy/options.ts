/** The settings under `privacy`: a part of a destination's configuration. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { compilePattern, type Pattern } from '../mistakes/pattern.ts'
import { Mistaken, report, said, type Words } from '../mistakes/words.ts'
import { type Kind, kindOf, type ProtectableColumn, protectableColumns } from './columns.ts'
import { aesKeySizes, hmacKeySizes, keyProblem, readSecret, tweakProblem } from './secret.ts'

/** Ways to protect a column. */
export const methods = ['drop', 'mask', 'hash', 'encrypt'] as const

export type Method = (typeof methods)[number]

/** As many as the connector has that msgtrk stands in for; each value costs tens of microseconds. */
const mostEncrypted = 20

/** Settings under `privacy` that may not stand in the file itself, only as a reference. */
export const privacySecrets = ['hashKey', 'encryptKey', 'tweak'] as const

const holds: Readonly<Record<Kind, string>> = {
  address: 'An address',
  addresses: 'A list of addresses, each protected on its own',
  ip: 'An IP address',
  host: 'A host name or an IP address',
  text: 'Text',
  fixed: 'Text',
}

const method = z.enum(methods)
const columnsShape = z.strictObject(
  Object.fromEntries(
    protectableColumns.map((name) => [name, method.optional().describe(`${holds[kindOf(name)]}.`)]),
  ) as Record<ProtectableColumn, z.ZodOptional<typeof method>>,
)

const secret = (problemOf: (bytes: Buffer | undefined) => Words | undefined) =>
  z.string().transform((text, context): KeyObject => {
    const bytes = readSecret(text)
    const problem = problemOf(bytes)
    if (bytes !== undefined && problem === undefined) return createSecretKey(bytes)
    report(context, problem ?? { message: 'is no secret' })
    return z.NEVER
  })

const subjectPattern = z.string().superRefine((text, context) => {
  try {
    compileSubject(text)
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    report(context, error.words)
  }
})

/** A checked pattern for subjects; in any case, as in filters, and the letter that says so is taken too. */
export function compileSubject(text: string): Pattern {
  const source = /^\/(.+)\/i?$/s.exec(text)?.[1]
  if (source === undefined) throw new Mistaken('is no pattern', 'write a regular expression as /…/')
  return compilePattern(source, { ignoreCase: true })
}

const settingsShape = z.strictObject({
  columns: columnsShape
    .default({})
    .describe('How columns of the log are protected: `drop`, `mask`, `hash` or `encrypt`.'),
  hashKey: secret((bytes) => keyProblem(bytes, hmacKeySizes))
    .optional()
    .describe(
      'Key for `hash`: 16, 24, 32 or 64 bytes in hexadecimal or base64, as `$' +
        '{env:NAME}` or `$' +
        '{file:/path}`.',
    ),
  encryptKey: secret((bytes) => keyProblem(bytes, aesKeySizes))
    .optional()
    .describe('AES key for `encrypt`: 16, 24 or 32 bytes, given likewise.'),
  tweak: secret(tweakProblem)
    .optional()
    .describe('Tweak for `encrypt`: 1 to 64 bytes, given likewise; another one gives other values.'),
  hideBcc: z
    .boolean()
    .default(false)
    .describe('Leave Bcc recipients out of the records that tell who they are.'),
  dropSubjects: z
    .array(subjectPattern)
    .min(1, said('names no pattern', 'remove it'))
    .optional()
    .describe(
      'Subjects in which one of these regular expressions, `/…/`, is found in any case are dropped; the ' +
        'record stays.',
    ),
})

/** What is kept from a receiver: a part of a destination's configuration. */
export const privacyShape = {
  privacy: settingsShape
    .superRefine(checkSettings, { when: () => true })
    .optional()
    .describe('What the receiver does not get to see; docs/privacy.md says what becomes of each value.'),
}

/** Checked settings, which may be sent to a thread; keys are held so that nothing prints them. */
export type PrivacyOptions = z.output<typeof settingsShape>

/** Also runs when a setting has a mistake of its own, so that all are told at once: then its value is anything. */
function checkSettings(value: Partial<PrivacyOptions>, context: z.RefinementCtx): void {
  if (typeof value !== 'object' || value === null) return
  const wrong = new Set(context.issues.map(({ path }) => path?.[0]))
  const tell = (setting: string, message: string, remedy?: string) => {
    if (wrong.has(setting)) return
    report(context, { message, ...(remedy !== undefined && { remedy }) }, [setting])
  }
  const columns: readonly (readonly [string, unknown])[] = Object.entries(value.columns ?? {})
  const protectedBy = (method: Method) => columns.filter(([, by]) => by === method).map(([name]) => name)
  const hashed = protectedBy('hash')
  const encrypted = protectedBy('encrypt')
  if (hashed.length > 0 && value.hashKey === undefined) {
    tell('hashKey', `is missing: ${hashed.join(', ')} can't be hashed without`, howToGive('hash.key'))
  }
  if (encrypted.length > 0 && value.encryptKey === undefined) {
    tell(
      'encryptKey',
      `is missing: ${encrypted.join(', ')} can't be encrypted without`,
      howToGive('encrypt.key'),
    )
  }
  if (hashed.length === 0 && value.hashKey !== undefined)
    tell('hashKey', 'is not needed: no column is hashed')
  for (const name of ['encryptKey', 'tweak'] as const) {
    if (encrypted.length === 0 && value[name] !== undefined)
      tell(name, 'is not needed: no column is encrypted')
  }
  if (encrypted.length > mostEncrypted) {
    tell(
      'columns',
      `encrypts ${encrypted.length} columns, and may encrypt ${mostEncrypted}`,
      'hash or drop others',
    )
  }
  if (isSame(value.hashKey, value.encryptKey)) {
    tell(
      'hashKey',
      'is that of encryptKey: who may look up hashes could decrypt',
      'give each a key of its own',
    )
  }
  if (columns.length === 0 && value.hideBcc !== true && value.dropSubjects === undefined) {
    tell('columns', 'protects nothing', 'name columns, set hideBcc or dropSubjects, or remove privacy')
  }
}

function howToGive(file: string): string {
  return `write $\{file:/etc/msgtrk/${file}}, and make the file with: openssl rand -hex 32`
}

function isSame(one: unknown, other: unknown): boolean {
  return isKey(one) && isKey(other) && one.equals(other)
}

function isKey(value: unknown): value is KeyObject {
  return typeof value === 'object' && value !== null && 'equals' in value
}

/**
 * Checks settings against each other; for `superRefine` of the schema that `privacyShape` was spread into, also
 * when others have mistakes of their own.
 */
export function checkPrivacy(
  value: { readonly privacy?: unknown; readonly rawEvent?: string | undefined } | null,
  context: z.RefinementCtx,
): void {
  const rawEvent = value?.rawEvent ?? 'none'
  if (value?.privacy === undefined || rawEvent === 'none') return
  const message = 'would show the row with all that privacy protects'
  report(context, { message, remedy: 'remove one of the two' }, ['rawEvent'])
}
