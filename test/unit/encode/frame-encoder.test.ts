import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import { EventEncoder } from '../../../src/encode/event-encoder.ts'
import { FrameEncoder, type FrameKind, type FrameOptions } from '../../../src/encode/frame-encoder.ts'
import { frameShape } from '../../../src/encode/options.ts'
import type { EventPlan } from '../../../src/flow/plan.ts'
import { decodeCef } from '../../../src/receive/cef-decoder.ts'
import { decodeFrame } from '../../../src/receive/frame-decoder.ts'
import { type Bytes, eventPlan, plainLayout, recordsOf, valuePlan } from '../../support/records.ts'

const syslog = frameShape.syslog.parse(undefined)
const sendTimeMs = Date.parse('2026-11-22T10:20:30.456Z')

/** Class id from column 0; text with and without a label; additional data; all of columns 1 to 4. */
const plan = eventPlan({
  header: ['V', 'P', '1', '', 'N'].map((text, index) =>
    index === 3
      ? { columns: [0], fallback: 'none', maxBytes: 1023 }
      : { columns: [], fallback: text, maxBytes: 63 },
  ),
  timeColumn: 5,
  fields: [
    valuePlan({ key: 'msg', column: 1, maxBytes: 1023 }),
    valuePlan({ key: 'cs1', column: 2, label: { key: 'cs1Label', text: 'First' } }),
  ],
  additional: [valuePlan({ key: 'ad.a', column: 3 }), valuePlan({ key: 'ad.b', column: 4 })],
})

function frame(
  fields: readonly Bytes[],
  options: Partial<FrameOptions> = {},
  from: EventPlan = plan,
): Buffer {
  const out = new ByteWriter(16)
  const encodeFrame = new FrameEncoder({
    syslog: { ...syslog, header: 'none' },
    host: 'ex01',
    framing: 'datagram',
    maxMessageBytes: 65536,
    ...options,
  })
  const width = 6
  const row = Array.from({ length: width }, (_, column) => fields[column] ?? '')
  encodeFrame.encode(new EventEncoder(from), recordsOf(plainLayout(width), [row]), 0, out, sendTimeMs)
  return Buffer.from(out.bytes.subarray(0, out.length))
}

function text(fields: readonly Bytes[], options: Partial<FrameOptions> = {}): string {
  return frame(fields, options).toString()
}

/** The decoded extension of a message that the judge has nothing against. */
function extension(message: Buffer): Record<string, string> {
  const decoded = decodeCef(message)
  if (!decoded.ok) throw new Error(decoded.errors.map(({ reason }) => reason).join('\n'))
  return Object.fromEntries(decoded.event.extension)
}

describe('framing', () => {
  const line = 'CEF:0|V|P|1|ID|N|3| msg=né _cefVer=0.1'

  test.each<[FrameKind, string]>([
    ['lf', `${line}\n`],
    ['datagram', line],
    // Bytes, not characters: the é has two.
    ['octet-counting', `${line.length + 1} ${line}`],
  ])('%s', (framing, expected) => {
    expect(text(['ID', 'né'], { framing })).toBe(expected)
  })

  test('octet counting counts the syslog header, and stands behind earlier frames', () => {
    const out = new ByteWriter(8)
    const encodeFrame = new FrameEncoder({
      syslog,
      host: 'h',
      framing: 'octet-counting',
      maxMessageBytes: 65536,
    })
    const records = recordsOf(plainLayout(6), [
      ['A', '€', '', '', '', ''],
      ['B', 'x'.repeat(1000), '', '', '', ''],
    ])
    const encoder = new EventEncoder(plan)
    for (const row of [0, 1]) encodeFrame.encode(encoder, records, row, out, sendTimeMs)
    const bytes = out.bytes.subarray(0, out.length)
    const messages: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const space = bytes.indexOf(0x20, at)
      const end = space + 1 + Number(bytes.toString('latin1', at, space))
      messages.push(bytes.subarray(space + 1, end))
      at = end
    }
    expect(messages.map((message) => decodeFrame(message).ok)).toEqual([true, true])
    expect(messages[0]?.toString()).toBe('<134>Nov 22 10:20:30 h CEF:0|V|P|1|A|N|3| msg=€ _cefVer=0.1')
  })
})

describe('the time of the header', () => {
  const fields = ['ID', 'm', '', '', '', '2026-01-02T03:04:05.678Z']

  test('is that of the event, or that of sending', () => {
    expect(text(fields, { syslog })).toMatch(/^<134>Jan {2}2 03:04:05 ex01 CEF:/)
    expect(text(fields, { syslog: { ...syslog, time: 'send' } })).toMatch(/^<134>Nov 22 10:20:30 ex01 CEF:/)
  })

  test.each(['', 'not a time', '2026-13-02T03:04:05.678Z'])(
    'is that of sending when the event has none: %j',
    (time) => {
      expect(text(fields.with(5, time), { syslog })).toMatch(/^<134>Nov 22 10:20:30 ex01 CEF:/)
      expect(frame(['ID'], { syslog }, { ...plan, timeColumn: -1 }).toString()).toMatch(
        /^<134>Nov 22 10:20:30 /,
      )
    },
  )
})

