/** Something else is mounted where a folder is. */
import type { BigIntStats } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { Folder } from '../../../../src/tail/folder/folder.ts'
import { createPace } from '../../../../src/tail/folder/pace.ts'
import { memoryLog, sourceOf, temporaryFolder } from '../logs.ts'

/** What the system says: the type of the file system, and what is to be added to the number of the device. */
const said = vi.hoisted(() => ({ type: 0xef53, device: 0n }))
const withDevice = (stats: BigIntStats) => Object.assign(stats, { dev: stats.dev + said.device })
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  return { ...real, statSync: (path: string) => withDevice(real.statSync(path, { bigint: true })) }
})
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const stat = async (path: string) => withDevice(await real.stat(path, { bigint: true }))
  return { ...real, stat, statfs: async () => ({ type: said.type }) }
})

it.runIf(process.platform === 'linux')('is found out: a share tells of no change', async () => {
  const path = await temporaryFolder()
  await writeFile(join(path, 'MSGTRK2026112014-1.LOG'), '')
  const folder = new Folder(sourceOf(path), createPace(), memoryLog(), {})
  await folder.refresh(0, false)
  expect([folder.tellsChanges, folder.watchablePaths().size]).toEqual([true, 1])
  Object.assign(said, { type: 0xff534d42, device: 1n })
  await folder.refresh(0, false)
  expect([folder.tellsChanges, folder.watchablePaths().size]).toEqual([false, 0])
})
