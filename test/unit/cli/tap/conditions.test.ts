import { describe, expect, test } from 'vitest'
import { Conditions, parseCondition } from '../../../../src/cli/tap/conditions.ts'
import { decodeFrame } from '../../../../src/receive/frame-decoder.ts'

const frame =
  'CEF:0|Microsoft|Exchange|15|FAIL|Delivery failed|6| suser=Ann@Contoso.com duser=bob@fabrikam.com;Carl@contoso.com ' +
  'msg=RE: offer cs1=<a@b> cs1Label=Message Id'

function event() {
  const decoded = decodeFrame(Buffer.from(frame))
  if (!decoded.ok) throw new Error(decoded.errors[0]?.reason)
  return decoded.event
}

function holds(...texts: readonly string[]): boolean {
  return new Conditions(texts.map(parseCondition)).hold(event())
}

describe('an event', () => {
  test.each([
    [['suser=ann@contoso.com'], true],
    [['SUser=*@CONTOSO.com'], true],
    [['suser=@fabrikam.com'], false],
    [['duser=@contoso.com'], true],
    [['duser=bob@fabrikam.com'], true],
    [['duser=dora@fabrikam.com'], false],
    [['msg=/^re:/'], true],
    [['msg!=/^re:/'], false],
    [['Message Id=<a@b>'], true],
    [['eventClassId=FAIL'], true],
    [['eventClassId=SEND', 'eventClassId=FAIL'], true],
    [['severity=6', 'name=*failed'], true],
    [['severity=6', 'name=*sent'], false],
    [['cs2=*'], true],
    [['cs2=?*'], false],
    [['cs2!=x'], true],
    [[], true],
  ])('%j: %s', (texts, expected) => expect(holds(...texts)).toBe(expected))
})

test.each(['suser', '=x', 'suser=', 'suser=/(/', 'suser=@'])('%s is refused', (text) => {
  expect(() => parseCondition(text)).toThrow()
})

test('a key that no event has is doubted, once', () => {
  const conditions = new Conditions([parseCondition('susr=x')])
  const doubts: string[] = []
  for (let events = 0; events < 300; events++) {
    conditions.hold(event())
    doubts.push(...conditions.doubts())
  }
  expect(doubts).toEqual(['none of the first 100 events has susr: did you mean suser?'])
})
