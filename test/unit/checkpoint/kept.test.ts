import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keptCheckpoint, keptLetters } from '../../../src/checkpoint/kept.ts'
import { checkpointPath, createCheckpoint } from '../../../src/checkpoint/store.ts'
import { createDeadLetters } from '../../../src/deliver/dead-letters.ts'
import type { Position } from '../../../src/flow/chunk.ts'
import { lockFolder } from '../../../src/lock/lock.ts'

let parent: string
let state: string
let path: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'msgtrk-kept-'))
  state = join(parent, 'state')
  path = checkpointPath(state, 'siem')
})
afterEach(() => rm(parent, { recursive: true }))

function positions(offset: number): Map<string, Position> {
  return new Map([['EX01/a.LOG#1', { fileId: 'EX01/a.LOG#1', offset, header: 0 }]])
}

const letter = { path: 'a.LOG', offset: 0, reason: 'no row', line: Buffer.from('x') }

test('positions and letters are written into a folder that was removed', async () => {
  const lock = await lockFolder(state)
  const inner = createCheckpoint(path)
  const checkpoint = keptCheckpoint(lock, path, inner)
  const letters = keptLetters(
    lock,
    join(state, 'siem', 'letters'),
    createDeadLetters(join(state, 'siem', 'letters')),
  )
  await checkpoint.save(positions(1))
  await rm(state, { recursive: true })
  await checkpoint.save(positions(2))
  expect(await inner.load()).toEqual(positions(2))
  // Behind the saving that the folder made anew asks for.
  await checkpoint.save(positions(2))
  await rm(state, { recursive: true })
  await letters.write([letter])
  expect(await readdir(join(state, 'siem'))).toContain('letters')
  await checkpoint.save(positions(2))
  await lock.release()
})

test('positions are there again as soon as the folder is, also when nothing moves them', async () => {
  await mkdir(join(state, 'siem'), { recursive: true })
  const inner = createCheckpoint(path)
  await inner.save(positions(7))
  const lock = await lockFolder(state)
  const checkpoint = keptCheckpoint(lock, path, inner)
  await checkpoint.load()
  await rm(state, { recursive: true })
  await lock.confirm()
  await expect.poll(() => inner.load()).toEqual(positions(7))
  await checkpoint.save(positions(7))
  await lock.release()
})

test('nothing is written once another process has the folder', async () => {
  const lock = await lockFolder(state)
  const checkpoint = keptCheckpoint(lock, path, createCheckpoint(path))
  const letters = keptLetters(lock, join(state, 'letters'), createDeadLetters(join(state, 'letters')))
  await rm(state, { recursive: true })
  const other = await lockFolder(state)
  const before = await readdir(state)
  await expect(checkpoint.save(positions(1))).rejects.toThrow('is in use by process')
  await expect(letters.write([letter])).rejects.toThrow('is in use by process')
  expect(await readdir(state)).toEqual(before)
  await lock.release()
  await other.release()
})

test('what could not be saved is known, and nothing is written after the end', async () => {
  const lock = await lockFolder(state)
  const inner = createCheckpoint(path)
  let isFull = true
  const checkpoint = keptCheckpoint(lock, path, {
    ...inner,
    save: (saved) => (isFull ? Promise.reject(new Error('ENOSPC')) : inner.save(saved)),
  })
  expect(checkpoint.unsaved()).toBeNull()
  await expect(checkpoint.save(positions(3))).rejects.toThrow('ENOSPC')
  expect(checkpoint.unsaved()).toEqual(positions(3))
  isFull = false
  await checkpoint.save(positions(4))
  expect(checkpoint.unsaved()).toBeNull()
  checkpoint.end()
  // Whoever goes on with the positions has newer ones.
  await inner.save(positions(5))
  await rm(state, { recursive: true })
  await lock.confirm()
  expect(await inner.load()).toEqual(new Map())
  await lock.release()
})
