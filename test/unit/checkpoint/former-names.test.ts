import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckpoint } from '../../../src/checkpoint/store.ts'
import type { Position } from '../../../src/flow/chunk.ts'

const position = (fileId: string, offset = 5): Position => ({ fileId, offset, header: 0 })
const positionsOf = (...all: Position[]) => new Map(all.map((one) => [one.fileId, one]))

test('positions go on under the new name of their source, but for those that it has already', async ({
  onTestFinished,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-names-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'positions.json')
  await createCheckpoint(path).save(
    positionsOf(
      position('old/a.LOG#1'),
      position('old/beginning'),
      position('old/b.LOG#1', 1),
      position('new/b.LOG#1', 9),
      position('older/a.LOG#1'),
    ),
  )
  const sources = [{ name: 'new', formerName: 'old' }, { name: 'older' }]
  const loaded = await createCheckpoint(path, sources).load()
  expect(loaded).toEqual(
    positionsOf(
      position('new/a.LOG#1'),
      position('new/beginning'),
      position('old/b.LOG#1', 1),
      position('new/b.LOG#1', 9),
      position('older/a.LOG#1'),
    ),
  )
  await createCheckpoint(path, sources).save(loaded)
  expect(await createCheckpoint(path).load()).toEqual(loaded)
})
