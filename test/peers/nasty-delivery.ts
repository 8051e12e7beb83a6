/** Nasty records under a preset: what a decoder read of them is held against what it had to read. */
import { expect } from 'vitest'
import { loadPresets, type PresetName, presetNames } from '../../src/config/presets.ts'
import type { Workplace } from '../support/program.ts'
import { differences, expectedOf, type PresetForm, withGiven } from './expected-fields.ts'
import { frameHost, recordIn } from './frame-parts.ts'
import type { Given } from './given-fields.ts'
import type { DecodedEvent } from './lognormalizer.ts'
import type { NastyLog } from './nasty-logs.ts'

const usual = {
  header: 'rfc3164',
  additional: 'plain',
  labels: ' ',
  protectHeader: false,
  breaks: 'replaced',
} as const
const stream: PresetForm = { ...usual, maxMessageBytes: 65_536 }
const generic: PresetForm = { ...usual, maxMessageBytes: 8192 }

/** What receivers need that differs from `generic`, from what is known of them. */
const forms: Readonly<Record<string, PresetForm>> = {
  // Their own form has a hyphen in keys, which liblognorm refuses: they are judged with the next best.
  arcsight: { ...stream, additional: 'camel' },
  'transformation-hub': { ...stream, additional: 'camel' },
  splunk: { ...stream, header: 'rfc5424', protectHeader: true },
  elastic: { ...stream, breaks: 'kept' },
  graylog: { ...stream, header: 'iso8601', labels: '_', protectHeader: true },
  qradar: { ...generic, maxMessageBytes: 4096 },
  logstash: { ...stream, breaks: 'kept' },
  fluentd: stream,
  eventhubs: stream,
}

/** What events look like under a preset. */
export function formOf(preset: PresetName): PresetForm {
  return forms[preset] ?? generic
}

/** One of the presets for each way in which they differ on a stream; the others send the same. */
export function differentPresets(): readonly PresetName[] {
  const presets = loadPresets()
  const settingsOf = (name: PresetName) =>
    JSON.stringify(
      presets[name].settings
        .filter(({ over }) => over !== 'udp')
        .map(({ set, to }) => `${set} ${to}`)
        .sort(),
    )
  const seen = new Set<string>()
  return presetNames.filter((name) => !seen.has(settingsOf(name)) && seen.add(settingsOf(name)))
}

/** Writes the logs into the folder `EX01` of the place. */
export async function writeLogs(place: Workplace, logs: readonly NastyLog[]): Promise<void> {
  for (const [index, { bytes }] of logs.entries()) {
    await place.write(`EX01/MSGTRK2026112014-${index + 1}.LOG`, bytes)
  }
}

/** Settings of a destination that sends what `formOf` says. */
export function destinationOf(preset: PresetName, to: string): object {
  const { additional } = formOf(preset)
  const own = isGivenMore(preset) && { additionalData: additional }
  return { name: preset, to, preset, syslog: { host: frameHost }, ...own }
}

/** Whether events have more than stands in the rows. */
export function isGivenMore(preset: PresetName): boolean {
  return preset === 'arcsight' || preset === 'transformation-hub'
}

/**
 * Fails unless every record was sent, and read as it was meant. `decoded` belongs to the frames, one by one; `given`: what the
 * events have besides.
 */
export function expectAsMeant(
  logs: readonly NastyLog[],
  frames: readonly string[],
  decoded: readonly (DecodedEvent | undefined)[],
  form: PresetForm,
  given?: Given,
): void {
  expect(decoded).toHaveLength(frames.length)
  const places = new Map<number, number>()
  // What came again is the same.
  for (const [place, frame] of frames.entries()) {
    const first = places.get(recordIn(frame))
    if (first === undefined) places.set(recordIn(frame), place)
    else expect(frame).toBe(frames[first])
  }
  const wrong: string[] = []
  let number = 0
  for (const { version, rows } of logs) {
    for (const row of rows) {
      const place = places.get(number) ?? -1
      const meant = withGiven(expectedOf(row, version, form), decoded[place], given)
      const said = differences(meant, decoded[place], frames[place] ?? '', form)
      if (said.length > 0) wrong.push(`record ${number}: ${said.join('; ')}`)
      number++
    }
  }
  expect(wrong.slice(0, 3), `${wrong.length} of ${number} differ`).toEqual([])
  expect(places.size).toBe(number)
}
