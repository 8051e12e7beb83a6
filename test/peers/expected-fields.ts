/**
 * What a decoder is to read of a record, for each preset: the contract of the output, with the settings of the
 * preset as its receiver needs them. Shares nothing with the encoder, the mapping tables or the presets.
 */
import type { Row } from '../support/any-rows.ts'
import { cut, expectedExtension, normalise, version2010, version2016 } from '../support/expected-event.ts'
import { partsOf, type SyslogHeader } from './frame-parts.ts'
import type { Given } from './given-fields.ts'
import type { DecodedEvent } from './lognormalizer.ts'
import { logVersion, type NastyLog } from './nasty-logs.ts'

/** What a preset decides about an event. */
export interface PresetForm {
  readonly header: SyslogHeader
  /** Keys of columns without a CEF key. */
  readonly additional: 'plain' | 'camel'
  readonly maxMessageBytes: number
  /** What stands between the words of a label. */
  readonly labels: ' ' | '_'
  /** Whether nothing in a value may look like the beginning of an event: the colon of `CEF:0` becomes a semicolon. */
  readonly protectHeader: boolean
  /** Whether line ends and controls beyond ASCII, C1 among them, become U+FFFD. */
  readonly breaks: 'replaced' | 'kept'
}

/** U+0080 to U+009F, and the separators of lines and paragraphs. */
const breaks = `${String.fromCharCode(...Array.from({ length: 32 }, (_, index) => 0x80 + index))}\u2028\u2029`

/** Keys of one record and their values, in the order of the contract; the header fields by liblognorm's names. */
export interface Expected {
  readonly header: Readonly<Record<string, string>>
  readonly extension: ReadonlyMap<string, string>
  /** Keys whose values are whole or not there at all, however short a message has to be; none by default. */
  readonly wholes?: ReadonlySet<string>
}

export function expectedOf(row: Row, version: NastyLog['version'], form: PresetForm): Expected {
  const contract = version === '2007' || version === '2010' ? version2010 : version2016
  const protect = (value: string) =>
    form.protectHeader ? value.replace(/(cef):(?=[ \t]*\d)/gi, '$1;') : value
  const replaced = form.breaks === 'replaced' ? breaks : ''
  const entries = expectedExtension(row, contract, replaced).map(([key, value]): [string, string] => [
    key.startsWith('ad.') ? additionalKey(key.slice(3), form.additional) : key,
    key.endsWith('Label') ? value.replaceAll(' ', form.labels) : protect(value),
  ])
  const field = (name: string, maxBytes: number, fallback: string) =>
    protect(
      (cut(normalise(row[name] ?? Buffer.alloc(0), replaced), maxBytes) || fallback).replace(/[\r\n]/g, ' '),
    )
  return {
    header: {
      DeviceVendor: 'Microsoft',
      DeviceProduct: 'Exchange Server',
      DeviceVersion: field('schema-version', 31, logVersion),
      SignatureID: field('event-id', 1023, 'UNKNOWN'),
      Name: field('event-id', 512, 'UNKNOWN'),
    },
    extension: new Map(entries),
  }
}

/** With what the event has besides; the time of receipt as it was read, where that is one of the run. */
export function withGiven(
  expected: Expected,
  found: DecodedEvent | undefined,
  given: Given | undefined,
): Expected {
  if (given === undefined) return expected
  const { agent, categories, from, to } = given
  const art = found?.extension.art ?? ''
  const isOfRun = /^\d{13}$/.test(art) && Number(art) >= from && Number(art) <= to
  const more = [
    ...(categories.get((expected.header.SignatureID ?? '').trim()) ?? []),
    ...agent,
    ['art', isOfRun ? art : `${from} to ${to}`] as const,
  ]
  const wholes = new Set([...(expected.wholes ?? []), ...more.map(([key]) => key)])
  return { ...expected, extension: new Map([...expected.extension, ...more]), wholes }
}

function additionalKey(column: string, style: PresetForm['additional']): string {
  const name = column.replace(/(?:^|-)([a-z])/g, (_, first: string) => first.toUpperCase())
  return style === 'camel' ? `ad.${name}` : `MicrosoftExchange${name}`
}

/** What differs, in words, the shortest first; the whole difference would be megabytes. */
export function differences(
  { header, extension, wholes }: Expected,
  found: DecodedEvent | undefined,
  frame: string,
  form: PresetForm,
): readonly string[] {
  if (found === undefined) return [`refused: ${show(frame)}`]
  const said: string[] = []
  for (const [name, value] of Object.entries(header)) {
    if (found.header[name] !== value) said.push(`${name}: ${show(found.header[name])} is not ${show(value)}`)
  }
  if (!/^(?:\d|10)$/.test(found.header.Severity ?? '')) said.push(`severity ${show(found.header.Severity)}`)
  // Over the limit of a message values are shortened, which ones the contract leaves open.
  const shortened = wholeBytes(frame, form.header, extension) > form.maxMessageBytes
  for (const [key, value] of extension) {
    const read = found.extension[key]
    const isCut = read === undefined || (wholes?.has(key) !== true && isBeginning(read, value))
    if (read === value || (shortened && isCut)) continue
    said.push(`${key}: ${show(read)} is not ${show(value)}`)
  }
  for (const key of Object.keys(found.extension)) {
    if (!extension.has(key)) said.push(`${key} is too much: ${show(found.extension[key])}`)
  }
  if (frame.length > form.maxMessageBytes) said.push(`${frame.length} bytes`)
  return said
}

/** How long the frame would be with every value whole. */
function wholeBytes(frame: string, header: SyslogHeader, extension: Expected['extension']): number {
  let bytes = partsOf(frame, header)?.extensionStart ?? 0
  for (const [key, value] of extension) {
    bytes += key.length + 2 + Buffer.byteLength(value.replace(/[\\=\r\n]/g, '\\$&'))
  }
  return bytes
}

/** A value that was cut keeps no blanks at its end, and may be gone altogether, with its label. */
function isBeginning(read: string | undefined, value: string): boolean {
  return read === undefined || (read !== '' && value.startsWith(read) && !/[ \t]$/.test(read))
}

function show(value: string | undefined): string {
  if (value === undefined || value.length <= 120) return JSON.stringify(value) ?? 'nothing'
  return `${JSON.stringify(value.slice(0, 60))}…${JSON.stringify(value.slice(-40))} (${value.length})`
}
