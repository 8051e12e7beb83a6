import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinList, replaceMembers, splitList } from '../../../src/records/list.ts'
import { ListReader } from '../../../src/records/list-reader.ts'

/** How many members are read from its bytes. */
function countRead(text: string): number {
  const bytes = Buffer.from(text)
  const reader = new ListReader(bytes, 0, bytes.length)
  let count = 0
  while (reader.read()) count++
  return count
}

describe('a list', () => {
  it.each([
    ['', []],
    ['a@example.com', ['a@example.com']],
    ['a@example.com;b@example.com', ['a@example.com', 'b@example.com']],
    [';', ['', '']],
    ['To;;Cc;', ['To', '', 'Cc', '']],
    ["'o''brien@example.com'", ["o'brien@example.com"]],
    ["a;'o''brien@example.com';b", ['a', "o'brien@example.com", 'b']],
    ["'250 2.0.0 Ok; queued';'it''s; full'", ['250 2.0.0 Ok; queued', "it's; full"]],
    ["'';x", ['', 'x']],
    ["'[{LED=550 5.1.1 ''no''};{MSG=}]';To", ["[{LED=550 5.1.1 'no'};{MSG=}]", 'To']],
  ])('%j has the members %j', (text, members) => {
    expect(splitList(text)).toEqual(members)
    expect(countRead(text)).toBe(members.length)
  })

  it.each([
    ["o'brien@example.com;b", ["o'brien@example.com", 'b']],
    ["'open;b", ["'open", 'b']],
    ["'a'b;c", ["'a'b", 'c']],
    ["';b", ["'", 'b']],
    ["'''", ["'''"]],
    ["a';'b", ["a'", "'b"]],
  ])('keeps what is wrapped wrongly as it is: %j', (text, members) => {
    expect(splitList(text)).toEqual(members)
    expect(countRead(text)).toBe(members.length)
  })

  it('wraps only members that need it', () => {
    expect(joinList(['a', "o'brien", 'x;y', ''])).toBe("a;'o''brien';'x;y';")
    expect(joinList([])).toBe('')
  })

  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("'", ';', 'a', "''", "';'", 'é') }))

  it('gives back the members it was made of', () => {
    const members = fc.array(text).filter((all) => all.length !== 1 || all[0] !== '')
    fc.assert(
      fc.property(members, (all) => {
        expect(splitList(joinList(all))).toEqual(all)
        expect(countRead(joinList(all))).toBe(all.length)
      }),
    )
  })

  it('reads any text, and the same again when it was joined anew', () => {
    fc.assert(
      fc.property(text, (any) => {
        const members = splitList(any)
        expect(countRead(any)).toBe(members.length)
        fc.pre(members.length !== 1 || members[0] !== '')
        expect(splitList(joinList(members))).toEqual(members)
      }),
    )
  })

  it.each([
    ['', ''],
    [';;', ';;'],
    ["a;;'b;c';''", 'A;;B.C;'],
    ["'it''s';'open;b", 'IT.S;.OPEN;B'],
  ])('%j has others in place of its members: %j', (text, replaced) => {
    expect(replaceMembers(text, (member) => member.toUpperCase().replace(/[';]/g, '.'))).toBe(replaced)
  })

  it('has others in place of all its members but the empty ones', () => {
    const any = fc.string({ unit: fc.constantFrom(..."ab;;''é") })
    const other = (member: string) => (member.startsWith('a') ? member : 'x').replace(/[';]/g, '.')
    fc.assert(
      fc.property(
        fc.oneof(
          any,
          fc.nat(20_000).map((count) => 'b;'.repeat(count)),
        ),
        (text) => {
          const expected = splitList(text).map((member) => (member === '' ? '' : other(member)))
          expect(replaceMembers(text, other)).toBe(expected.join(';'))
        },
      ),
    )
  })

  it('is read without reading any part of it again and again', () => {
    // Quadratic, these would take minutes.
    for (const part of ["'a;''", "';", "''a;", "'''a;", "a'';'"]) {
      const long = part.repeat(400_000)
      expect(countRead(long)).toBe(splitList(long).length)
      expect(replaceMembers(long, () => '')).toMatch(/^;+$/)
    }
  })
})
