/** Rows that are divided: no recipient is lost, none changes its place or its status, and no list is too long. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Records } from '../../src/flow/records.ts'
import { fieldText } from '../../src/records/fields.ts'
import { joinList, splitList } from '../../src/records/list.ts'
import { rewriteRecipients } from '../../src/rewrite/recipients.ts'
import { layoutOf, recordsOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const layout = layoutOf(['recipient-address', 'recipient-status', 'recipient-count'])

const text = (minLength: number) =>
  fc
    .array(
      fc.constantFrom('a', '@', ';', "'", "''", '"', ',', '=', '\\', ' ', '\x01', 'é', '😀', '[{', '}]'),
      {
        minLength,
        maxLength: 12,
      },
    )
    .map((parts) => parts.join(''))

interface Recipient {
  readonly address: string
  readonly status: string
}

const recipient: fc.Arbitrary<Recipient> = fc.record({ address: text(1), status: text(0) })
const rows = fc.array(fc.array(recipient, { maxLength: 12 }), { maxLength: 5 })

/** Records of these rows; a lone empty status is no list, so it is left out of the lists to begin with. */
function recordsFor(all: readonly (readonly Recipient[])[]): Records {
  return recordsOf(
    layout,
    all.map((recipients) => [
      joinList(recipients.map(({ address }) => address)),
      joinList(recipients.map(({ status }) => status)),
      String(recipients.length),
    ]),
  )
}

/** UTF-8 bytes of a value in an event at most: a control character becomes one of three. */
const valueBytes = (text: string) => Buffer.byteLength(text) + 2 * (text.split('\x01').length - 1)

const everyRow = ({ count }: Records) => Uint32Array.from({ length: count }, (_, row) => row)
const columnOf = (records: Records, column: number) =>
  Array.from({ length: records.count }, (_, row) => fieldText(records, row, column))

it('one row for each recipient carries its address and its status, in order, and the count of all', () => {
  fc.assert(
    fc.property(rows, (all) => {
      fc.pre(all.length > 0)
      const records = recordsFor(all)
      const rewrite = rewriteRecipients(layout, { recipients: 'each', overflow: 'cut', maxBytesOf: () => 1 })
      const result = rewrite?.(records, everyRow(records)) ?? records
      const expected = all.flatMap((recipients) =>
        recipients.length === 0
          ? [['', '', '0']]
          : recipients.map(({ address, status }) => [address, status, String(recipients.length)]),
      )
      const found = columnOf(result, 0).map((address, row) => [
        address,
        fieldText(result, row, 1),
        fieldText(result, row, 2),
      ])
      expect(found).toEqual(expected)
    }),
  )
})

/** Lists as anyone may write them, well or not. */
const anyList = fc
  .array(fc.constantFrom('a', '@', ';', ';', "'", "'", '"', ',', '\x01', 'é', '[{', '}]'), { maxLength: 14 })
  .map((parts) => parts.join(''))

/** What a list beside so many recipients says of each, told from its text. */
function eachOf(text: string, count: number): readonly string[] {
  const members = splitList(text)
  if (members.length === count) return members
  const groups = grouped(members) ?? members
  if (groups.length === count) return groups
  return Array.from({ length: count }, () => (groups.length === 1 ? (groups[0] ?? '') : text))
}

/** Failures that came apart put together; undefined when one has no end. */
function grouped(members: readonly string[]): readonly string[] | undefined {
  const groups: string[] = []
  let open = ''
  for (const member of members) {
    const whole = open === '' ? member : `${open};${member}`
    const isOpen = whole.startsWith('[{') && !member.endsWith('}]')
    open = isOpen ? whole : ''
    if (!isOpen) groups.push(whole)
  }
  return open === '' ? groups : undefined
}

it('one row for each recipient says of it what the lists say, however they are written', () => {
  fc.assert(
    fc.property(anyList, anyList, (addresses, statuses) => {
      const members = splitList(addresses)
      fc.pre(members.length > 0)
      const records = recordsOf(layout, [[addresses, statuses, '']])
      const rewrite = rewriteRecipients(layout, { recipients: 'each', overflow: 'cut', maxBytesOf: () => 1 })
      const result = rewrite?.(records, everyRow(records)) ?? records
      expect(columnOf(result, 0)).toEqual(members)
      expect(columnOf(result, 1)).toEqual(eachOf(statuses, members.length))
    }),
    { numRuns: runs(1000) },
  )
})

