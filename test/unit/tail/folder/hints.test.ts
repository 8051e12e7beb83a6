import { appendFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Hints } from '../../../../src/tail/folder/hints.ts'
import { memoryLog, temporaryFolder } from '../logs.ts'

/** Hints about a file, and how many there were. */
async function watching(): Promise<{ file: string; hints: Hints; count: () => number; told: string[] }> {
  const file = join(await temporaryFolder(), 'MSGTRK2026112014-1.LOG')
  await writeFile(file, 'a\n')
  const told: string[] = []
  const hints = new Hints((path) => told.push(path), memoryLog())
  onTestFinished(() => hints.close())
  return { file, hints, count: () => told.length, told }
}

it('tells that a file was written to', async () => {
  const { file, hints, count, told } = await watching()
  await hints.watch(new Set([file]))
  await appendFile(file, 'b\n')
  await expect.poll(count).toBeGreaterThan(0)
  expect(new Set(told)).toEqual(new Set([file]))
})

it('tells of another file under the name, once it was asked for again', async () => {
  const { file, hints, count, told } = await watching()
  await hints.watch(new Set([file]))
  await writeFile(`${file}.new`, 'other\n')
  await rename(`${file}.new`, file)
  await expect.poll(count).toBeGreaterThan(0)
  // The system may tell of it in two parts.
  await expect
    .poll(async () => {
      await hints.watch(new Set([file]))
      told.length = 0
      await appendFile(file, 'b\n')
      return expect
        .poll(count, { timeout: 500 })
        .toBeGreaterThan(0)
        .then(
          () => true,
          () => false,
        )
    })
    .toBe(true)
})

it('tells nothing of a file that is not wanted any more, or after the end', async () => {
  const { file, hints, count, told } = await watching()
  const other = `${file}.2`
  await writeFile(other, 'a\n')
  await hints.watch(new Set([file, other]))
  await hints.watch(new Set([other]))
  await appendFile(file, 'b\n')
  await appendFile(other, 'b\n')
  await expect.poll(count).toBeGreaterThan(0)
  expect(new Set(told)).toEqual(new Set([other]))
  hints.close()
  told.length = 0
  await appendFile(other, 'c\n')
  await rm(other)
  expect(told).toEqual([])
})

it('takes a file that is not there for one that may come', async () => {
  const { file, hints, count } = await watching()
  await rm(file)
  await hints.watch(new Set([file]))
  await writeFile(file, 'a\n')
  await hints.watch(new Set([file]))
  await appendFile(file, 'b\n')
  await expect.poll(count).toBeGreaterThan(0)
})
