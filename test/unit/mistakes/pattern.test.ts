import { describe, expect, test } from 'vitest'
import { compileGlob } from '../../../src/mistakes/glob.ts'
import { compilePattern } from '../../../src/mistakes/pattern.ts'

describe('compilePattern', () => {
  test('looks anywhere in the text, minding case unless told otherwise', () => {
    expect(compilePattern('box\\d+').test('a HealthMailbox7')).toBe(true)
    expect(compilePattern('Box').test('mailbox')).toBe(false)
    expect(compilePattern('Box', { ignoreCase: true }).test('mailBOX')).toBe(true)
    expect(compilePattern('^box$').test('mailbox')).toBe(false)
  })

  test('gives the match and its groups', () => {
    const pattern = compilePattern('(?:LED=|;)(\\d)(\\d\\d)?( x)?')
    expect(pattern.exec('{LED=550 5.1.1')).toEqual(['LED=550', '5', '50', undefined])
    expect(pattern.exec('nothing')).toBeNull()
    expect(compilePattern('(?<code>\\d+)').exec('a 42 b')).toEqual(['42', '42'])
  })

  test('sees letters beyond the first plane as one', () => {
    expect(compilePattern('^.$').test('😀')).toBe(true)
    expect(compilePattern('^(.)').exec('😀x')).toEqual(['😀', '😀'])
  })

  test.each(['(a+)+$', '^(a|aa)+$', '(.*)*\\d', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'ends on the catastrophic %s',
    (source) => {
      const text = `${'a'.repeat(50_000)}!`
      expect(compilePattern(source).test(text)).toBe(false)
      expect(compilePattern(source).exec(text)).toBeNull()
    },
  )

  test.each([
    ['', /^is empty; /],
    ['(', /^is no regular expression: missing closing \)$/],
    ['*a', /^is no regular expression: missing argument to repetition operator$/],
    ['a(?=b)', /^uses lookaround .* not supported; /],
    ['(?<!a)b', /^uses lookaround .* not supported; /],
    ['(a)\\1', /^uses a backreference .* not supported; /],
    ['(?<n>a)\\k<n>', /^uses a backreference .* not supported; /],
    ['x'.repeat(1001), /^is longer than 1000 characters; /],
    ['(\\pL{500}x){3}', /^is (too large|no regular expression)/],
    ['(a{300}b{300}){2}', /^is too large once its repetitions are written out; /],
  ])('refuses %j', (source, message) => {
    expect(() => compilePattern(source)).toThrow(message)
  })
})

describe('compileGlob', () => {
  test.each([
    ['*@*.contoso.com', 'ann@mail.contoso.com', true],
    ['*@*.contoso.com', 'ann@contoso.com', false],
    ['*@*.contoso.com', 'ann@mail.contoso.com.evil.example', false],
    ['HealthMailbox*', 'HealthMailbox', true],
    ['HealthMailbox*', 'xHealthMailbox', false],
    ['a?c', 'abc', true],
    ['a?c', 'a😀c', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
    ['[a]+(b)', '[a]+(b)', true],
    ['a*b', 'a\r\nb', true],
    ['', '', true],
  ])('%j and %j: %j', (glob, text, expected) => {
    expect(compileGlob(glob).test(text)).toBe(expected)
  })

  test('minds case unless told otherwise', () => {
    expect(compileGlob('A*').test('abc')).toBe(false)
    expect(compileGlob('A*', { ignoreCase: true }).test('abc')).toBe(true)
  })

  test('ends on many stars', () => {
    expect(compileGlob('*a'.repeat(50)).test(`${'a'.repeat(20_000)}b`)).toBe(false)
  })
})