it('rows that are split hold together what the lists say, however they are written', () => {
  fc.assert(
    fc.property(anyList, anyList, fc.integer({ min: 1, max: 12 }), (addresses, statuses, maxBytes) => {
      const members = splitList(addresses)
      fc.pre(members.length > 0)
      const records = recordsOf(layout, [[addresses, statuses, '']])
      const options = { recipients: 'joined', overflow: 'split', maxBytesOf: () => maxBytes } as const
      const result = rewriteRecipients(layout, options)?.(records, everyRow(records)) ?? records
      expect(columnOf(result, 0).flatMap((list) => (list === '' ? [''] : splitList(list)))).toEqual(members)
      for (const list of columnOf(result, 0)) {
        if (splitList(list).length > 1 && result.count > 1) {
          expect(valueBytes(list)).toBeLessThanOrEqual(maxBytes)
        }
      }
      const all = splitList(statuses)
      const found = all.length === members.length ? all : grouped(all)
      const isParallel = found?.length === members.length
      const own = columnOf(result, 1)
      if (!isParallel || result.count === 1) {
        expect(own).toEqual(Array(result.count).fill(statuses))
        return
      }
      const counts = columnOf(result, 0).map((list) => Math.max(1, splitList(list).length))
      const ends = counts.map((_, part) => counts.slice(0, part + 1).reduce((sum, count) => sum + count, 0))
      expect(own).toEqual(
        ends.map((end, part) => joinList(found?.slice(end - (counts[part] ?? 0), end) ?? [])),
      )
    }),
    { numRuns: runs(1000) },
  )
})

it('rows that are split carry all recipients and statuses in order, within the limits where that can be', () => {
  const limit = fc.integer({ min: 1, max: 120 })
  fc.assert(
    fc.property(rows, limit, limit, (all, addressBytes, statusBytes) => {
      fc.pre(all.length > 0)
      const records = recordsFor(all)
      const limits = [addressBytes, statusBytes]
      const rewrite = rewriteRecipients(layout, {
        recipients: 'joined',
        overflow: 'split',
        maxBytesOf: (column) => limits[column] ?? 0,
      })
      const result = rewrite?.(records, everyRow(records)) ?? records
      const addresses = columnOf(result, 0)
      const statuses = columnOf(result, 1)
      const counts = columnOf(result, 2)

      const members = all.flat()
      expect(addresses.flatMap(splitList)).toEqual(members.map(({ address }) => address))
      // A lone empty status is an empty text.
      const own = statuses.flatMap((list, row) =>
        splitList(addresses[row] ?? '').length === 1 && list === '' ? [''] : splitList(list),
      )
      expect(own).toEqual(members.map(({ status }) => status))
      // The number of all recipients stands in every part.
      const parts = all.map((recipients) => Math.max(1, recipients.length))
      let left = 0
      let row = -1
      for (const [index, list] of addresses.entries()) {
        if (left === 0) left = parts[++row] ?? 0
        expect(counts[index]).toBe(String(all[row]?.length))
        left -= Math.max(1, splitList(list).length)
      }
      addresses.forEach((list, row) => {
        if (splitList(list).length < 2) return
        expect(valueBytes(list)).toBeLessThanOrEqual(addressBytes)
        expect(valueBytes(statuses[row] ?? '')).toBeLessThanOrEqual(statusBytes)
      })
      // No more rows than needed: two neighbours of one row do not fit into one.
      addresses.slice(1).forEach((list, index) => {
        const isSibling = counts[index] === counts[index + 1] && all.length === 1
        if (!isSibling) return
        const together = [addresses[index], list].join(';')
        const statusTogether = [statuses[index], statuses[index + 1]].join(';')
        expect(valueBytes(together) > addressBytes || valueBytes(statusTogether) > statusBytes).toBe(true)
      })
    }),
  )
})
