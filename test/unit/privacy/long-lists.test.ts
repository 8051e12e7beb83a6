/** Long lists are protected part by part: with turns between the parts, and as if it were done in one go. */
import { describe, expect, test } from 'vitest'
import { RecentValues } from '../../../src/privacy/cache.ts'
import { Protector } from '../../../src/privacy/protector.ts'
import { joinList, splitList } from '../../../src/records/list.ts'
import { firstBatch, restOf } from '../../../src/transform/chunk-to-batch.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'
import { keys } from '../../support/secrets.ts'

const layout = layoutOf('2016')
const members = Array.from({ length: 3000 }, (_, index) =>
  index % 5 === 0
    ? `<o'${index}@a.example>`
    : index % 7 === 0
      ? `"r;${index}"@a.example`
      : `r${index}@a.example`,
)

function rowTo(recipients: readonly string[]): Buffer {
  const values: Readonly<Record<string, string>> = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': 'SEND',
    'recipient-address': joinList(recipients),
  }
  return csvRow(layout.columns.map((name) => values[name] ?? ''))
}

const bytes = Buffer.concat([rowTo(['first@a.example']), rowTo(members), rowTo(['last@a.example'])])
const offset = rowTo(['first@a.example']).length

function transformWith(method: 'mask' | 'encrypt', recipients: EventOptions['recipients']) {
  return createEventTransform({
    mapping: 'auto',
    cefVersion: 1,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    recipients,
    privacy: { ...keys, columns: { 'recipient-address': method }, hideBcc: false },
  })
}

function batchesOf(method: 'mask' | 'encrypt', recipients: EventOptions['recipients'], settledEvents = 0) {
  const chunk = { ...chunkOf(bytes.subarray(settledEvents > 0 ? offset : 0), layout), settledEvents }
  return Array.from(transformWith(method, recipients)(chunk), ({ frames, position, counts, start }) => ({
    frames: frames.toString(),
    position,
    counts,
    start,
  }))
}

const protector = new Protector(keys)
const encrypted = splitList(joinList(members)).map((member) => protector.one('encrypt', 'addresses', member))

describe('a long list', () => {
  test('is encrypted in parts, whose batches stay at the start of the rows before it', () => {
    const parts = batchesOf('encrypt', 'joined')
    const frames = parts.map((part) => part.frames).join('')
    expect(parts.length).toBeGreaterThan(4)
    expect(frames).toContain(`duser=${encrypted.slice(0, 20).join(';')};`)
    expect(parts.slice(0, -1).map(({ position }) => position.offset)).toEqual(
      parts.slice(0, -1).map(() => parts[0]?.position.offset),
    )
    expect(parts.at(-1)?.position.offset).toBe(bytes.length)
    expect(parts.reduce((sum, { counts }) => sum + counts.events, 0)).toBe(3)
    expect(frames.trimEnd().split('\n')).toHaveLength(3)
    for (const [index, part] of parts.entries()) {
      expect(part.start).toBe(index === 0 ? 0 : parts[index - 1]?.position.offset)
    }
  })

  test('forgets none of its events that are settled', () => {
    const parts = batchesOf('encrypt', 'each', 2990)
    expect(parts[0]).toMatchObject({ frames: '', position: { settledEvents: 2990 } })
    const lines = parts.flatMap(({ frames }) => frames.split('\n').filter((line) => line !== ''))
    const recipients = lines.map((line) => / duser=(\S+)/.exec(line)?.[1])
    expect(recipients.slice(0, -1)).toEqual(encrypted.slice(2990))
    expect(parts.reduce((sum, { counts }) => sum + counts.events, 0)).toBe(2)
  })

  test('loses no malformed line of its chunk that is told with the last batch, wherever the others are made', () => {
    const malformed = [offset - 1, offset + 1].map((offset) => ({
      path: 'a',
      offset,
      reason: 'broken',
      line: Buffer.from('x'),
    }))
    const chunk = { ...chunkOf(bytes, layout), malformed }
    const first = firstBatch(transformWith('encrypt', 'joined')(chunk))
    const rest = restOf(chunk, chunk.bytes, first)
    const others = rest === null ? [] : Array.from(transformWith('encrypt', 'joined')(rest))
    expect([first, ...others].flatMap((batch) => batch.malformed)).toEqual(malformed)
  })

  test('is masked in one go, which takes no time', () => {
    expect(batchesOf('mask', 'joined')).toHaveLength(1)
  })
})

test('what is made beforehand is not made again', () => {
  const values = new RecentValues<number>(10)
  let made = 0
  const ask = (): void => {
    for (let key = 0; key < 1000; key++) values.get(`${key}`, () => made++)
  }
  for (let key = 0; key < 1000; key++) {
    values.makeRoom(key + 1)
    values.get(`${key}`, () => made++)
  }
  ask()
  expect(made).toBe(1000)
  values.makeRoom(0)
  ask()
  expect(made).toBe(2000)
})
