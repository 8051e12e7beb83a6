/** What is to be in a topic, and what is: the rows of a folder held against the records that somebody else has read. */
import { readdir } from 'node:fs/promises'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import type { Workplace } from '../support/program.ts'
import type { SeenRecord } from './cluster.ts'

/** What is to be in the topic: by file and offset of the row. */
export type Expected = ReadonlyMap<string, string>

/** Each row of the logs in a folder by its file and offset, as it is delivered. */
export async function expectedIn(place: Workplace, folder = 'logs'): Promise<Expected> {
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    unicodeControls: 'breaks',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'datagram',
    maxMessageBytes: 65_536,
    origins: true,
  })
  const found = new Map<string, string>()
  for (const name of (await readdir(place.path(folder))).filter((name) => /^MSGTRK/i.test(name))) {
    for await (const chunk of fileChunks(place.path(folder, name))) {
      for (const { frames, ends, origins } of transform(chunk)) {
        for (const [event, end] of ends.entries()) {
          found.set(`${name} ${origins?.offsets[event]}`, frames.toString('utf8', ends[event - 1] ?? 0, end))
        }
      }
    }
  }
  return found
}

/** Holds what kcat has read against what there was to be delivered. */
export function judge(expected: Expected, records: readonly SeenRecord[]) {
  const seen = new Set<string>()
  const last = new Map<string, number>()
  let twice = 0
  let unknown = 0
  let disordered = 0
  for (const { partition, key, value, headers } of records) {
    const { file = '', offset = '' } = headers
    const place = `${file} ${offset}`
    if (expected.get(place) !== value) unknown++
    if (seen.has(place)) {
      twice++
      continue
    }
    seen.add(place)
    // What has no key goes to any partition.
    if (key === null) continue
    const line = `${partition} ${key} ${file}`
    if ((last.get(line) ?? -1) >= Number(offset)) disordered++
    last.set(line, Number(offset))
  }
  const lost = [...expected.keys()].filter((place) => !seen.has(place)).length
  return { lost, twice, unknown, disordered }
}
