/**
 * What becomes of files that are finished: they are packed, and the oldest removed when there are too many, or too much
 * of them, or they are too old. Only files whose names this address makes are touched, and never one that is written.
 */
import { lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { FileNames, NamedFile } from './names.ts'
import { syncFolder } from './open-file.ts'
import type { FileSettings } from './options.ts'

/** Who follows a file has time to read its end. */
const restMs = 300_000
const dayMs = 86_400_000

/** What it works with. */
export interface FinishedOptions {
  readonly folder: string
  readonly names: FileNames
  readonly settings: FileSettings
  /** Removes a file unless it is written (again), or no longer of that size; false when it stays. */
  readonly remove: (name: string, size: number) => Promise<boolean>
}

interface Found extends NamedFile {
  readonly size: number
  readonly mode: number
  readonly changedMs: number
}

/** Whether the settings ask for anything. */
export function isTidied({ gzip, keepFiles, keepDays, keepBytes }: FileSettings): boolean {
  return gzip || keepFiles !== undefined || keepDays !== undefined || keepBytes !== undefined
}

/** Packs and removes what there is to; the names of those that were removed. Rejects with an error of the file system. */
export async function tidyFinished(options: FinishedOptions, nowMs: number): Promise<readonly string[]> {
  const { folder, names, settings, remove } = options
  const isOver = (all: readonly Found[]) => (file: Found) =>
    !names.isOf(file.first, nowMs) ||
    all.some(({ first, number }) => first === file.first && number > file.number)
  if (settings.gzip) {
    const all = await found(options)
    for (const file of all.filter(isOver(all))) {
      if (file.isPacked || nowMs - file.changedMs < restMs) continue
      await pack(folder, file)
      await remove(file.name, file.size)
    }
  }
  const all = await found(options)
  const finished = all.filter(isOver(all)).sort((a, b) => a.changedMs - b.changedMs || a.number - b.number)
  const { keepFiles = Number.POSITIVE_INFINITY, keepDays = Number.POSITIVE_INFINITY } = settings
  const { keepBytes = Number.POSITIVE_INFINITY } = settings
  const removed: string[] = []
  let count = all.length
  let bytes = all.reduce((sum, { size }) => sum + size, 0)
  for (const { name, size, changedMs } of finished) {
    if (count <= keepFiles && bytes <= keepBytes && nowMs - changedMs <= keepDays * dayMs) break
    if (!(await remove(name, size))) continue
    removed.push(name)
    count--
    bytes -= size
  }
  return removed
}

async function found({ folder, names }: FinishedOptions): Promise<readonly Found[]> {
  const named = (await readdir(folder)).flatMap((name) => names.parse(name) ?? [])
  const all = await Promise.all(
    named.map(async (file) => {
      const stats = await lstat(join(folder, file.name)).catch(() => undefined)
      if (stats?.isFile() !== true) return []
      return { ...file, size: stats.size, mode: stats.mode, changedMs: stats.mtimeMs }
    }),
  )
  return all.flat()
}

/** Whole, on disk and as old as the file before it has its name: a crash leaves only a part, which is made anew. */
async function pack(folder: string, { name, mode, changedMs }: Found): Promise<void> {
  const path = join(folder, name)
  const part = `${path}.gz.part`
  await rm(part, { force: true })
  const to = await open(part, 'wx', mode & 0o777)
  try {
    const from = await open(path, 'r')
    await pipeline(from.createReadStream(), createGzip(), async (packed: AsyncIterable<Buffer>) => {
      for await (const bytes of packed) await to.appendFile(bytes)
    })
    await to.utimes(new Date(), changedMs / 1000)
    await to.sync()
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    await to.close()
  }
  await rename(part, `${path}.gz`)
  await syncFolder(folder)
}
