import { describe, expect, it } from 'vitest'
import { parseHead } from '../../../../src/tail/bytes/head.ts'
import { parseHeader } from '../../../../src/tail/bytes/header.ts'
import { date, header, row } from '../logs.ts'

const head = (text: string, isCut = false) => parseHead(Buffer.from(text), isCut)

describe('parseHead', () => {
  it('takes the date of the first header', () => {
    expect(head(`\uFEFF${header(date)}${header('2027-01-01T00:00:00.000Z')}`)).toMatchObject({
      stamp: date,
      hasHeader: true,
      refusal: null,
    })
  })

  it('waits for the whole date line', () => {
    expect(head('#Software: x\r\n#Date: 2026-11-2')).toBeNull()
    expect(head('')).toBeNull()
    expect(head('\uFEFF')).toBeNull()
  })

  it('takes the first date-time of a file without a header, once its line is whole', () => {
    expect(head(`\uFEFF${row(5, 'x')}`)).toMatchObject({
      stamp: '2026-11-20T14:05:00.000Z',
      hasHeader: false,
    })
    expect(head('2026-11-20T14:05:00.000Z,a,b')).toBeNull()
  })

  it('takes it also after a header without a date', () => {
    expect(head(`#Version: 8\r\n${row(5, 'x')}`)?.stamp).toBe('2026-11-20T14:05:00.000Z')
    expect(head('#Version: 8\r\n2026-')).toBeNull()
  })

  it('does not wait for what can no longer come', () => {
    expect(head('x'.repeat(200), true)?.stamp).toBe('x'.repeat(64))
    expect(head('#a\n'.repeat(50), true)?.stamp).toBe('undated')
  })

  it('lets nothing into the stamp that would break an id or a terminal', () => {
    expect(head('a#b\u001b[31m\u00e9,c\n')?.stamp).toBe('a?b?[31m??')
  })

  it.each([
    '# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n',
    '# Date\tTime\tclient-ip\tClient-hostname\tPartner-Name\r\n',
    '2003-7-25\t0:0:9 GMT\t10.0.0.1\tpc\t-\tEX\t10.0.0.2\ta@example.com\t1019\tid\t0\r\n',
  ])('refuses logs of Exchange 2003: %j', (text) => {
    expect(head(text)?.refusal?.message).toMatch(/Exchange 2003/)
  })

  it('refuses what is no log at all, by name, as soon as its first bytes are there', () => {
    const refusal = (bytes: Buffer | string) => parseHead(Buffer.from(bytes as string), false)?.refusal
    expect(refusal('\x1f')).toBeUndefined()
    expect(refusal(Buffer.from('1f8b0800', 'hex'))?.message).toMatch(/gzip/)
    expect(refusal(Buffer.from(`\ufeff${header(date)}`, 'utf16le'))).toMatchObject({
      message: expect.stringContaining('UTF-16'),
      remedy: expect.stringContaining('Copy-Item'),
    })
    expect(refusal('#TYPE X.MessageTrackingEvent\r\n')?.message).toMatch(/Get-MessageTrackingLog/)
    expect(refusal('Timestamp,EventId,Sender\r\n')?.remedy).toMatch(/folder in which Exchange/)
    expect(refusal('PK\x03\x04')?.message).toMatch(/zip/)
  })

  it('refuses logs of another type, naming it without its control characters', () => {
    expect(head('#Log-type: SMTP\u001b Receive\r\n#Date: x\r\n')?.refusal?.message).toContain(
      '"SMTP? Receive"',
    )
    expect(head('#LOG-TYPE: message tracking LOG\r\n#Date: x\r\n')?.refusal).toBeNull()
  })
})

describe('parseHeader', () => {
  it('reads columns and version, and keeps the bytes', () => {
    const block = Buffer.from(`\uFEFF${header(date)}`)
    const { layout } = parseHeader(block)
    expect(layout?.columns).toEqual(['date-time', 'client-ip', 'source'])
    expect(layout?.version).toBe('15.01.2507.006')
    expect(Buffer.from(layout?.header ?? [])).toEqual(block)
    expect(layout?.header.buffer).not.toBe(block.buffer)
  })

  it('gives files of the same columns the same list', () => {
    const [a, b] = [parseHeader(Buffer.from(header(date))), parseHeader(Buffer.from(header('2027')))]
    expect(a.layout?.columns).toBe(b.layout?.columns)
  })

  it('lets the last of several blocks win, and gives no layout without columns', () => {
    expect(parseHeader(Buffer.from(`${header(date)}\uFEFF#Fields: a,b\n`)).layout?.columns).toEqual([
      'a',
      'b',
    ])
    expect(parseHeader(Buffer.from('# a comment\n')).layout).toBeNull()
  })

  it('without a date-time column is refused by its name, whatever its type says', () => {
    const refusal = (fields: string) =>
      parseHeader(Buffer.from(`#Log-type: Message Tracking Log\n#Fields: ${fields}\n`)).refusal
    expect(refusal('client-ip,source')?.message).toMatch(/names no date-time column/)
    expect(refusal('client-ip, Date-Time ,source')).toBeNull()
  })
})
