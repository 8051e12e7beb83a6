/**
 * The settings that are in force, as YAML that stands for the same configuration, each with where it comes from. Of
 * what a reference brought in the reference is printed, of a secret in clear text nothing.
 */
import { Scalar, stringify } from 'yaml'
import type { Origin } from '../../config/origins.ts'
import type { Config } from '../../config/schema.ts'
import { isSecret } from '../../config/secrets.ts'
import { kindOf } from '../../destinations/kinds.ts'
import { unusedSettings } from '../../destinations/options.ts'
import { visible } from '../../mistakes/visible.ts'
import { isGroup, type Path } from '../../mistakes/written.ts'

const hidden = '(hidden)'
/** A longer line has its origin above it. */
const usualWidth = 100
const mostPadding = 44

/** A setting in a line of its own; groups and lists of groups have lines, and no value. */
interface Line {
  readonly path: Path
  /** With what stands before it: `  - name: `. */
  readonly lead: string
  /** Undefined for what only has others below it. */
  readonly value?: unknown
  readonly origin?: Origin
}

/** As text for people, or JSON. */
export function printConfig(
  config: Config,
  { json, width }: { readonly json: boolean; readonly width: number | undefined },
): string {
  const lines = [...linesOf(shown(config), [], '', config)]
  if (json) {
    const settings = lines.flatMap(({ path, value, origin }) =>
      value === undefined ? [] : [{ setting: path.join('.'), value, origin }],
    )
    return `${visibleLines(JSON.stringify({ version: 1, settings }, null, 2))}\n`
  }
  return lines.map((line) => `${formatLine(line, width ?? usualWidth)}\n`).join('')
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** What of a configuration is a setting. Defaults that do nothing with a destination are left out. */
function shown({ state, log, deadLetters, http, sources, destinations, originOf }: Config): object {
  return {
    state,
    log,
    deadLetters,
    http,
    sources: sources.map(({ name, ...source }) => ({ name, ...source })),
    destinations: destinations.map((destination, index) => {
      const idle = new Set(unusedSettings({ ...destination }).map(({ path: [setting = ''] }) => setting))
      const { frames } = kindOf(destination.to)
      const { name, to, ...settings } = destination
      return Object.fromEntries(
        Object.entries({ name, to, ...settings }).filter(([setting]) => {
          const isDefault = originOf(['destinations', index, setting]).from === 'default'
          return !isDefault || !(idle.has(setting) || (setting === 'framing' && frames.framing !== undefined))
        }),
      )
    }),
  }
}

function* linesOf(value: object, path: Path, indent: string, config: Config): Generator<Line> {
  let lead = indent
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const key = Array.isArray(value) ? Number(name) : name
    const at = [...path, key]
    const head = `${lead}${Array.isArray(value) ? '- ' : `${scalar(name)}:`}`
    if (isBranch(member)) {
      if (Array.isArray(value)) yield* firstOn(head, linesOf(member, at, `${indent}  `, config))
      else {
        yield { path: at, lead: head }
        yield* linesOf(member, at, `${indent}  `, config)
      }
    } else {
      yield { path: at, lead: head, ...leaf(member, at, config) }
    }
    lead = indent
  }
}

/** The first line of a member stands behind its dash. */
function* firstOn(head: string, lines: Generator<Line>): Generator<Line> {
  let isFirst = true
  for (const line of lines) {
    yield isFirst ? { ...line, lead: `${head}${line.lead.trimStart()}` } : line
    isFirst = false
  }
}

/** What has lines of its own below it: groups, and lists of groups. */
function isBranch(value: unknown): value is object {
  if (Array.isArray(value)) return value.some((member) => isGroup(member))
  return isGroup(value) && Object.values(value).some((member) => member !== undefined)
}

function leaf(value: unknown, path: Path, { originOf }: Config): Pick<Line, 'value' | 'origin'> {
  const origin = originOf(path)
  const one = (member: unknown, at: Path) => {
    const own = originOf(at)
    if (own.from === 'written' && own.reference !== undefined) return own.reference
    return isSecret(at) ? hidden : escaped(member)
  }
  const printed = Array.isArray(value)
    ? value.map((member, index) => one(member, [...path, index]))
    : one(value, path)
  return { value: printed, origin }
}

/** What would be taken for a reference stands as it has to be written. */
function escaped(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('${', () => '$${') : value
}

function formatLine({ lead, value, origin }: Line, width: number): string {
  if (value === undefined || origin === undefined) return lead
  const text = `${lead}${lead.endsWith('- ') ? '' : ' '}${scalar(value)}`
  const from = `# ${originText(origin)}`
  const whole = `${text.padEnd(mostPadding)}  ${from}`
  if (whole.length <= width) return whole
  const indent = /^[ -]*/.exec(lead)?.[0].length ?? 0
  // Above the first line of a list a comment would stand with the member before it.
  return lead.includes('- ') ? `${text}  ${from}` : `${' '.repeat(indent)}${from}\n${text}`
}

/** In one line, whatever it holds. */
function scalar(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(scalar).join(', ')}]`
  if (typeof value === 'string') {
    // Paths of Windows are best read in single quotes; what can't be seen needs double ones.
    const type = visible(value) === value && value.includes('\\') ? Scalar.QUOTE_SINGLE : undefined
    const text = new Scalar(value)
    if (type !== undefined) text.type = type
    if (visible(value) !== value) return visible(JSON.stringify(value))
    return stringify([text], { collectionStyle: 'flow', lineWidth: 0 }).trim().slice(1, -1).trim()
  }
  return JSON.stringify(value)
}

function originText(origin: Origin): string {
  switch (origin.from) {
    case 'preset':
      return `preset ${origin.preset}`
    case 'default':
      return 'default'
    case 'written': {
      const { where, reference } = origin
      const place =
        'file' in where ? `${where.file}:${where.line}` : 'option' in where ? where.option : 'written'
      return visible(reference === undefined ? place : `${place}, by reference`)
    }
  }
}
