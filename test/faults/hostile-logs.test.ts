/** Whatever a log was made to do: it has as many events as it has records, and a strict decoder takes each. */
import { expect, test } from 'vitest'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { streamChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { isThorough } from '../support/runs.ts'
import { hostileLogs } from './hostile-logs.ts'

/** Each log in each style, or in one of them. */
const cases = Object.entries(hostileLogs).flatMap(([name, log], index) =>
  (['arcsight', 'camel', 'plain'] as const)
    .filter((_, style) => isThorough || style === index % 3)
    .map((additionalData) => ({ name, additionalData, ...log })),
)

test.each(cases)('$name, with additional data in the style $additionalData', async (log) => {
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: log.additionalData,
    syslog: { header: 'rfc3164', host: 'collector', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 65_536,
  })
  let events = 0
  let malformed = 0
  const objections: string[] = []
  for await (const chunk of streamChunks(inPieces(log.bytes), 'hostile.LOG')) {
    for (const batch of transform(chunk)) {
      events += batch.counts.events
      malformed += batch.malformed.length
      batch.ends.forEach((end, index) => {
        const frame = Buffer.from(batch.frames.subarray(batch.ends[index - 1] ?? 0, end - 1))
        const decoded = decodeFrame(frame)
        if (!decoded.ok) objections.push(`${decoded.errors[0]?.reason}: ${frame.toString('latin1')}`)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        if (/[\x00-\x08\x0a-\x1f\x7f]/.test(frame.toString('latin1'))) objections.push(`control: ${frame}`)
      })
    }
  }
  expect(objections.slice(0, 3)).toEqual([])
  expect(events).toBe(log.events)
  if (log.malformed !== undefined) expect(malformed).toBe(log.malformed)
})

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007)
}
