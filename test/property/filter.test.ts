/**
 * Filters decide on the bytes of the log exactly as rules on decoded text would, whatever stands in a field. The
 * rules on text are written anew here, and plainly; they share only the splitting of lists, which decodes first.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AskedOfList, askedTestsOfList } from '../../src/filter/asked.ts'
import { compileFilter, explainFilter } from '../../src/filter/filter.ts'
import type { FilterGroup, FilterSettings } from '../../src/filter/options.ts'
import { compileAddresses } from '../../src/filter/text-entry.ts'
import type { Records } from '../../src/flow/records.ts'
import { fieldText } from '../../src/records/fields.ts'
import { joinList, splitList } from '../../src/records/list.ts'
import { someMember } from '../../src/records/members.ts'
import { trimRulePerformance } from '../../src/rewrite/trim-noise.ts'
import { layoutOf, recordsOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const columns = [
  'date-time', 'source', 'event-id', 'recipient-address', 'total-bytes', 'sender-address', 'directionality', 'custom-data',
  'connector-id', 'reference',
] // biome-ignore format: a list of columns
const layout = layoutOf(columns)

// Few and colliding, so that conditions hold about as often as not.
const pieces = [
  'ann', 'ANN', 'bob', '@contoso.com', '@Contoso.COM', '@mail.contoso.com', ';', ';', "'", "''", '"', ',', 'é', 'É', 'S:IsProbe',
  's:isprobe', '=', 'true', 'TRUE', 'S:TRA=ETRP', '|', ':', 'HealthMailbox', 'inboundproxy@', 'İ', 'K', ' ',
] // biome-ignore format: a list of texts
const broken = [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98]]
const anyField = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...pieces).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.constantFrom(...broken).map((bytes) => Buffer.from(bytes)) },
    ),
    { maxLength: 7 },
  )
  .map((parts) => Buffer.concat(parts))
const mostly = (...usual: string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...usual).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: anyField },
  )
const usualFields: Readonly<Record<string, fc.Arbitrary<Buffer>>> = {
  'date-time': fc.constant(Buffer.from('2026-11-20T00:00:00.010Z')),
  source: mostly('SMTP', 'smtp', 'AGENT', ''),
  'event-id': mostly('SEND', 'RECEIVE', 'send', 'HARECEIVE', 'AGENTINFO'),
  'total-bytes': mostly('', '0', '5', '10', '11', '007', '-1'),
  directionality: mostly('Incoming', 'Originating', ''),
}
const anyRow = fc.tuple(...columns.map((name) => usualFields[name] ?? anyField))

const someOf = (...entries: string[]) => fc.subarray(entries, { minLength: 1, maxLength: 2 })
const addresses = someOf(
  'ann@contoso.com', "'ann@contoso.com", 'bob"@contoso.com', 'éann@contoso.com', '@contoso.com', '@É', '*ann*', '?bob*', '/b+o/', '/^é/', '/\\x{FFFD}/',
) // biome-ignore format: a list of addresses
const anyAsked = <Name extends string>(entries: fc.Arbitrary<string[]>, ...names: readonly Name[]) =>
  fc.oneof(
    entries,
    fc
      .tuple(
        fc.subarray([...names], { minLength: 1, maxLength: 2 }),
        fc.array(entries, { minLength: 2, maxLength: 2 }),
      )
      .map(([chosen, lists]) => Object.fromEntries(chosen.map((name, index) => [name, lists[index]]))),
  )
const texts = someOf('ann', 'true', '*ann*', '?bob*', '/^é/')
const conditions = {
  events: someOf('SEND', 'RECEIVE'),
  sources: someOf('smtp', 'AGENT'),
  directionality: fc.subarray(['Incoming' as const, 'Originating' as const], { minLength: 1 }),
  senders: anyAsked(addresses, 'any', 'none'),
  recipients: anyAsked(addresses, 'any', 'all', 'none', 'anyOther'),
  columns: fc.record({
    'connector-id': anyAsked(texts, 'any', 'none'),
    reference: anyAsked(texts, 'any', 'all', 'none', 'anyOther'),
  }),
  sizeBytes: fc.constantFrom({ min: 5 }, { max: 10 }, { min: 7, max: 10 }),
  customData: someOf('S:IsProbe', 'IsProbe=true', 'ann', 'S:IsProbe=', 'true', 's:isprobe=t*'),
}
/** One condition at least, so that no group is empty. */
const anyCondition: fc.Arbitrary<FilterGroup> = fc
  .tuple(fc.constantFrom(...(Object.keys(conditions) as (keyof typeof conditions)[])), fc.record(conditions))
  .map(([key, all]) => ({ [key]: all[key] }))
