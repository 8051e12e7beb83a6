import { type FileHandle, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCheckpoint } from '../../../src/checkpoint/store.ts'
import type { Position, Positions } from '../../../src/flow/chunk.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'

/** What was done to the disk, and errors that the next renames fail with. */
const disk = vi.hoisted(() => ({ done: [] as string[], renameErrors: [] as Error[] }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  async function open(...args: Parameters<typeof real.open>): Promise<FileHandle> {
    const handle = await real.open(...args)
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      disk.done.push(`sync ${args[0]}`)
      await sync()
    }
    return handle
  }
  async function rename(from: string, to: string): Promise<void> {
    disk.done.push(`rename ${to}`)
    const error = disk.renameErrors.shift()
    if (error !== undefined) throw error
    await real.rename(from, to)
  }
  return { ...real, open, rename }
})

let folder: string
let path: string
beforeEach(async () => {
  disk.done = []
  disk.renameErrors = []
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-checkpoint-'))
  path = join(folder, 'positions.json')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function positions(...all: Position[]): Positions {
  return new Map(all.map((position) => [position.fileId, position]))
}

const one = positions({ fileId: 'ex01/"a"\u2028\n', offset: 2 ** 40, header: -1 })
const two = positions({ fileId: 'a', offset: 0, header: 0 }, { fileId: 'b', offset: 7, header: 3 })

function errno(code: string): Error {
  return Object.assign(new Error(code), { code })
}

async function problemOf(load: Promise<unknown>): Promise<{ message: string; remedy?: string }> {
  const error = await load.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ProblemsError)
  const { problems, exitCode } = error as ProblemsError
  expect(exitCode).toBe(ExitCode.state)
  expect(problems[0]?.where).toEqual({ file: path })
  expect(problems[0]?.remedy).toBeTruthy()
  return problems[0]!
}

describe('save and load', () => {
  test('gives back what was saved last', async () => {
    const checkpoint = createCheckpoint(path)
    for (const saved of [one, two, positions()]) {
      await checkpoint.save(saved)
      expect(await createCheckpoint(path).load()).toEqual(saved)
    }
  })

  test.each([999, 1_000, 1_001, 2_500])(
    'gives back %i positions, which are written in parts',
    async (count) => {
      const many = positions(
        ...Array.from({ length: count }, (_, index) => ({
          fileId: `EX01/${index}.LOG#x`,
          offset: index,
          header: -1,
        })),
      )
      await createCheckpoint(path).save(many)
      expect(await createCheckpoint(path).load()).toEqual(many)
    },
  )

  test('no file means no positions', async () => {
    expect(await createCheckpoint(path).load()).toEqual(new Map())
    path = join(folder, 'missing', 'positions.json')
    expect(await createCheckpoint(path).load()).toEqual(new Map())
  })

  test('leaves nothing but the file, readable for its owner', async () => {
    await createCheckpoint(path).save(two)
    expect(await readdir(folder)).toEqual(['positions.json'])
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test.skipIf(process.platform === 'win32')(
    'the contents are on disk before the name, and then the name',
    async () => {
      await createCheckpoint(path).save(two)
      expect(disk.done).toEqual([`sync ${path}.tmp`, `rename ${path}`, `sync ${folder}`])
    },
  )

  test('a save that was cut short does no harm', async () => {
    await createCheckpoint(path).save(two)
    await writeFile(`${path}.tmp`, '{"version":1,"posi')
    expect(await createCheckpoint(path).load()).toEqual(two)
    await createCheckpoint(path).save(one)
    expect(await createCheckpoint(path).load()).toEqual(one)
  })

  test('a save that fails leaves the old positions', async () => {
    await createCheckpoint(path).save(two)
    disk.renameErrors = [errno('ENOSPC')]
    await expect(createCheckpoint(path).save(one)).rejects.toThrow('ENOSPC')
    expect(await createCheckpoint(path).load()).toEqual(two)
  })

  test.each(['EPERM', 'EACCES', 'EBUSY'])('tries again when the file is held open: %s', async (code) => {
    disk.renameErrors = [errno(code), errno(code)]
    await createCheckpoint(path).save(two)
    expect(disk.done.filter((done) => done.startsWith('rename'))).toHaveLength(3)
    expect(await createCheckpoint(path).load()).toEqual(two)
  })

  test('gives up when the file stays held open', async () => {
    disk.renameErrors = Array.from({ length: 20 }, () => errno('EPERM'))
    await expect(createCheckpoint(path).save(two)).rejects.toThrow('EPERM')
  })
})

describe('a file that is no checkpoint', () => {
  const position = '{"file":"a","offset":1,"header":0}'
  test.each([
    ['empty', ''],
    ['zeros', '\0'.repeat(64)],
    ['cut short', '{"version":1,"positions":[\n{"file":"a","off'],
    ['another type', '[]'],
    [
      'a header behind the offset',
      `{"version":1,"positions":[${position.replace('"header":0', '"header":2')}]}`,
    ],
    ['no version', `{"positions":[${position}]}`],
    ['version 0', `{"version":0,"positions":[${position}]}`],
    ['no positions', '{"version":1}'],
    ['a negative offset', '{"version":1,"positions":[{"file":"a","offset":-1,"header":0}]}'],
    ['half a byte', '{"version":1,"positions":[{"file":"a","offset":0.5,"header":0}]}'],
    ['no header', '{"version":1,"positions":[{"file":"a","offset":1}]}'],
    ['a header before the file', '{"version":1,"positions":[{"file":"a","offset":1,"header":-2}]}'],
    ['no file', '{"version":1,"positions":[{"file":"","offset":1,"header":0}]}'],
    ['more than it should hold', `{"version":1,"positions":[${position}],"more":1}`],
    ['a file twice', `{"version":1,"positions":[${position},${position}]}`],
  ])('%s', async (_name, text) => {
    await writeFile(path, text)
    expect((await problemOf(createCheckpoint(path).load())).message).toMatch(/^the checkpoint is damaged: /)
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test.each([
    ['plain', ''],
    ['with space', '"'],
  ])('is told with the command that repairs it (%s)', async (name, quote) => {
    const state = join(folder, name)
    path = join(state, 'siem', 'positions.json')
    await mkdir(join(state, 'siem'), { recursive: true })
    await writeFile(path, '')
    expect((await problemOf(createCheckpoint(path).load())).remedy).toContain(
      `\`msgtrk state reset --state ${quote}${state}${quote} --destination siem\``,
    )
  })

  test('what is settled of mails is kept, in a file that an older version refuses', async () => {
    const open = Buffer.alloc(12).toString('base64')
    const position = { fileId: 'EX01/a#1', offset: 10, header: 0, mails: { taken: 90, letters: 90, open } }
    await createCheckpoint(path).save(new Map([[position.fileId, position]]))
    expect(await readFile(path, 'utf8')).toMatch(/^\{"version":2,/)
    expect([...(await createCheckpoint(path).load()).values()]).toEqual([position])
  })

  test('one of a newer version', async () => {
    await writeFile(path, '{"version":3,"segments":[]}')
    expect((await problemOf(createCheckpoint(path).load())).message).toContain('newer msgtrk (version 3')
  })

  test('one that can not be read', async () => {
    path = folder
    expect((await problemOf(createCheckpoint(path).load())).message).toContain('EISDIR')
  })
})

describe('a copy of what a destination keeps itself', () => {
  const positions = new Map([['EX01/a#1', { fileId: 'EX01/a#1', offset: 10, header: 0 }]])

  test('is told from what was saved without it, or of another one, and from nothing', async () => {
    const kept = createCheckpoint(path, [], 'positions/hub')
    expect(await kept.isCopy()).toBeNull()
    await kept.save(positions)
    expect(await kept.isCopy()).toBe(true)
    expect(await createCheckpoint(path, [], 'positions/other').isCopy()).toBe(false)
    expect(await createCheckpoint(path).isCopy()).toBe(false)
    await createCheckpoint(path).save(positions)
    expect(await kept.isCopy()).toBe(false)
  })

  test('is read as any other', async () => {
    await createCheckpoint(path, [], 'positions/hub').save(positions)
    expect(await createCheckpoint(path).load()).toEqual(positions)
  })
})
