import { expect, test } from 'vitest'
import { cursorAt } from '../../../../src/tail/bytes/cut.ts'
import { KnownCuts } from '../../../../src/tail/bytes/known-cuts.ts'

const read = { isEnd: true, isFinal: false, isGrown: false }
const fileOf = (source: string) => ({ id: `${source}/a#1`, source, path: '/a' })

test('a place is cut once, and the chunk is of the file of whoever asks', () => {
  const bytes = Buffer.from('#Fields: date-time,b\r\n1,2\r\n3,4\r\n')
  const cuts = new KnownCuts(7)
  const cursors = [cursorAt(), cursorAt()]
  const [one, other] = cursors.map((cursor, index) => cuts.cut(bytes, read, fileOf(`EX${index}`), cursor))
  expect(one?.chunk).toMatchObject({ file: fileOf('EX0'), start: 22, end: 32, read: 7 })
  expect(other).toEqual({ ...one, chunk: { ...one?.chunk, file: fileOf('EX1') } })
  expect(other?.chunk?.bytes).toBe(one?.chunk?.bytes)
  expect(cursors[1]).toEqual(cursors[0])
})

test('a last line without an end is whole only to those who know that the file grows no more', () => {
  const bytes = Buffer.from('#Fields: date-time,b\r\n1,2\r\n3,4')
  const cuts = new KnownCuts(7)
  const endFor = (isFinal: boolean) =>
    cuts.cut(bytes, { ...read, isFinal }, fileOf('EX'), cursorAt())?.chunk?.end
  expect([endFor(false), endFor(true), endFor(false)]).toEqual([27, 30, 27])
})
