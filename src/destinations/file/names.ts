/**
 * Names of the files: a name with placeholders as it was written, and which files have such a name. Nothing that a sender
 * wrote becomes part of one: only the time of writing, in UTC, and the name of the source, which the configuration says.
 *
 *     %Y-%m-%d-%S.cef   2026-11-28-EX01.cef   2026-11-28-EX01+1.cef   2026-11-28-EX01+2.cef.gz
 */
import { Mistaken } from '../../mistakes/words.ts'

const placeholders: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  m: '\\d{2}',
  d: '\\d{2}',
  H: '\\d{2}',
  D: '\\d{4}-\\d{2}-\\d{2}',
  S: '[\\p{L}\\p{N}._-]{1,64}',
}

/** A file by its name. */
export interface NamedFile {
  readonly name: string
  /** The name of the first file of the same time and source. */
  readonly first: string
  /** How many came before it. */
  readonly number: number
  readonly isPacked: boolean
}

/** The names that one address stands for. */
export class FileNames {
  readonly #parts: readonly string[]
  readonly #extension: string
  readonly #pattern: RegExp

  private constructor(template: string) {
    const dot = template.lastIndexOf('.')
    const stem = dot > 0 ? template.slice(0, dot) : template
    this.#extension = dot > 0 ? template.slice(dot) : ''
    this.#parts = stem.split(/(%25|%[A-Za-z])/)
    const pattern = this.#parts.map((part) => {
      const placeholder = /^%([A-Za-z])$/.exec(part)?.[1]
      return placeholder === undefined ? literally(part.replaceAll('%25', '%')) : placeholders[placeholder]
    })
    const end = literally(this.#extension)
    this.#pattern = new RegExp(`^(${pattern.join('')})(?:\\+([1-9]\\d{0,8}))?${end}(\\.gz)?$`, 'u')
  }

  /** Takes a name with placeholders apart, or says what is wrong with it. */
  static read(template: string): FileNames | Mistaken {
    for (const [, found = ''] of template.matchAll(/%(25|.|$)/gsu)) {
      if (found === '25' || Object.hasOwn(placeholders, found)) continue
      return new Mistaken(
        `has the unknown placeholder %${found}`,
        'there are %Y, %m, %d, %H and %D (year, month, day, hour and date in UTC) and %S (source); a percent sign is %25',
      )
    }
    const dot = template.lastIndexOf('.')
    if (dot > 0 && template.slice(dot).includes('%')) {
      return new Mistaken('has a placeholder behind its last dot', 'write it before that, as in %D.cef')
    }
    if (template.includes('+')) return new Mistaken('holds +, which numbers files', 'write another character')
    return new FileNames(template)
  }

  /** Whether sources have files of their own. */
  get isBySource(): boolean {
    return this.#parts.includes('%S')
  }

  /** The name of the first file of a time and a source. */
  firstOf(source: string, nowMs: number): string {
    return `${this.#parts.map((part) => this.#valueOf(part, source, nowMs)).join('')}${this.#extension}`
  }

  #valueOf(part: string, source: string, nowMs: number): string {
    const iso = new Date(nowMs).toISOString()
    const values: Readonly<Record<string, string>> = {
      '%Y': iso.slice(0, 4),
      '%m': iso.slice(5, 7),
      '%d': iso.slice(8, 10),
      '%H': iso.slice(11, 13),
      '%D': iso.slice(0, 10),
      '%S': source.replace(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 64) || '_',
      '%25': '%',
    }
    return values[part] ?? part
  }

  /** Whether a file of that first name is of this time, whatever its source. */
  isOf(first: string, nowMs: number): boolean {
    const parts = this.#parts.map((part) =>
      part === '%S'
        ? placeholders.S
        : literally(part.startsWith('%') ? this.#valueOf(part, '', nowMs) : part),
    )
    return new RegExp(`^${parts.join('')}${literally(this.#extension)}$`, 'u').test(first)
  }

  /** The name of a later file of the same time and source. */
  numbered(first: string, number: number): string {
    if (number === 0) return first
    return `${first.slice(0, first.length - this.#extension.length)}+${number}${this.#extension}`
  }

  /** What a name says of a file; null when it is none of these. */
  parse(name: string): NamedFile | null {
    const [, stem, number = '0', packed] = this.#pattern.exec(name) ?? []
    if (stem === undefined) return null
    return {
      name,
      first: `${stem}${this.#extension}`,
      number: Number(number),
      isPacked: packed !== undefined,
    }
  }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
