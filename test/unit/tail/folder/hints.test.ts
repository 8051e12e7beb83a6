import { appendFile, rm, writeFile } from 'node:fs/promises'
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

/** Changes it again and again, since a watch that was asked for may not have begun yet, until a hint comes. */
async function hintAfter(change: () => Promise<void>, count: () => number): Promise<void> {
  const changed = async (): Promise<number> => {
    await change()
    return count()
  }
  await expect.poll(changed, { timeout: 20_000 }).toBeGreaterThan(0)
}

it('tells that a file was written to', async () => {
  const { file, hints, count, told } = await watching()
  await hints.watch(new Set([file]))
  await hintAfter(() => appendFile(file, 'b\n'), count)
  expect(new Set(told)).toEqual(new Set([file]))
})

it('tells nothing of a file that is not wanted any more, or after the end', async () => {
  const { file, hints, count, told } = await watching()
  const other = `${file}.2`
  await writeFile(other, 'a\n')
  await hints.watch(new Set([file, other]))
  await hints.watch(new Set([other]))
  await appendFile(file, 'b\n')
  await hintAfter(() => appendFile(other, 'b\n'), count)
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
  await hintAfter(() => appendFile(file, 'b\n'), count)
})
