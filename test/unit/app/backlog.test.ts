import { describe, expect, test } from 'vitest'
import { backlogOf, beginningOf, idsByName, SettledBytes } from '../../../src/app/backlog.ts'
import type { FolderConfig } from '../../../src/config/schema.ts'
import type { Position, Positions } from '../../../src/flow/chunk.ts'
import { begunMark } from '../../../src/tail/file/start.ts'
import { fileOrder } from '../../../src/tail/folder/file-order.ts'

const at = (time: string) => Date.parse(`2026-11-20T${time}:00.000Z`)
const log = (name: string, modified: string, size = 1000) => {
  return { name, path: `/logs/${name}`, order: fileOrder(name), size, modifiedAtMs: at(modified) }
}
const seen = {
  reason: null,
  remedy: null,
  unmeasured: 0,
  deletion: null,
  logs: [log('MSGTRK2026112010-1.LOG', '11:00'), log('MSGTRK2026112012-1.LOG', '13:00')],
}
const [older, newer] = ['EX01/MSGTRK2026112010-1.LOG#a', 'EX01/MSGTRK2026112012-1.LOG#b']

/** Before anything of the folder was read. */
function backlog(startAt: string, positions: Positions) {
  return backlogOf({
    look: { seen, recordFrom: async ({ modifiedAtMs }) => ({ atMs: modifiedAtMs, server: 'EX01' }) },
    known: new Map(),
    settled: new SettledBytes('EX01', positions, idsByName(positions)),
    isQuiet: true,
    fromMs: beginningOf({ name: 'EX01', startAt } as FolderConfig, positions),
  })
}

const position = (fileId: string, offset: number): [string, Position] => [
  fileId,
  { fileId, offset, header: 0 },
]
const mark = (begun: 'at the end' | 'ending'): [string, Position] => {
  const position = begunMark('EX01', begun)
  return [position.fileId, position]
}

describe('before a source is read', () => {
  test.each<[string, string, Positions, { bytes: number; isComplete: boolean }]>([
    ['from the beginning all waits', 'beginning', new Map(), { bytes: 2000, isComplete: true }],
    ['at the end nobody knows what does', 'end', new Map(), { bytes: 0, isComplete: false }],
    [
      'at ends of which some are found neither',
      'end',
      new Map([mark('ending'), position(older, 1000)]),
      { bytes: 0, isComplete: false },
    ],
    [
      'at ends that were found what came since',
      'end',
      new Map([mark('ending'), position(older, 1000), position(newer, 400), mark('at the end')]),
      { bytes: 600, isComplete: true },
    ],
    [
      'at the end, said after it had begun, what is not settled',
      'end',
      new Map([position(older, 900)]),
      { bytes: 1100, isComplete: true },
    ],
    [
      'from a time what was written since',
      '2026-11-20T12:30:00Z',
      new Map(),
      { bytes: 1000, isComplete: true },
    ],
  ])('%s', async (_, startAt, positions, expected) => {
    expect(await backlog(startAt, positions)).toMatchObject(expected)
  })
})
