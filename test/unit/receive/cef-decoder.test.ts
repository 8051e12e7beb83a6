import { describe, expect, test } from 'vitest'
import { type CefEvent, decodeCef } from '../../../src/receive/cef-decoder.ts'

const header = 'CEF:0|Microsoft|Exchange Server|15.01.2507.006|RECEIVE|RECEIVE|3|'

function decode(text: string | Buffer): CefEvent {
  const decoded = decodeCef(Buffer.from(text))
  if (!decoded.ok) throw new Error(decoded.errors.map(({ reason }) => reason).join('\n'))
  return decoded.event
}

function values(extension: string, version = 0): Record<string, string> {
  return Object.fromEntries(decode(`CEF:${version}${header.slice(5)}${extension}`).extension)
}

/** Errors as `offset: reason`. */
function errors(text: string | Buffer): string[] {
  const decoded = decodeCef(Buffer.from(text))
  return decoded.ok ? [] : decoded.errors.map(({ offset, reason }) => `${offset}: ${reason}`)
}

/** Reasons for an extension, with offsets counted from its first byte. */
function extensionErrors(extension: string, version = 0): string[] {
  const decoded = decodeCef(Buffer.from(`CEF:${version}${header.slice(5)}${extension}`))
  return decoded.ok ? [] : decoded.errors.map(({ offset, reason }) => `${offset - header.length}: ${reason}`)
}

describe('header', () => {
  test('gives seven fields and an empty extension', () => {
    expect(decode(header)).toEqual({
      version: 0,
      vendor: 'Microsoft',
      product: 'Exchange Server',
      deviceVersion: '15.01.2507.006',
      eventClassId: 'RECEIVE',
      name: 'RECEIVE',
      severity: 3,
      extension: new Map(),
    })
  })

  test('undoes \\\\ and \\|, also at the end of a field', () => {
    const event = decode('CEF:1|a\\|b|c\\\\|d\\\\\\||e=f|g h|10|')
    expect(event).toMatchObject({
      version: 1,
      vendor: 'a|b',
      product: 'c\\',
      deviceVersion: 'd\\|',
      eventClassId: 'e=f',
      name: 'g h',
      severity: 10,
    })
  })

  test.each(['\\n', '\\=', '\\ ', '\\a'])('objects to the escape %s', (sequence) => {
    expect(errors(`CEF:0|a${sequence}|b|c|d|e|3|`)).toEqual([
      '7: In the header a backslash may only precede \\ or |.',
    ])
  })

  test('needs seven bars', () => {
    expect(errors('CEF:0|a|b|c|d|e|3')).toEqual([
      '17: The header needs seven unescaped bars; this message has 6.',
    ])
    expect(errors('CEF:0|a|b|c|d|e\\|3|')[0]).toMatch(/has 6/)
    expect(errors('')).toEqual(['0: The header needs seven unescaped bars; this message has 0.'])
  })

  test.each(['CEF:2', 'CEF:00', 'CEF: 0', 'cef:0', 'CEF:', ' CEF:0', '\ufeffCEF:0'])(
    'objects to the prefix %j',
    (prefix) => {
      expect(errors(`${prefix}${header.slice(5)}`)[0]).toMatch(/^0: The message (must begin|begins) with/)
    },
  )

  test.each(['0', '1', '9', '10'])('takes severity %s', (severity) => {
    expect(decode(`CEF:0|a|b|c|d|e|${severity}|`).severity).toBe(Number(severity))
  })

  test.each(['', '11', '03', '-1', '3.0', 'High', ' 3', '٣'])('objects to severity %j', (severity) => {
    expect(errors(`CEF:0|a|b|c|d|e|${severity}|`)[0]).toMatch(/^16: The severity must be an integer/)
  })

  const limits = [63, 63, 31, 1023, 512]
  test.each(limits.map((limit, index) => ({ limit, index })))('holds field $index to $limit bytes', (row) => {
    const withField = (value: string) => {
      const fields = ['a', 'b', 'c', 'd', 'e']
      fields[row.index] = value
      return `CEF:0|${fields.join('|')}|3|`
    }
    // Bytes, not characters, and counted without the backslashes.
    const full = `${'é'.repeat(Math.floor(row.limit / 2))}${row.limit % 2 ? '\\|' : ''}`
    expect(errors(withField(full))).toEqual([])
    expect(errors(withField(`${full}x`))).toEqual([expect.stringContaining(`may hold ${row.limit} bytes`)])
    expect(errors(withField(''))).toEqual([expect.stringContaining('is empty')])
  })

  test.each([
    ['\n', 'line feed'],
    ['\r', 'carriage return'],
    ['\0', 'control character 0x00'],
    ['\x7f', 'control character 0x7f'],
  ])('objects to the raw control character %j', (character, name) => {
    expect(errors(`CEF:0|a|b|c|d|e${character}|3|`)).toEqual([`15: The header holds a raw ${name}.`])
  })
})