const groupsOf = (inner: fc.Arbitrary<FilterGroup>): fc.Arbitrary<FilterGroup> => {
  const members = fc.array(inner, { minLength: 1, maxLength: 2 })
  return fc
    .tuple(anyCondition, fc.record({ and: members, or: members, not: inner }, { requiredKeys: [] }))
    .map(([condition, composed]) => ({ ...condition, ...composed }))
}
const anyGroup = fc.oneof(anyCondition, groupsOf(anyCondition), groupsOf(groupsOf(anyCondition)))
const anyNoise = fc.subarray(['shadow-redundancy' as const, 'monitoring' as const])

// ── the same on text ────────────────────────────────────────────────────────────────────────────────

const smallAscii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const isAscii = (text: string) => [...text].every((letter) => letter < '\x80')
/** In any case: of the ASCII letters, for an entry that has no others. */
const folded = (text: string, entry: string) => (isAscii(entry) ? smallAscii(text) : text.toLowerCase())
const expressions: Readonly<Record<string, RegExp>> = {
  '*ann*': /^.*ann.*$/isu,
  '?bob*': /^.bob.*$/isu,
  '?;y': /^.;y$/isu,
  '/b+o/': /b+o/iu,
  '/^é/': /^é/iu,
  '/\\x{FFFD}/': /\ufffd/u,
  't*': /^t.*$/isu,
}

function asksFor(entry: string, text: string): boolean {
  if (expressions[entry]) return expressions[entry].test(text)
  const found = folded(text, entry)
  return entry.startsWith('@') ? found.endsWith(folded(entry, entry)) : found === folded(entry, entry)
}

function standsIn(entry: string, member: string): boolean {
  const [, key, value] = /^([^=]*)(?:=(.*))?$/s.exec(entry) as unknown as [string, string, string | undefined]
  const [, itsKey, itsValue] = /^([^=]*)(?:=(.*))?$/s.exec(member) as unknown as typeof entry
  const untyped = key.includes(':') ? itsKey : itsKey?.replace(/^[^:]*:/, '')
  if (smallAscii(untyped ?? '') !== smallAscii(key)) return false
  return value === undefined || (itsValue !== undefined && asksFor(value, itsValue))
}

type Texts = Readonly<Record<string, string>>

const membersOf = (list: string | undefined) => splitList(list ?? '').filter((member) => member !== '')

/** What is asked of members; a single value is the only member of its list, even if it is empty. */
function askedHolds(asked: AskedOfList, members: readonly string[]): boolean {
  const named = 'length' in asked ? { any: asked } : asked
  const fits = (entries: readonly string[] = []) => {
    return members.map((member) => entries.some((entry) => asksFor(entry, member)))
  }
  return Object.entries(named).every(([name, entries]) => {
    const each = fits(entries)
    if (name === 'all') return each.length > 0 && each.every((fit) => fit)
    if (name === 'none') return !each.includes(true)
    return each.includes(name === 'any')
  })
}

