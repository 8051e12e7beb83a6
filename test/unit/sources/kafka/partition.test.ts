import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TopicMessage } from '../../../../src/kafka/fetcher.ts'
import { Partition } from '../../../../src/sources/kafka/partition.ts'
import { runs } from '../../../support/runs.ts'

const fields = '#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip,recipient-address\r\n'

function message(
  offset: number,
  value: string | null,
  headers: Readonly<Record<string, string>> = {},
): TopicMessage {
  const all = { fields, server: 'EX01', file: 'C:\\Logs\\MSGTRK1.LOG', offset: '100', ...headers }
  return {
    offset,
    timestampMs: 1_000 + offset,
    key: null,
    value: value === null ? null : Buffer.from(value),
    headers: Object.entries(all).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
  }
}

const partition = (from = 10) =>
  new Partition({ id: 'raw/topic/3#1', source: 'raw', topic: 'topic', number: 3 }, from)

describe('a partition', () => {
  it('gives messages of one log as one chunk of whole lines, and others apart', () => {
    const part = partition()
    const chunks = part.take([
      message(10, 'a,1,x\nb,2,y\n'),
      message(11, 'c,3,z'),
      message(12, 'd,4,w\n', { file: 'C:\\Logs\\MSGTRK2.LOG' }),
    ])
    expect(
      chunks.map(({ bytes, start, end, file, layout }) => [
        String(bytes),
        start,
        end,
        file.path,
        layout?.columns,
      ]),
    ).toEqual([
      [
        'a,1,x\nb,2,y\nc,3,z\n',
        0,
        18,
        'C:\\Logs\\MSGTRK1.LOG',
        ['date-time', 'client-ip', 'recipient-address'],
      ],
      ['d,4,w\n', 18, 24, 'C:\\Logs\\MSGTRK2.LOG', ['date-time', 'client-ip', 'recipient-address']],
    ])
    expect(part.next).toBe(13)
  })

  it('commits the message before which all is settled, and not one of which some is not', () => {
    const part = partition()
    part.take([message(10, 'a,1,x\nb,2,y\n'), message(11, 'c,3,z\n'), message(14, 'd,4,w\n')])
    expect(part.settle(6)).toBeNull()
    expect(part.settle(12)).toBe(11)
    expect(part.settle(18)).toBe(12)
    part.isCommitted(12)
    expect(part.settle(18)).toBeNull()
    // What could not be committed is asked for again.
    expect(part.settle(24)).toBe(15)
    expect(part.settle(24)).toBe(15)
    part.isCommitted(15)
    part.passTo(17)
    expect(part.settle(24)).toBe(17)
  })

  it('goes back into the midst of a message, and goes on behind what is settled of it', () => {
    const part = partition()
    part.take([message(10, 'a,1,x\nb,2,y\n'), message(11, 'c,3,z\n')])
    part.resume(6)
    expect(part.next).toBe(10)
    const [again, ...others] = part.take([message(10, 'a,1,x\nb,2,y\n'), message(11, 'c,3,z\n')])
    expect([String(again?.bytes), again?.start, again?.end]).toEqual(['b,2,y\nc,3,z\n', 6, 18])
    expect(others).toEqual([])
    expect(part.placeOf(6)).toEqual({
      path: 'C:\\Logs\\MSGTRK1.LOG',
      offset: 106,
      message: 'message 10 of partition 3 of topic topic from EX01',
    })
    part.resume(null)
    expect(part.next).toBe(10)
    expect(part.settle(0)).toBeNull()
  })

  const refused = [
    ['an empty one', message(10, ''), /empty/],
    ['one without a value', message(10, null), /empty/],
    ['one without a header', { ...message(10, 'a,1,x\n'), headers: [] }, /no header "fields"/],
    ['columns that are none', message(10, 'a,1,x\n', { fields: 'from,to,subject' }), /date-time/],
    [
      'another log',
      message(10, 'a,1,x\n', { fields: '#Log-type: Web\n#Fields: date-time\n' }),
      /no message tracking log/,
    ],
    ['too many columns', message(10, 'a\n', { fields: `date-time,${'x,'.repeat(300)}` }), /more than 256/],
    [
      'a header that is too long',
      message(10, 'a\n', { fields: `date-time,${'x'.repeat(20_000)}` }),
      /longer than/,
    ],
    [
      'a file with characters that move the cursor',
      message(10, 'a\n', { file: 'x\x1b[2J' }),
      /no plain text/,
    ],
    ['a server of many lines', message(10, 'a\n', { server: 'a\nb' }), /no plain text/],
    ['an offset that is none', message(10, 'a\n', { offset: '-1' }), /no number/],
  ] as const

  it.each(refused)('makes %s a dead letter that says why, and goes on', (_name, hostile, reason) => {
    const part = partition()
    const chunks = part.take([hostile, message(11, 'c,3,z\n')])
    expect(chunks).toHaveLength(2)
    expect(chunks[0]?.malformed).toEqual([
      {
        path: 'topic/3',
        offset: 0,
        reason: expect.stringMatching(reason),
        line: hostile.value ?? Buffer.alloc(0),
      },
    ])
    expect(chunks[0]?.bytes).toHaveLength(0)
    expect(part.settle(chunks[0]?.end ?? 0)).toBe(11)
    expect(String(chunks[1]?.bytes)).toBe('c,3,z\n')
  })

  it('shows of a message that is too large only its beginning', () => {
    const [chunk] = partition().take([message(10, 'x'.repeat(8 * 1024 * 1024 + 1))])
    expect(chunk?.malformed[0]?.line).toHaveLength(4096)
    expect(chunk?.malformed[0]?.reason).toMatch(/larger than/)
  })

  it('reads all, in order and only once, whatever is settled and wherever reading begins again', () => {
    const step = fc.oneof(
      fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ settle: fc.integer({ min: 0, max: 40 }) }),
      fc.constant({ again: true } as const),
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 }),
        (steps, sizes) => {
          let row = 0
          const log = sizes.map((rows, index) => {
            const value = Array.from({ length: rows }, () => `${row++},1,x\n`).join('')
            return message(10 + 2 * index, index % 7 === 5 ? null : value, { file: `f${index % 3}` })
          })
          const rowsOf = (from: number) =>
            log
              .filter(({ offset, value }) => offset >= from && value !== null)
              .map(({ value }) => String(value))
              .join('')
          const part = partition()
          let given: { text: string; start: number; end: number }[] = []
          let settled = 0
          for (const each of steps) {
            if ('take' in each) {
              const there = log.filter(({ offset }) => offset >= part.next).slice(0, each.take)
              given.push(
                ...part.take(there).map(({ bytes, start, end }) => ({ text: String(bytes), start, end })),
              )
            } else if ('settle' in each) {
              const ends = given.flatMap(({ text, start, end }) => {
                const lines = [...text.matchAll(/\n/g)].map(({ index }) => start + index + 1)
                return text === '' ? [end] : lines
              })
              settled = Math.max(settled, ends.filter((end) => end > settled)[each.settle] ?? settled)
              const committed = part.settle(settled)
              if (committed !== null) {
                // What is committed says no more than what is settled.
                const before = given
                  .map(({ text, start }) => text.slice(0, Math.max(0, settled - start)))
                  .join('')
                expect(rowsOf(10).startsWith(before)).toBe(true)
                expect(
                  rowsOf(10).slice(0, rowsOf(10).length - rowsOf(committed).length).length,
                ).toBeLessThanOrEqual(before.length)
                part.isCommitted(committed)
              }
            } else {
              part.resume(settled)
              given = given.flatMap(({ text, start, end }) => {
                if (start >= settled) return []
                return [{ text: text.slice(0, settled - start), start, end: Math.min(end, settled) }]
              })
            }
            expect(rowsOf(10).startsWith(given.map(({ text }) => text).join(''))).toBe(true)
          }
          given.push(
            ...part
              .take(log.filter(({ offset }) => offset >= part.next))
              .map(({ bytes, start, end }) => ({ text: String(bytes), start, end })),
          )
          expect(given.map(({ text }) => text).join('')).toBe(rowsOf(10))
        },
      ),
      { numRuns: runs(300) },
    )
  })
})
