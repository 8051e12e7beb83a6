/** `${env:NAME}`, `${file:/path}` and `${credential:NAME}` inside the text values of a configuration. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { mistakeOfText } from '../mistakes/encoding.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import { holdsUnseen, unseenInPath } from '../mistakes/path-setting.ts'
import type { Words } from '../mistakes/words.ts'
import type { Path } from '../mistakes/written.ts'

/** Where references are looked up; `folder` is what relative paths start from. */
export interface Surroundings {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A configuration with its references replaced. */
export interface Expanded {
  readonly value: unknown
  readonly mistakes: readonly Mistake[]
  /** What was put in: it may be secret and is not shown. */
  readonly insertions: readonly Insertion[]
}

/** A value that took the place of `reference` (`${env:NAME}`) in the setting at `path`. */
export interface Insertion {
  readonly path: Path
  readonly reference: string
  readonly value: string
  /** The file that it came from; undefined for an environment variable. */
  readonly file?: string
}

/**
 * Replaces the references in every text below `value`; `$${` stands for `${`. What is put in is not looked at
 * again. A text whose reference can't be resolved stays as it is and is reported.
 */
export async function expandReferences(value: unknown, surroundings: Surroundings): Promise<Expanded> {
  const mistakes: Mistake[] = []
  const insertions: Insertion[] = []

  async function expand(value: unknown, path: Path): Promise<unknown> {
    if (typeof value === 'string') return expandText(value, path)
    if (Array.isArray(value)) return Promise.all(value.map((item, index) => expand(item, [...path, index])))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(async ([key, item]) => [
      key,
      await expand(item, [...path, key]),
    ])
    return Object.fromEntries(await Promise.all(entries))
  }

  async function expandText(text: string, path: Path): Promise<string> {
    let expanded = ''
    let from = 0
    for (const match of text.matchAll(/\$\$\{|\$\{([^}]*)(\}?)/g)) {
      const [whole, reference] = match
      expanded += text.slice(from, match.index)
      from = match.index + whole.length
      if (reference === undefined) {
        expanded += '${'
        continue
      }
      const found = await lookUp(reference, match[2] === '}', surroundings)
      if (typeof found !== 'string') {
        mistakes.push({ path, ...found })
        return text
      }
      const file = fileOf(reference, surroundings)
      insertions.push({
        path,
        reference: whole,
        value: found,
        ...(file !== undefined && { file }),
      })
      expanded += found
    }
    return expanded + text.slice(from)
  }

  return { value: await expand(value, []), mistakes, insertions }
}

/** The file that a reference is to; undefined for another one, and for one that can't be. */
function fileOf(reference: string, { folder, env }: Surroundings): string | undefined {
  const [, kind, name = ''] = /^(file|credential):(.+)$/s.exec(reference) ?? []
  if (kind === 'file') return resolve(folder, name)
  const { CREDENTIALS_DIRECTORY: credentials } = env
  return kind === undefined || !credentials ? undefined : resolve(credentials, name)
}

async function lookUp(
  reference: string,
  closed: boolean,
  surroundings: Surroundings,
): Promise<string | Words> {
  const [, kind, name] = /^(env|file|credential):(.+)$/s.exec(reference) ?? []
  if (!closed || kind === undefined || name === undefined) {
    return {
      message: `has a reference that is none: \${${reference}${closed ? '}' : ''}`,
      remedy:
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
        'write ${env:NAME}, ${file:/path} or ${credential:NAME}, or $${ for the two characters themselves',
    }
  }
  if (kind === 'file' && holdsUnseen(name)) {
    const { message, remedy } = unseenInPath
    return { message: `has a reference to a file whose path ${message}`, remedy }
  }
  if (kind === 'credential' && !/^[\w.-]+$/.test(name)) {
    return {
      message: `has a reference to a credential by a name that is none: ${name}`,
      remedy: 'use letters, digits, dots, hyphens and underscores',
    }
  }
  const file = fileOf(reference, surroundings)
  if (file !== undefined) return readValue(file, name)
  if (kind === 'credential') {
    return {
      message: `needs the credential ${name}, and none are handed to this process`,
      remedy:
        'start it as a service whose unit has LoadCredential= (msgtrk service install --credentials FOLDER), or set ' +
        'CREDENTIALS_DIRECTORY to a folder with a file of that name',
    }
  }
  return (
    surroundings.env[name] ?? {
      message: `needs the environment variable ${name}, which is not set`,
      remedy: 'set it for the account and the service that msgtrk runs as',
    }
  )
}

/** Far more than any value; a device gives as much as it is asked for. */
const largestFile = 1024 * 1024

/** The text of a file as a value: without a byte order mark and without the line end that editors add. */
async function readValue(file: string, name: string): Promise<string | Words> {
  try {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of createReadStream(file)) {
      size += part.length
      if (size > largestFile) {
        return {
          message: `needs the file ${name}, which has more than 1 MiB`,
          remedy: 'name the file of one value',
        }
      }
      parts.push(part)
    }
    const bytes = Buffer.concat(parts)
    if (mistakeOfText(bytes) !== undefined) {
      return { message: `needs the file ${name}, which is no text in UTF-8`, remedy: 'save it as UTF-8' }
    }
    return bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .replace(/[\r\n]+$/, '')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return {
      message: `needs the file ${name}, which can't be read (${reason})`,
      remedy: 'check the path, and the rights of the account that msgtrk runs as',
    }
  }
}