describe('extension', () => {
  test('begins right after the last bar or after one space', () => {
    expect(values('msg=a')).toEqual({ msg: 'a' })
    expect(values(' msg=a')).toEqual({ msg: 'a' })
    expect(values(' ')).toEqual({})
    expect(extensionErrors('  msg=a')).toEqual([
      '5: Before this = there is no key that begins right after the header.',
      '1: The extension is not a list of key=value.',
    ])
  })

  test('keeps the order of the keys', () => {
    const event = decode(`${header} suser=a msg=b dhost=c`)
    expect([...event.extension.keys()]).toEqual(['suser', 'msg', 'dhost'])
  })

  test('undoes the four escapes from left to right', () => {
    expect(values('msg=a\\\\b\\=c\\nd\\re')).toEqual({ msg: 'a\\b=c\nd\re' })
    expect(values('msg=C:\\\\new\\\\report')).toEqual({ msg: 'C:\\new\\report' })
    expect(values('msg=\\\\\\n\\\\n')).toEqual({ msg: '\\\n\\n' })
  })

  test.each(['\\|', '\\t', '\\N', '\\"', '\\ ', '\\/'])('objects to the escape %j', (sequence) => {
    expect(extensionErrors(`msg=a${sequence}b`)).toEqual([
      '5: In a value a backslash may only precede \\, =, n or r.',
    ])
  })

  test('objects to a backslash that ends the message or stands before the next key', () => {
    expect(extensionErrors('msg=a\\')).toEqual(['5: In a value a backslash may only precede \\, =, n or r.'])
    expect(extensionErrors('msg=a\\ suser=b')[0]).toMatch(/^5: In a value a backslash/)
    expect(values('msg=a\\\\ suser=b')).toEqual({ msg: 'a\\', suser: 'b' })
  })

  test('takes a raw bar, quotes and a tab inside a value as they are', () => {
    expect(values('msg="a | b\tc" suser="x"')).toEqual({ msg: '"a | b\tc"', suser: '"x"' })
  })

  test('takes escaped look-alikes of keys as text', () => {
    expect(values('msg=buy now cs1\\=free rt\\=1 suser=a')).toEqual({
      msg: 'buy now cs1=free rt=1',
      suser: 'a',
    })
  })

  test.each([
    'msg=a=b',
    'msg=a==',
    'msg==b',
    'msg=a @b=c',
    'msg=a (b=c',
    'msg=a\tb=c',
    'msg=é=c',
    'msg=a \\nb=c',
  ])('objects to an unescaped = in %j', (extension) => {
    expect(extensionErrors(extension)).toContainEqual(
      expect.stringContaining(
        'In the value of "msg" an = stands neither escaped nor after a space and a key.',
      ),
    )
  })

  test('objects to text that is no list of key=value', () => {
    expect(extensionErrors('hello world')).toEqual(['0: The extension is not a list of key=value.'])
    expect(extensionErrors('hello msg=a')[0]).toMatch(/^9: Before this = there is no key/)
    expect(extensionErrors('=a')[0]).toMatch(/^0: Before this = there is no key/)
  })

  test('takes every kind of key character', () => {
    expect(values('ad.custom-data=a MicrosoftExchangeCustomData=b x_1[0]:y=c')).toEqual({
      'ad.custom-data': 'a',
      MicrosoftExchangeCustomData: 'b',
      'x_1[0]:y': 'c',
    })
  })

  test('survives keys that are special to JavaScript', () => {
    const { extension } = decode(`${header}__proto__=a constructor=b`)
    expect([...extension]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  test('objects to a key that stands twice', () => {
    expect(extensionErrors('msg=a msg=b')).toEqual(['6: The key "msg" stands twice.'])
  })

  test('objects to empty values', () => {
    expect(extensionErrors('msg= suser=a')).toEqual([
      '4: msg has no value: a key without a value must be left out.',
    ])
    expect(extensionErrors('in=')).toEqual(['3: in has no value: a key without a value must be left out.'])
  })

  test('keeps spaces inside a value and behind it, and objects to them in front', () => {
    expect(values('msg=a  b   c suser=d')).toEqual({ msg: 'a  b   c', suser: 'd' })
    expect(values('msg=a  suser=d')).toEqual({ msg: 'a ', suser: 'd' })
    for (const extension of ['msg= a', 'msg=\ta', 'msg=\t']) {
      expect(extensionErrors(extension), extension).toEqual([
        expect.stringContaining('4: msg begins with a space or tab'),
      ])
    }
  })

  test.each(['\n', '\r', '\0', '\x1b', '\x7f'])('objects to the raw control character %j', (character) => {
    expect(extensionErrors(`msg=a${character}b`)).toEqual([
      expect.stringContaining('5: The extension holds a raw '),
    ])
  })

  test('reports everything at once', () => {
    expect(extensionErrors('in=01 src=x msg=a\\|b cs1=c')).toHaveLength(4)
  })
})

describe('bytes', () => {
  test('keeps every character of valid UTF-8', () => {
    expect(values('msg=é漢😀\u0085\ufffd\u2028')).toEqual({ msg: 'é漢😀\u0085\ufffd\u2028' })
  })

  test.each([
    ['a lone continuation byte', [0x80], 0],
    ['a cut character', [0xef, 0xbf], 0],
    ['a character cut by text', [0xef, 0x41], 0],
    ['an overlong form', [0xc0, 0xaf], 0],
    ['a surrogate', [0xed, 0xa0, 0x80], 0],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], 0],
    ['after valid characters', [0xc3, 0xa9, 0xef, 0xbf, 0xbd, 0xff], 5],
  ])('objects to %s', (_, bytes, at) => {
    const message = Buffer.concat([Buffer.from(`${header}msg=`), Buffer.from(bytes), Buffer.from('b')])
    expect(errors(message)).toEqual([`${header.length + 4 + at}: The message is not valid UTF-8.`])
  })
})

describe('types', () => {
  const good: [string, string][] = [
    ['in', '0'],
    ['in', '2147483647'],
    ['out', '4096'],
    ['cnt', '1'],
    ['spt', '65535'],
    ['dpt', '0'],
    ['deviceDirection', '1'],
    ['src', '192.0.2.1'],
    ['dst', '0.0.0.0'],
    ['dvc', '255.255.255.255'],
    ['rt', '1763769600010'],
    ['start', '0'],
    ['end', '253402300799999'],
    ['dmac', '00:0d:60:AF:1b:61'],
    ['_cefVer', '0.1'],
  ]
  test.each(good)('takes %s=%s', (key, value) => {
    expect(values(`${key}=${value}`)).toEqual({ [key]: value })
  })

  const bad: [string, string][] = [
    ['in', '2147483648'],
    ['in', '010'],
    ['in', '00'],
    ['in', '-1'],
    ['in', '1.0'],
    ['out', '0x10'],
    ['out', 'many'],
    ['out', '1 2'],
    ['out', '٣'],
    ['cnt', '99999999999999999999999999'],
    ['spt', '65536'],
    ['dpt', '08'],
    ['deviceDirection', '2'],
    ['src', 'EX01'],
    ['src', '192.0.2.01'],
    ['src', '192.0.2'],
    ['dst', '2001:db8::1'],
    ['dvc', '192.0.2.1:25'],
    ['rt', '2026-11-22T00:00:00.000Z'],
    ['rt', 'Nov 22 2026 00:00:00'],
    ['start', '0001'],
    ['end', '253402300800000'],
    ['smac', '000d60af1b61'],
    ['_cefVer', '1.0'],
  ]
  test.each(bad)('objects to %s=%s', (key, value) => {
    expect(extensionErrors(`${key}=${value}`)).toEqual([
      expect.stringMatching(new RegExp(`^${key.length + 1}: ${key} m`)),
    ])
  })

  test('CEF:1 takes IPv6 addresses without zone and 64-bit sizes', () => {
    const extension = 'src=2001:db8::1 dst=::ffff:192.0.2.1 dvc=192.0.2.1 in=9223372036854775807 _cefVer=1.0'
    expect(extensionErrors(extension, 1)).toEqual([])
    expect(extensionErrors('src=fe80::1%12', 1)).toHaveLength(1)
    expect(extensionErrors('in=9223372036854775808', 1)).toHaveLength(1)
    expect(extensionErrors('_cefVer=0.1', 1)).toHaveLength(1)
  })

  test.each([
    ['c6a1', 'fe80::1', 'fe80::1%12'],
    ['c6a2', '2001:db8::1', '192.0.2.1'],
    ['c6a4', '::', 'EX01'],
    ['cn1', '9223372036854775807', '9223372036854775808'],
    ['cn2', '7', '07'],
    ['cfp1', '-1.5e3', '1,5'],
    ['deviceCustomDate1', '1763769600010', '2026-11-22'],
    ['flexNumber1', '12', 'twelve'],
  ])('the custom value %s may be %s but not %s', (key, right, wrong) => {
    expect(extensionErrors(`${key}=${right} ${key}Label=a`)).toEqual([])
    expect(extensionErrors(`${key}=${wrong} ${key}Label=a`)).toHaveLength(1)
  })
})

describe('labels', () => {
  const custom = [
    ...['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'flexString1', 'flexString2'].map((key) => [key, 'a']),
    ...['cn1', 'cn2', 'cn3', 'cfp1', 'cfp4', 'deviceCustomDate1', 'flexDate1'].map((key) => [key, '1']),
    ...['c6a1', 'c6a2', 'c6a3', 'c6a4'].map((key) => [key, '::1']),
  ] as [string, string][]

  test.each(custom)('%s needs its label and the label its value', (key, value) => {
    expect(extensionErrors(`${key}=${value} ${key}Label=b`)).toEqual([])
    expect(extensionErrors(`${key}Label=b ${key}=${value}`)).toEqual([])
    expect(extensionErrors(`${key}=${value}`)).toEqual([`0: ${key} is a custom value and needs ${key}Label.`])
    expect(extensionErrors(`${key}Label=b`)).toEqual([`0: ${key}Label labels ${key}, which is not there.`])
  })

  test('other keys that end in Label are additional data', () => {
    expect(values('ad.Label=a msgLabel=b')).toEqual({ 'ad.Label': 'a', msgLabel: 'b' })
  })
})

describe('lengths', () => {
  const limits: [string, number][] = [
    ...['msg', 'suser', 'duser', 'shost', 'dhost', 'cat', 'sourceServiceName'].map((key) => [key, 1023]),
    ['dvchost', 100],
    ['ad.custom-data', 4000],
    ['MicrosoftExchangeCustomData', 4000],
  ] as [string, number][]
  test.each(limits)('%s may hold %d bytes', (key, limit) => {
    expect(extensionErrors(`${key}=${'a'.repeat(limit)}`)).toEqual([])
    expect(extensionErrors(`${key}=${'a'.repeat(limit + 1)}`)).toEqual([
      `${key.length + 1}: ${key} may hold ${limit} bytes; this value has ${limit + 1}.`,
    ])
  })

  test.each([
    ['cs1', 4000, 1023],
    ['cs6', 4000, 1023],
    ['flexString1', 1023, 128],
  ])('%s may hold %d bytes, its label %d', (key, limit, labelLimit) => {
    const extension = (more: number, labelMore: number) =>
      `${key}=${'a'.repeat(limit + more)} ${key}Label=${'b'.repeat(labelLimit + labelMore)}`
    expect(extensionErrors(extension(0, 0))).toEqual([])
    expect(extensionErrors(extension(1, 0))).toHaveLength(1)
    expect(extensionErrors(extension(0, 1))).toHaveLength(1)
  })

  test('counts UTF-8 bytes of the unescaped value', () => {
    expect(extensionErrors(`dvchost=${'é'.repeat(50)}`)).toEqual([])
    expect(extensionErrors(`dvchost=${'é'.repeat(50)}a`)).toHaveLength(1)
    expect(extensionErrors(`dvchost=${'\\='.repeat(100)}`)).toEqual([])
  })
})