function groupHolds(group: FilterGroup, row: Texts): boolean {
  const {
    events,
    sources,
    directionality,
    senders,
    recipients,
    sizeBytes,
    customData,
    columns = {},
    and,
    or,
    not,
  } = group
  const { min = 0, max = Number.POSITIVE_INFINITY } = sizeBytes ?? {}
  const size = row['total-bytes'] ?? ''
  return [
    events?.includes(row['event-id'] ?? ''),
    sources?.some((entry) => asksFor(entry, row.source ?? '')),
    directionality?.some((entry) => asksFor(entry, row.directionality ?? '')),
    senders && askedHolds(senders, [row['sender-address'] ?? '']),
    recipients && askedHolds(recipients, membersOf(row['recipient-address'])),
    columns['connector-id'] && askedHolds(columns['connector-id'], [row['connector-id'] ?? '']),
    columns.reference && askedHolds(columns.reference, membersOf(row.reference)),
    sizeBytes && /^\d+$/.test(size) && Number(size) >= min && Number(size) <= max,
    customData?.some((entry) => membersOf(row['custom-data']).some((member) => standsIn(entry, member))),
    and?.every((inner) => groupHolds(inner, row)),
    or?.some((inner) => groupHolds(inner, row)),
    not && !groupHolds(not, row),
  ].every((holds) => holds !== false)
}

