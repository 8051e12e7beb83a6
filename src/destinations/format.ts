/** As what events go out, where a kind lets that be chosen: `settings: { …, ...formatShape }`, `formatOf`, `unusedIn`. */
import * as z from 'zod'
import type { Group } from '../mistakes/written.ts'
import type { CommonOptions, Report, Unused } from './kind.ts'

const formats = ['cef', 'json', 'raw'] as const

/** One of the ways in which events may be written. */
type WrittenFormat = (typeof formats)[number]

/** A part of the settings of the kinds that let it be chosen. */
export const formatShape = {
  format: z
    .enum(formats, `must be one of: ${formats.join(', ')}`)
    .default('cef')
    .describe(
      'As what events are written (docs/formats.md). `json`: an object a line with the keys of CEF; `raw`: the row as it ' +
        'stands in the log, under its header, so that another msgtrk can read it. Both without a syslog header.',
    ),
}

/** Settings with a format. */
export interface Formatted {
  readonly format?: WrittenFormat | undefined
}

/** For `frames` of a kind. */
export function formatOf({ format = 'cef' }: CommonOptions & Formatted): WrittenFormat {
  return format
}

const inWords: Readonly<Record<WrittenFormat, string | undefined>> = {
  cef: undefined,
  json: 'a JSON object a line, without a syslog header',
  raw: 'rows as they stand in the log, under their header',
}

/** For people; undefined where the kind says it. */
export function formatInWords(format: string | undefined): string | undefined {
  return Object.entries(inWords).find(([name]) => name === format)?.[1]
}

const aboutRows = (what: string, remedy = 'remove it') => ({
  message: `${what}, and format: raw gives rows as they stand in the log`,
  remedy,
})

/** What says how a row becomes an event, or what of it is kept back. */
const unusedForRaw: Unused = {
  ...Object.fromEntries(
    ['mapping', 'cefVersion', 'additionalData', 'labels', 'categories', 'rawEvent', 'agent'].map(
      (setting) => [setting, aboutRows('says what an event holds')],
    ),
  ),
  recipients: aboutRows('makes several events of a row'),
  overflow: aboutRows('makes several events of a row'),
  unicodeControls: aboutRows('replaces characters'),
  maxMessageBytes: aboutRows('shortens messages'),
  privacy: {
    message: 'keeps nothing back with format: raw, which gives rows as they stand in the log',
    remedy: 'write format: cef or json; or remove it, if the receiver may see all',
  },
  selfReport: aboutRows('is about events of its own', 'remove it, and report to another destination'),
}

/** Settings that do nothing beside the format that was written. */
export function unusedIn({ format, only }: Group): Unused {
  if (format !== 'json' && format !== 'raw') return {}
  const ofCef = (what: string) => ({ message: `${what}, and this is format: ${format}`, remedy: 'remove it' })
  return {
    preset: ofCef('suits what a receiver wants of CEF'),
    syslog: ofCef('is for syslog messages, which hold CEF'),
    framing: {
      message: `is for syslog messages, and with format: ${format} each event is a line`,
      remedy: 'remove it',
    },
    protectHeader: ofCef('protects the header of CEF'),
    ...(format === 'raw' && unusedForRaw),
    // Filters by name ask it as well.
    ...(format === 'raw' && only === undefined && { organisation: aboutRows('says what an event holds') }),
  }
}

/** Noise within rows can't be left out of rows that stay as they are. */
export function checkFormat({ format, noise }: Group, report: Report): void {
  if (format !== 'raw' || !Array.isArray(noise)) return
  const index = noise.indexOf('agentinfo-performance')
  if (index < 0) return
  report(
    ['noise', index],
    'agentinfo-performance is a part of rows, and format: raw gives them as they stand in the log',
    'remove it',
  )
}
