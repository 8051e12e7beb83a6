import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chunkBytesOf } from '../../../../src/tail/bytes/chunk-limits.ts'
import { date, header, onceSource, readOnce, row, sourceOf, temporaryFolder, texts } from '../logs.ts'

const mebibyte = 1024 * 1024

it.each([
  [1, mebibyte],
  [128, mebibyte],
  [129, mebibyte - 64 * 1024],
  [2048, 64 * 1024],
  [100_000, 64 * 1024],
])('chunks of %i folders are of %i bytes', (folders, bytes) => {
  expect(chunkBytesOf(folders)).toBe(bytes)
})

it('reads of each of many folders less at a time, and all of it', async () => {
  const folder = await temporaryFolder()
  const names = Array.from({ length: 512 }, (_, index) => `EX${index}`)
  for (const name of names) await mkdir(join(folder, name))
  const rows = Array.from({ length: 8000 }, (_, index) => row(1, `${index}`))
  await writeFile(join(folder, 'EX7', 'MSGTRK2026112014-1.LOG'), header(date) + rows.join(''))
  const { source } = onceSource(names.map((name) => sourceOf(join(folder, name), { name })))
  const read = await readOnce(source)
  expect(texts(read)).toEqual(rows.map((_, index) => `${index}`))
  const most = Math.max(...read.map(({ start, end }) => end - start))
  expect(most).toBeLessThanOrEqual(256 * 1024)
  expect(most).toBeGreaterThan(255 * 1024)
})