const isMonitoring = (text = '') => /^(?:healthmailbox|inboundproxy@|systemmailbox\{)/.test(smallAscii(text))

function isNoise(name: string, row: Texts): boolean {
  if (name === 'shadow-redundancy')
    return /^HA(?:RECEIVE|DISCARD|REDIRECT|REDIRECTFAIL)$/.test(row['event-id'] ?? '')
  const recipients = membersOf(row['recipient-address'])
  return (
    (recipients.length > 0 && recipients.every(isMonitoring)) ||
    (isMonitoring(row['sender-address']) && smallAscii(row.directionality ?? '') !== 'incoming') ||
    membersOf(row['custom-data']).some((member) => smallAscii(member) === 's:isprobe=true')
  )
}

const textsOf = (records: Records, row: number): Texts =>
  Object.fromEntries(columns.map((name, column) => [name, fieldText(records, row, column)]))

// ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Which of the rows pass. */
function passing(settings: FilterSettings, records: Records): boolean[] {
  const filter = compileFilter(settings)(records.layout)
  return Array.from({ length: records.count }, (_, row) => filter?.(records, row) ?? true)
}

const anyRows = fc.array(anyRow, { minLength: 1, maxLength: 4 }).map((rows) => recordsOf(layout, rows))

test('members found in bytes are those found in text', () => {
  const dense = fc.array(fc.constantFrom("'", "'", ';', 'a', 'é'), { maxLength: 16 })
  fc.assert(
    fc.property(dense, (parts) => {
      const list = Buffer.from(`<${parts.join('')}>`)
      const found: string[] = []
      someMember((bytes, start, end) => found.push(bytes.toString('utf8', start, end)) < 0)(
        list,
        1,
        list.length - 1,
      )
      expect(found).toEqual(membersOf(parts.join('')))
    }),
    { numRuns: runs(1000) },
  )
})

test('what is asked of a list in bytes is what is asked of its members', () => {
  const members = fc.array(fc.constantFrom('ann@contoso.com', "o'ann", 'bob', 'x;y', ''), { maxLength: 4 })
  const entries = fc.subarray(['ann@contoso.com', '@contoso.com', "O'ANN", 'bob', '?;y'], { minLength: 1 })
  const name = fc.constantFrom('any', 'all', 'none', 'anyOther')
  fc.assert(
    fc.property(members, name, entries, (members, name, entries) => {
      const list = Buffer.from(joinList(members))
      const [asked, ...others] = askedTestsOfList({ [name]: entries }, compileAddresses)
      expect(others).toEqual([])
      const expected = askedHolds({ [name]: entries }, membersOf(list.toString()))
      expect(asked?.test(list, 0, list.length)).toBe(expected)
    }),
    { numRuns: runs(1000) },
  )
})

test('a filter on bytes is the same filter on text', () => {
  fc.assert(
    fc.property(anyGroup, anyNoise, anyRows, (filter, noise, records) => {
      const expected = Array.from({ length: records.count }, (_, row) => {
        const texts = textsOf(records, row)
        return groupHolds(filter, texts) && !noise.some((name) => isNoise(name, texts))
      })
      expect(passing({ filter, noise }, records)).toEqual(expected)
    }),
    { numRuns: runs(800) },
  )
})

test('what is explained is what is decided', () => {
  fc.assert(
    fc.property(anyGroup, anyNoise, anyRows, (filter, noise, records) => {
      const settings = { events: ['SEND', 'AGENTINFO'], filter, noise }
      const explain = explainFilter(settings, layout)
      passing(settings, records).forEach((passed, row) => {
        const results = explain(records, row).filter(({ depth }) => depth === 0)
        expect(results.every(({ holds }) => holds)).toBe(passed)
      })
    }),
    { numRuns: runs(200) },
  )
})

test('the laws of and, or, not', () => {
  fc.assert(
    fc.property(anyGroup, anyGroup, anyRows, (a, b, records) => {
      const rows = (filter: FilterGroup) => passing({ filter }, records)
      expect(rows({ not: { not: a } })).toEqual(rows(a))
      expect(rows({ and: [a, b] })).toEqual(rows({ and: [b, a] }))
      expect(rows({ or: [a, b] })).toEqual(rows({ or: [b, a] }))
      expect(rows({ not: { and: [a, b] } })).toEqual(rows({ or: [{ not: a }, { not: b }] }))
      expect(rows({ not: { or: [a, b] } })).toEqual(rows({ and: [{ not: a }, { not: b }] }))
      expect(rows({ and: [a, { not: a }] })).not.toContain(true)
      expect(rows({ or: [a, { not: a }] })).not.toContain(false)
      expect(rows({ and: [a, { or: [a, b] }] })).toEqual(rows(a))
    }),
    { numRuns: runs(200) },
  )
})

test('without event ids, a filter drops at most what it drops with any of them', () => {
  const withoutEvents = columns.filter((name) => name !== 'event-id')
  fc.assert(
    fc.property(anyGroup, anyRow, (filter, row) => {
      const rest = row.filter((_, column) => columns[column] !== 'event-id')
      const [passed] = passing({ filter }, recordsOf(layoutOf(withoutEvents), [rest]))
      const byEvent = ['SEND', 'RECEIVE', 'OTHER'].map((event) => {
        const fields = row.map((field, column) => (columns[column] === 'event-id' ? event : field))
        return passing({ filter }, recordsOf(layout, [fields]))[0]
      })
      if (byEvent.includes(true)) expect(passed).toBe(true)
    }),
    { numRuns: runs(300) },
  )
})

test('the trimmed custom-data holds the other members, in order', () => {
  const column = columns.indexOf('custom-data')
  const member = fc.oneof(
    fc.constantFrom('S:TRA=ETRP|ruleId=1;x', 'S:TRA=ETRP', "S:TRA=ETRP|it's", 'S:TRA=ETR|a', 'S:TRA=ETRPX'),
    anyField.map((bytes) => bytes.toString()),
  )
  const isTrimmed = (text: string) => /^S:TRA=ETRP(?:\||$)/.test(text)
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), anyRow, (members, row) => {
      const fields = row.map((field, index) => {
        if (index === column) return joinList(members)
        return columns[index] === 'event-id' ? 'AGENTINFO' : field
      })
      const records = recordsOf(layout, [fields, row])
      const rewritten = trimRulePerformance(layout)?.(records, Uint32Array.of(0, 1))
      if (rewritten === undefined) throw new Error('there is no rewrite')
      expect(rewritten.count).toBe(2)
      for (const index of [0, 1]) {
        const before = textsOf(records, index)
        const after = textsOf(rewritten, index)
        const members = splitList(before['custom-data'] ?? '')
        const kept = members.filter((text) => !isTrimmed(text))
        if (before['event-id'] !== 'AGENTINFO' || kept.length === members.length)
          expect(after).toEqual(before)
        else {
          expect({ ...after, 'custom-data': before['custom-data'] }).toEqual(before)
          // A single empty member is no list.
          expect(splitList(after['custom-data'] ?? '')).toEqual(
            kept.join() === '' && kept.length < 2 ? [] : kept,
          )
        }
      }
    }),
    { numRuns: runs(300) },
  )
})
