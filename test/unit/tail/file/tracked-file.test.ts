import { describe, expect, it } from 'vitest'
import type { Position } from '../../../../src/flow/chunk.ts'
import { cursorAt } from '../../../../src/tail/bytes/cut.ts'
import type { Head } from '../../../../src/tail/bytes/head.ts'
import { TrackedFile } from '../../../../src/tail/file/tracked-file.ts'
import { fileOrder } from '../../../../src/tail/folder/file-order.ts'
import { memoryLog } from '../logs.ts'

const name = 'MSGTRK2026112014-1.LOG'
const headOf = (stamp: string): Head => ({ stamp, hasHeader: true, refusal: null })
const idOf = (stamp: string) => `mail/${name}#${stamp}`
const at = (fileId: string, offset: number): ReadonlyMap<string, Position> =>
  new Map([[fileId, { fileId, offset, header: 0 }]])

/** A file that was read to its end at 100, with an unfinished line of 5 bytes. */
function resting(): TrackedFile {
  const file = new TrackedFile('mail', '/logs', fileOrder(name), 0)
  file.identify(headOf('a'), 200, 0)
  file.content.begin(cursorAt())
  file.content.rest({ ...cursorAt(100, 0), seenEnd: 105 })
  file.looks.fallDue(1000)
  return file
}

describe('a tracked file', () => {
  it('has the id that its position says until its head says another', () => {
    const file = new TrackedFile('mail', '/logs', fileOrder(name), 0)
    file.presume(idOf('a'))
    expect(file.identify(headOf('b'), 200, 0)).toBe('another')
    expect(file.log?.id, 'for the losses').toBe(idOf('a'))
    file.replace()
    expect(file.log?.id).toBe(idOf('b'))
  })

  it('keeps all that was known of the old content until it is replaced, and nothing then', () => {
    const file = resting()
    expect(file.identify(headOf('a'), 200, 0)).toBe('same')
    expect(file.identify(headOf('b'), 200, 0)).toBe('another')
    expect(file.content.extent).toMatchObject({ rowsEnd: 100, fileEnd: 105 })
    file.replace()
    expect(file.content).toMatchObject({ cursor: null, restingAt: null, tail: null })
    expect(file.content.extent).toEqual({ start: 0, rowsEnd: 0, fileEnd: null, openSize: null })
  })

  it('keeps its identity when it is emptied, and is not to be read then', () => {
    const file = resting()
    expect(file.identify(null, 0, 0)).toBe('unknown')
    expect(file.log?.id).toBe(idOf('a'))
    expect(file.content).toMatchObject({ cursor: null, restingAt: 100 })
  })

  it('is asked for its head again only after a while, unless that is in doubt', () => {
    const file = resting()
    expect(file.needsHead(9, 10)).toBe(false)
    expect(file.needsHead(10, 10)).toBe(true)
    file.doubt()
    expect(file.needsHead(0, 10)).toBe(true)
  })

  it.each([
    ['rests on where all of it is settled', 100, true, 100, 1000],
    ['is read again from a position before its end', 50, true, null, 0],
    ['has its look at once where it is read once', 100, false, 100, 0],
  ])('%s', (_, offset, follow, restingAt, dueAtMs) => {
    const file = resting()
    file.rewind(at(idOf('a'), offset), follow)
    expect(file.content).toMatchObject({ cursor: null, restingAt })
    expect(file.looks.dueAtMs).toBe(dueAtMs)
  })

  it('is looked at no more while it is missing, also after a rewind, and at once when it is found', () => {
    const file = resting()
    expect(file.looks.miss(5)).toBe(5)
    expect(file.looks.miss(7)).toBe(5)
    file.rewind(new Map(), true)
    expect(file.looks.dueAtMs).toBe(Number.POSITIVE_INFINITY)
    file.identify(headOf('a'), 200, 0)
    file.find()
    expect(file.looks).toMatchObject({ missingSinceMs: null, dueAtMs: 0 })
    expect(file.needsHead(0, 10)).toBe(true)
  })

  it('says once that it is refused, and again when another one is', () => {
    const file = resting()
    const log = memoryLog()
    for (let i = 0; i < 2; i++) file.refuse({ message: 'it is a picture', remedy: 'move it' }, log)
    expect(log.lines).toHaveLength(1)
    file.identify(headOf('b'), 200, 0)
    file.replace()
    expect(file.condition).toBe('readable')
    file.refuse({ message: 'it is a picture', remedy: 'move it' }, log)
    expect(log.lines).toHaveLength(2)
  })

  it('knows whether its restart or its line without an end was said', () => {
    const file = resting()
    expect([file.restart(100), file.restart(100), file.restart(90)]).toEqual([true, false, true])
    const { content } = file
    expect([content.meetLongLine(0), content.meetLongLine(0), content.meetLongLine(9)]).toEqual([
      true,
      false,
      true,
    ])
  })
})
