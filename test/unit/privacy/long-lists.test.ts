/** Long lists are protected part by part: with turns between the parts, and as if it were done in one go. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindOf } from '../../../src/privacy/columns.ts'
import { Ff1 } from '../../../src/privacy/ff1.ts'
import { Protector } from '../../../src/privacy/protector.ts'
import { compilePrivacy } from '../../../src/privacy/steps.ts'
import { decryptValue } from '../../../src/privacy/value-cipher.ts'
import { joinList, splitList } from '../../../src/records/list.ts'
import { firstBatch, restOf } from '../../../src/transform/chunk-to-batch.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'
import { chunkOf, csvRow, fieldsIn, layoutOf, recordsOf } from '../../support/records.ts'
import { runs } from '../../support/runs.ts'
import { encryptKeyHex, keys, tweakHex } from '../../support/secrets.ts'

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

/** Settings under which each way of protecting has its turn. */
const settings = [
  { columns: { 'recipient-address': 'hash', 'message-subject': 'encrypt' }, hideBcc: true },
  { columns: { 'recipient-address': 'encrypt', 'sender-address': 'mask' }, hideBcc: false },
  { columns: { 'sender-address': 'drop', 'client-ip': 'mask', 'related-recipient-address': 'drop' }, hideBcc: true },
] as const // biome-ignore format: a list of settings

const word = fc.string({ unit: fc.constantFrom(..."abA@@.<>'; "), minLength: 0, maxLength: 9 })
const address = fc.constantFrom('ann@a.example', "o'b@a.example", '<Bob@a.example>', 'a@b', '')
const list = fc.array(fc.oneof(address, word), { maxLength: 6 }).map(joinList)
const statuses = fc
  .array(fc.constantFrom('To', 'Cc', 'Bcc', ' bcc ', '550 ann@a.example; no', ''), { maxLength: 6 })
  .map(joinList)
const text = fc
  .array(fc.oneof(address, word, fc.constantFrom('10.1.1.1', 'ANN@A.EXAMPLE', "'o''b@a.example'")))
  .map((parts) => parts.join(' '))
const row = fc.record({
  'recipient-address': fc.oneof(list, word),
  'recipient-status': fc.oneof(statuses, word),
  'related-recipient-address': list,
  'recipient-count': fc.constantFrom('', '3', 'x'),
  'message-subject': text,
  'sender-address': address,
  'return-path': fc.oneof(address, word),
  'source-context': text,
  'client-ip': fc.constantFrom('', '10.1.1.1', '::1'),
  'client-hostname': fc.constantFrom('', '10.1.1.1', 'ann@a.example'),
})

describe('a long row', () => {
  test.each(settings)('has what a short one has in its place: %j', (privacy) => {
    const steps = compilePrivacy({ ...keys, ...privacy })
    const protectedRow = (values: Readonly<Record<string, string>>, filler: string) => {
      const records = recordsOf(
        layout,
        [layout.columns.map((name) => (name === 'custom-data' ? filler : (values[name] ?? '')))],
      ) // biome-ignore format: as a row
      const rewritten = steps.reduce((before, { rewriteFor }) => {
        return rewriteFor(layout)?.(before, Uint32Array.of(0)) ?? before
      }, records)
      return (fieldsIn(rewritten)[0] ?? []).filter((_, column) => layout.columns[column] !== 'custom-data')
    }
    fc.assert(
      fc.property(row, (values) => {
        const short = protectedRow(values, '-')
        expect(protectedRow(values, '-'.repeat(10_000))).toEqual(short)
      }),
      { numRuns: runs(150) },
    )
  })

  test.each([
    ['a subject', 'message-subject', 'x'.repeat(runs(200_000))],
    ['an address', 'sender-address', `${'.'.repeat(60_000)}@a.example`],
    ['a recipient', 'recipient-address', `a@b.example;${'x'.repeat(runs(200_000))}@a.example`],
  ] as const)('is encrypted in parts where %s is long, and can be decrypted', (_, column, value) => {
    const [step] = compilePrivacy({ ...keys, columns: { [column]: 'encrypt' }, hideBcc: false }).slice(1)
    const records = recordsOf(layout, [layout.columns.map((name) => (name === column ? value : ''))])
    const parts = step?.inPartsFor?.(layout)?.(records, Uint32Array.of(0))
    let turns = 0
    let part = parts?.next()
    for (; part && !part.done; part = parts?.next()) turns++
    const rewritten = part?.value ?? records
    expect(turns).toBeGreaterThan(runs(20))
    const encrypted = fieldsIn(rewritten)[0]?.[layout.columns.indexOf(column)] ?? ''
    const ff1 = new Ff1(Buffer.from(encryptKeyHex, 'hex'), Buffer.from(tweakHex, 'hex'))
    expect(decryptValue(ff1, encrypted, kindOf(column))).toBe(value)
  })
})
