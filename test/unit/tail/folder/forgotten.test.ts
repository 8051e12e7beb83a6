import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Position } from '../../../../src/flow/chunk.ts'
import { Folder } from '../../../../src/tail/folder/folder.ts'
import { forgottenIds } from '../../../../src/tail/folder/forgotten.ts'
import { createPace } from '../../../../src/tail/folder/pace.ts'
import { date, header, memoryLog, sourceOf, temporaryFolder } from '../logs.ts'

const day = 24 * 60 * 60_000

it('names files that were gone for a day while their folder was readable', async () => {
  const path = await temporaryFolder()
  const name = 'MSGTRK2026112014-1.LOG'
  await writeFile(join(path, name), header(date))
  const folder = new Folder(sourceOf(path), createPace(), memoryLog(), {})
  await folder.refresh(0, true)
  const ids = [
    `EX01/${name}#${date}`,
    'EX01/MSGTRK2026112013-1.LOG#x',
    'EX01/',
    'EX02/MSGTRK2026112013-1.LOG#x',
  ]
  const positions = new Map(ids.map((id): [string, Position] => [id, { fileId: id, offset: 1, header: -1 }]))
  const missing = new Map<string, number>()
  const gone = (nowMs: number) => forgottenIds([folder], positions, missing, nowMs)

  expect(gone(1000)).toEqual([])
  expect(gone(999 + day)).toEqual([])
  expect(gone(1000 + day)).toEqual([ids[1]])

  // A break in between starts the day anew: nobody can say what was there.
  await rm(path, { recursive: true })
  await folder.refresh(2 * day, true)
  expect(gone(2 * day)).toEqual([])
})
