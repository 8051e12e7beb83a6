import { expect, test } from 'vitest'
import { decodeFrame } from '../../../src/receive/frame-decoder.ts'
import { json, pretty } from '../../../src/receive/present.ts'

function decode(frame: string) {
  const decoded = decodeFrame(Buffer.from(frame))
  if (!decoded.ok) throw new Error(decoded.errors[0]?.reason)
  return decoded
}

const plain = decode(
  '<134>Nov 22 00:00:00 EX01 CEF:0|Microsoft|Exchange Server|15|RECEIVE|RECEIVE|3| rt=1763769600010 msg=a\\nb in=5 cs2=<x@y> cs2Label=Message ID ad.custom-data=S:A\\=b',
)
/** A terminal colour, a bell, a C1 control sequence and a mark that turns the direction of writing. */
const nasty = decode('CEF:0|a|b|c|d|e\u202e|9|msg=\u009b31mred\\r\u2028end cs1=v cs1Label=L\u0085')

test('pretty aligns values, resolves labels and shows line breaks', () => {
  expect(pretty(plain.syslog, plain.event, false)).toBe(
    [
      '2025-11-22T00:00:00.010Z  RECEIVE  severity 3  from EX01',
      '  msg              = a\\nb',
      '  in               = 5',
      '  Message ID (cs2) = <x@y>',
      '  ad.custom-data   = S:A=b',
      '',
    ].join('\n'),
  )
})

test('pretty without colours holds no control character but line feeds', () => {
  const text = pretty(nasty.syslog, nasty.event, false)
  expect(text).toMatch(/msg += \\u009b31mred\\r\\u2028end\n/)
  expect(text).toContain('L\\u0085 (cs1) = v')
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
})

test('colours change nothing but colours', () => {
  const coloured = pretty(plain.syslog, plain.event, true)
  expect(coloured).toContain('\x1b[')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  expect(coloured.replaceAll(/\x1b\[\d+m/g, '')).toBe(pretty(plain.syslog, plain.event, false))
})

test('JSON is one safe line and holds the values themselves', () => {
  const text = json(plain.syslog, plain.event)
  expect(JSON.parse(text)).toEqual({
    syslog: {
      format: 'rfc3164',
      priority: 134,
      facility: 16,
      severity: 6,
      time: 'Nov 22 00:00:00',
      host: 'EX01',
      app: null,
    },
    cef: {
      version: 0,
      vendor: 'Microsoft',
      product: 'Exchange Server',
      deviceVersion: '15',
      eventClassId: 'RECEIVE',
      name: 'RECEIVE',
      severity: 3,
      extension: {
        rt: '1763769600010',
        msg: 'a\nb',
        in: '5',
        cs2: '<x@y>',
        cs2Label: 'Message ID',
        'ad.custom-data': 'S:A=b',
      },
    },
  })
  const nastyText = json(nasty.syslog, nasty.event)
  expect(nastyText.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
  expect(JSON.parse(nastyText)).toMatchObject({
    syslog: null,
    cef: { name: 'e\u202e', extension: { msg: '\u009b31mred\r\u2028end' } },
  })
})
