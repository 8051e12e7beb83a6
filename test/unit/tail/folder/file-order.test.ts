import { expect, it } from 'vitest'
import { compareFileOrder, fileOrder } from '../../../../src/tail/folder/file-order.ts'

it('sorts by time, then by instance as a number, then by name', () => {
  const names = [
    'MSGTRK2026112014-10.LOG',
    'MSGTRK2026112014-9.LOG',
    'MSGTRK20261121-1.LOG',
    'MSGTRK2026112100-2.LOG',
    'msgtrk2026112013-200.log',
  ]
  expect(
    names
      .map(fileOrder)
      .sort(compareFileOrder)
      .map((each) => each.name),
  ).toEqual([
    'msgtrk2026112013-200.log',
    'MSGTRK2026112014-9.LOG',
    'MSGTRK2026112014-10.LOG',
    'MSGTRK20261121-1.LOG',
    'MSGTRK2026112100-2.LOG',
  ])
})

it('tells prefixes apart, without regard to case', () => {
  expect(fileOrder('MsgTrkMD2026112014-1.log')).toMatchObject({ prefix: 'MSGTRKMD', time: '2026112014' })
  expect(fileOrder('MSGTRKMS2026112014-1.log').prefix).toBe('MSGTRKMS')
})

it('puts names of another form under one prefix, in natural order', () => {
  const names = ['MSGTRK copy 10.LOG', 'MSGTRK copy 9.LOG', 'MSGTRK2026112014-1 (2).LOG']
  const orders = names.map(fileOrder).sort(compareFileOrder)
  expect(orders.map((each) => each.prefix)).toEqual(['', '', ''])
  expect(orders.map((each) => each.name)).toEqual([
    'MSGTRK copy 9.LOG',
    'MSGTRK copy 10.LOG',
    'MSGTRK2026112014-1 (2).LOG',
  ])
})
