import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { examineDisk } from '../../../src/doctor/disk.ts'

/** Folders of a file system that can only be read. */
const readOnly = vi.hoisted(() => new Set<string>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const access: typeof real.access = async (path, mode) => {
    if (readOnly.has(String(path))) throw new Error(`EROFS: read-only file system, access '${path}'`)
    await real.access(path, mode)
  }
  return { ...real, access }
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-disk-'))
})
afterEach(() => rm(folder, { recursive: true }))

const lines = async (name: string) =>
  (await examineDisk(join(folder, name), { needsLocal: true })).map(
    ({ verdict, part, message }) => `${verdict} ${part}: ${message}`,
  )

test('a folder that is there, and one that is made later; nothing is written', async () => {
  await mkdir(join(folder, 'state'))
  expect((await lines('state'))[0]).toBe('ok folder: can be written to')
  expect((await lines('not/yet'))[0]).toBe('ok folder: is made at the first start')
  expect((await lines('state'))[1]).toMatch(/^(?:ok|warning|failure) disk: .* free$/)
  expect(await readdir(folder)).toEqual(['state'])
})

test('a file in its place, and above it', async () => {
  await writeFile(join(folder, 'file'), '')
  for (const name of ['file', 'file/below/it']) {
    expect(await lines(name)).toEqual([`failure folder: ${join(folder, 'file')} is no folder`])
  }
})

// To root nothing is forbidden.
test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a folder that may not be written to',
  async () => {
    await mkdir(join(folder, 'shut'), { mode: 0o500 })
    expect((await lines('shut'))[0]).toMatch(/^failure folder: it can not be written to: EACCES/)
    expect((await lines('shut/below'))[0]).toMatch(
      /^failure folder: it is not there, and can not be made in /,
    )
  },
)

test('a folder of a file system that can only be read: rights would not help', async () => {
  readOnly.add(folder)
  onTestFinished(() => readOnly.clear())
  expect(await examineDisk(join(folder, 'below'), { needsLocal: true })).toMatchObject([
    { message: expect.stringContaining('EROFS'), remedy: expect.stringMatching(/^mount the disk of /) },
  ])
})
