import { describe, expect, it } from 'vitest'
import { compileGlob, globProblem } from '../../../../src/tail/folder/glob.ts'

describe('compileGlob', () => {
  it.each([
    ['MSGTRK*.LOG', 'msgtrk2026112014-1.log', true],
    ['MSGTRK*.LOG', 'MSGTRKMD2026112014-1.LOG', true],
    ['MSGTRK*.LOG', 'MSGTRK2026112014-1.LOG.bak', false],
    ['MSGTRK*.LOG', 'xMSGTRK2026112014-1.LOG', false],
    ['*', '', true],
    ['ab*bc', 'abc', false],
    ['ab*bc', 'ABbC', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*-1*.log', 'x-2-1-3.LOG', true],
    ['[a-c]*', 'Bx', true],
    ['[!a-c]*', 'bx', false],
    ['[!a-c]*', 'dx', true],
    ['[]]', ']', true],
    ['[z-a]', 'm', false],
    ['[!z-a]', 'm', true],
    ['[.^]x', '^x', true],
    ['[a-]', '-', true],
    ['{MSGTRK,MSGTRKMD}20*.log', 'msgtrkmd2026.log', true],
    ['{MSGTRK,MSGTRKMD}20*.log', 'msgtrkms2026.log', false],
    ['a.c', 'abc', false],
    ['(x)+$', '(X)+$', true],
  ])('%s with %s is %s', (pattern, name, isMatch) => {
    expect(globProblem(pattern)).toBeNull()
    expect(compileGlob(pattern)(name)).toBe(isMatch)
  })

  it('takes no time over many stars', () => {
    expect(compileGlob(`${'*a'.repeat(40)}b`)('a'.repeat(5_000))).toBe(false)
  })
})

describe('globProblem', () => {
  it.each([
    ['', /empty/],
    ['logs/*.log', /within the folder/],
    ['logs\\*.log', /within the folder/],
    ['[a-c*.log', /\[ .* no \]/],
    ['{a,b*.log', /\{ .* no \}/],
    ['{a,{b,c}}', /another \{/],
    ['{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', /more than 64/],
  ])('%s', (pattern, problem) => {
    expect(globProblem(pattern)?.message).toMatch(problem)
  })
})
