import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { putAside, salvage } from '../../../src/checkpoint/salvage.ts'
import { createCheckpoint } from '../../../src/checkpoint/store.ts'
import type { Position } from '../../../src/flow/chunk.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-salvage-'))
  path = join(folder, 'positions.json')
})
afterEach(() => rm(folder, { recursive: true }))

const saved: readonly Position[] = Array.from({ length: 20 }, (_, index) => ({
  fileId: `EX01/MSGTRK20261120${String(index).padStart(2, '0')}-1.LOG#2026 "\u2028`,
  offset: index * 1000,
  header: index % 2 === 0 ? -1 : 0,
}))

async function save(): Promise<Buffer> {
  await createCheckpoint(path).save(new Map(saved.map((position) => [position.fileId, position])))
  return readFile(path)
}

test('cut short anywhere, every whole line is kept and nothing is made up', async () => {
  const bytes = await save()
  for (let length = 0; length <= bytes.length; length += 7) {
    await writeFile(path, bytes.subarray(0, length))
    const { positions, lost } = await salvage(path)
    const wholeLines = bytes.subarray(0, length).toString().split('\n').slice(1, -1).length
    expect(positions.size).toBeGreaterThanOrEqual(Math.min(wholeLines, saved.length))
    expect([...positions.values()]).toEqual(saved.slice(0, positions.size))
    expect(lost).toBeLessThanOrEqual(1)
  }
})

test('a block of zeros in the middle costs the lines it touches only', async () => {
  const bytes = await save()
  const from = bytes.indexOf('2026112005-1')
  bytes.fill(0, from, bytes.indexOf('2026112007-1'))
  await writeFile(path, bytes)
  const { positions, lost } = await salvage(path)
  expect([...positions.values()]).toEqual(saved.filter((_, index) => index < 5 || index > 7))
  expect(lost).toBe(1)
})

test('of a log that is there twice the lower position counts', async () => {
  const line = (offset: number) => `{"file":"a/b#c","offset":${offset},"header":0}`
  await writeFile(path, `{"version":1,"positions":[\n${line(9)},\n${line(5)},\n${line(7)}\n]}\n`)
  expect((await salvage(path)).positions.get('a/b#c')?.offset).toBe(5)
})

test('a file without its first line keeps the position that is first now', async () => {
  await writeFile(path, '{"file":"a","offset":1,"header":0},\n{"file":"b","offset":2,"header":0}\n]}\n')
  const { positions, lost } = await salvage(path)
  expect([...positions.keys()]).toEqual(['a', 'b'])
  expect(lost).toBe(0)
})

test.each([3, 10])('a newer format (%i) is not interpreted', async (version) => {
  await writeFile(path, `{"version":${version},"positions":[\n{"file":"a","offset":1,"header":0}\n]}\n`)
  expect(await salvage(path)).toEqual({ positions: new Map(), lost: 1 })
})

test('the bad file is kept beside, and stays in place until another one takes it', async () => {
  await writeFile(path, 'bad')
  const aside = await putAside(path)
  expect(aside.startsWith(`${path}.bad-`)).toBe(true)
  expect(await readFile(aside, 'utf8')).toBe('bad')
  expect(await readdir(folder)).toHaveLength(2)
})
