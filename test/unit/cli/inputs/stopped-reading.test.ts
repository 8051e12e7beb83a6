/** Reading for a command ends when it is stopped, wherever it is. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { textOf } from '../../../../src/cli/inputs/texts.ts'

const stuck = vi.hoisted(() => new Set<string>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const stat = (path: string) => (stuck.has(path) ? new Promise<never>(() => {}) : real.stat(path))
  return { ...real, stat }
})

let folder: string
let stop: AbortController
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-stopped-'))
  stop = new AbortController()
})
afterEach(() => rm(folder, { recursive: true }))

test('a call that hangs is not waited for', async () => {
  const path = join(folder, 'a.LOG')
  stuck.add(path)
  for (const items of [textOf(path, stop.signal).chunks(), textOf(path, stop.signal).pieces()]) {
    const next = items.next()
    stop.abort()
    await expect(next).rejects.toBe(stop.signal.reason)
  }
})

// Elsewhere such a file takes all its room on the disk.
test.skipIf(process.platform === 'win32')('a line without an end is left', async () => {
  const path = join(folder, 'a.LOG')
  await writeFile(path, '#Fields: date-time,source\r\n')
  await truncate(path, 200 * 1024 ** 3)
  const next = textOf(path, stop.signal).chunks().next()
  stop.abort()
  await expect(next).rejects.toBe(stop.signal.reason)
})
