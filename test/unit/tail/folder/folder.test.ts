import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FolderChange } from '../../../../src/flow/events.ts'
import { Folder } from '../../../../src/tail/folder/folder.ts'
import { createPace } from '../../../../src/tail/folder/pace.ts'
import { memoryLog, sourceOf, temporaryFolder } from '../logs.ts'

it('says once that it can not be read, whatever the reason, and once that it can be again', async () => {
  const path = join(await temporaryFolder(), 'EX01')
  const changes: FolderChange[] = []
  const log = memoryLog()
  const folder = new Folder(sourceOf(path), createPace(), log, {
    folderChanged: (change) => changes.push(change),
  })
  const look = async (): Promise<boolean> => {
    await folder.refresh(performance.now(), true)
    return folder.isReadable
  }
  expect(await look()).toBe(false)
  expect(await look()).toBe(false)
  await writeFile(path, 'a file where the folder should be')
  expect(await look()).toBe(false)
  expect(folder.unreadable()).toEqual([path])
  await rm(path)
  await mkdir(path)
  expect(await look()).toBe(true)
  expect(await look()).toBe(true)
  expect(folder.unreadable()).toEqual([])
  await rm(path, { recursive: true })
  expect(await look()).toBe(false)

  const away = { source: 'EX01', folder: path, reason: expect.stringContaining('ENOENT') }
  expect(changes).toEqual([away, { ...away, reason: null }, away])
  expect(log.lines.map((line) => line.replace(/ \{.*/, ''))).toEqual([
    expect.stringContaining('The folder of a source cannot be read'),
    expect.stringContaining('The folder of a source is readable again'),
    expect.stringContaining('The folder of a source cannot be read'),
  ])
})
