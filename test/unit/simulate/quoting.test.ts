import { describe, expect, it } from 'vitest'
import { lineOf, listOf } from '../../../src/simulate/quoting.ts'

describe('lineOf', () => {
  it.each([
    [['a', 'b'], 'a,b'],
    [['', '', ''], ',,'],
    [['x, y', 'plain'], '"x, y",plain'],
    [['say "yes"'], '"say ""yes"""'],
    [['"'], '""""'],
    [["it's; fine | a=b\\ "], "it's; fine | a=b\\ "],
  ])('writes %j as %s', (values, line) => {
    expect(lineOf(values)).toBe(`${line}\r\n`)
  })
})

describe('listOf', () => {
  it.each([
    [['a', 'b'], 'a;b'],
    [['', '', ''], ';;'],
    [["o'brien@x.com"], "'o''brien@x.com'"],
    [['a;b', 'c'], "'a;b';c"],
  ])('writes %j as %s', (members, list) => {
    expect(listOf(members)).toBe(list)
  })
})