describe('the limit of a message', () => {
  const limits = [1024, 1500, 4096, 8192, 65536]
  const fits = (fields: readonly Bytes[], maxMessageBytes: number, options: Partial<FrameOptions> = {}) => {
    const message = frame(fields, { maxMessageBytes, ...options })
    expect(message.length).toBeLessThanOrEqual(maxMessageBytes)
    return message
  }

  test('a message of exactly that many bytes stays whole', () => {
    const whole = frame(['ID', '', 'c', 'a'.repeat(2000)])
    expect(fits(['ID', '', 'c', 'a'.repeat(2000)], whole.length)).toEqual(whole)
    expect(fits(['ID', '', 'c', 'a'.repeat(2000)], whole.length - 1).length).toBe(whole.length - 1)
  })

  test('counts the syslog header, not the framing', () => {
    const fields = ['ID', '', 'c', 'a'.repeat(2000)]
    const whole = frame(fields, { syslog })
    const options = { syslog, maxMessageBytes: whole.length }
    expect(frame(fields, options)).toEqual(whole)
    expect(frame(fields, { ...options, framing: 'lf' }).length).toBe(whole.length + 1)
    expect(frame(fields, { ...options, framing: 'octet-counting' }).length).toBe(
      whole.length + `${whole.length} `.length,
    )
  })

  test('the longest additional value gives way first, the others stay', () => {
    const values = extension(
      fits(['ID', 'm'.repeat(300), 'c'.repeat(300), 'a'.repeat(50), 'b'.repeat(900)], 1024),
    )
    expect(values).toMatchObject({ msg: 'm'.repeat(300), cs1: 'c'.repeat(300), 'ad.a': 'a'.repeat(50) })
    expect(values['ad.b']).toMatch(/^b{100,}$/)
  })

  test('then the longest other text', () => {
    const values = extension(fits(['ID', 'short', 'c'.repeat(3000), 'a'.repeat(500), 'b'], 1024))
    expect(values).toEqual({
      msg: 'short',
      cs1: expect.stringMatching(/^c{900,}$/),
      cs1Label: 'First',
      _cefVer: '0.1',
    })
  })

  test('then the header; a label goes with its value', () => {
    const values = extension(fits(['I'.repeat(1023), 'm', 'c', 'a', 'b'], 1024))
    expect(values).toEqual({ _cefVer: '0.1' })
    const decoded = decodeCef(fits(['|'.repeat(1023), 'm', 'c', 'a', 'b'], 1024))
    expect(decoded.ok && decoded.event.eventClassId).toMatch(/^\|{450,}$/)
  })

  test('a character is never split', () => {
    for (const limit of [1024, 1025, 1026, 1027]) {
      expect(extension(fits(['ID', 'm', 'c', '😀'.repeat(1000)], limit))['ad.a']).toMatch(/^(?:😀){200,}$/u)
    }
  })

  test.each(limits)('%i bytes hold the worst of rows', (limit) => {
    const worst = ['|', '=', '\\', '=', '\r'].map((character) => character.repeat(5000))
    const options = { syslog: { ...syslog, header: 'rfc5424', host: 'h'.repeat(255) } as const }
    const message = fits(worst, limit, options)
    expect(decodeFrame(message)).toMatchObject({ ok: true })
    // Nothing is given away without need: the next value would not have fitted.
    expect(message.length).toBeGreaterThan(Math.min(limit, frame(worst, options).length) - 8)
  })

  test('a number that was too large does not break it', () => {
    const overflowing = eventPlan({
      fields: [
        valuePlan({ key: 'out', as: 'integer', max: 99n, maxBytes: 0, overflowKey: 'ad.total-bytes' }),
      ],
    })
    const long = frame(['9'.repeat(3000)], { maxMessageBytes: 1024 }, overflowing)
    expect(extension(long)).toEqual({ out: '99', _cefVer: '0.1' })
    const short = frame(['9'.repeat(300)], { maxMessageBytes: 1024 }, overflowing)
    expect(extension(short)).toEqual({ out: '99', _cefVer: '0.1', 'ad.total-bytes': '9'.repeat(300) })
  })

  test('what was shortened is counted', () => {
    const encoder = new EventEncoder(plan)
    const out = new ByteWriter()
    const records = recordsOf(plainLayout(6), [['ID', 'm', 'c', 'a'.repeat(2000), 'b', '']])
    const options = { syslog: { ...syslog, header: 'none' }, host: 'h', framing: 'lf' } as const
    new FrameEncoder({ ...options, maxMessageBytes: 1024 }).encode(encoder, records, 0, out, 0)
    expect(encoder.counts.cut).toBe(1)
  })
})
