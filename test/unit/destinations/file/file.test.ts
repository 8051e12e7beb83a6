/** Events in files of a folder of the test, on the disk of this machine. */
import { spawnSync } from 'node:child_process'
import {
  appendFile,
  chmod,
  type FileHandle,
  mkdir,
  mkdtemp,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readFileAddress } from '../../../../src/destinations/file/address.ts'
import { createFile } from '../../../../src/destinations/file/file.ts'
import { FileNames } from '../../../../src/destinations/file/names.ts'
import { defaultFile, type FileSettings } from '../../../../src/destinations/file/options.ts'
import { WrittenFiles } from '../../../../src/destinations/file/written-files.ts'
import type { Batch } from '../../../../src/flow/batch.ts'
import type { Destination, Outcome } from '../../../../src/flow/delivery.ts'
import { formatOwner, ownerHere } from '../../../../src/lock/lock-owner.ts'
import { Mistaken } from '../../../../src/mistakes/words.ts'
import { countsOf } from '../../../support/batches.ts'
import { MemoryLog } from '../../deliver/doubles.ts'

let folder = ''
const open: Destination[] = []
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'msgtrk-file-')), 'out')
  await mkdir(folder)
})
afterEach(async () => {
  for (const destination of open.splice(0)) await destination.close()
  await rm(join(folder, '..'), { recursive: true })
})

function setUp({
  name = 'mail.cef',
  now = Date.now,
  elapsed = () => performance.now(),
  answerMs,
  ...file
}: Partial<FileSettings> & {
  name?: string
  now?: () => number
  elapsed?: () => number
  answerMs?: number
} = {}) {
  const log = new MemoryLog()
  const address = readFileAddress(`${folder}/${name}`)
  if (address instanceof Mistaken) throw address
  const settings = { mode: '0600', rotateBytes: 2 ** 30, gzip: false, ...file }
  const destination = createFile(
    { name: 'file', to: `file://${folder}/${name}`, file: settings },
    address,
    log,
    undefined,
    { now, elapsed, ...(answerMs !== undefined && { answerMs }) },
  )
  open.push(destination)
  return { log, destination }
}

function batch(text: string, source = 'EX01'): Batch {
  const frames = Buffer.from(text)
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index + 1)
  return {
    start: 0,
    position: { fileId: 'a', offset: 1, header: 0 },
    file: { id: 'a', source, path: '/a' },
    frames,
    ends: Uint32Array.from(ends),
    counts: countsOf(ends.length),
    malformed: [],
  }
}

async function fateOf(destination: Destination, text: string, source?: string): Promise<Outcome> {
  return (await destination.send(batch(text, source))).outcome
}

const delivered = { status: 'delivered' }
const textOf = (name: string) => readFile(join(folder, name), 'utf8')
const isRoot = process.getuid?.() === 0

test('events stand in the file, in their order, and only their owner reads it', async () => {
  const { destination } = setUp()
  const sendings = []
  for (let each = 0; each < 50; each++) sendings.push(await destination.send(batch(`${each}\n`)))
  for (const { outcome } of sendings) expect(await outcome).toEqual(delivered)
  expect(await textOf('mail.cef')).toBe(Array.from({ length: 50 }, (_, each) => `${each}\n`).join(''))
  expect((await stat(join(folder, 'mail.cef'))).mode & 0o777).toBe(0o600)
})

test('a file goes on where it ends, and what is no whole line of it is cut off', async () => {
  await writeFile(join(folder, 'mail.cef'), `one\ntwo\nthr${'\0'.repeat(200_000)}`)
  const { destination, log } = setUp()
  expect(await fateOf(destination, 'three\n')).toEqual(delivered)
  expect(await textOf('mail.cef')).toBe('one\ntwo\nthree\n')
  expect(log.lines.some((line) => JSON.stringify(line).includes('cut off'))).toBe(true)
})

test('files are rotated by size, and the last number goes on', async () => {
  const rotateBytes = 10
  const { destination } = setUp({ rotateBytes })
  for (const text of ['1234567\n', '89\n', 'abc\n', 'a line longer than that\n', 'd\n'])
    await fateOf(destination, text)
  await destination.close()
  const again = setUp({ rotateBytes })
  await fateOf(again.destination, 'e\n')
  expect(await textOf('mail.cef')).toBe('1234567\n')
  expect(await textOf('mail+1.cef')).toBe('89\nabc\n')
  expect(await textOf('mail+2.cef')).toBe('a line longer than that\n')
  expect(await textOf('mail+3.cef')).toBe('d\ne\n')
})

test('files are rotated by time, and sources may have their own', async () => {
  let nowMs = Date.UTC(2026, 10, 28, 23, 59)
  const { destination } = setUp({ name: '%D-%S.cef', now: () => nowMs })
  await fateOf(destination, 'a\n', 'EX01')
  await fateOf(destination, 'b\n', 'EX02')
  nowMs += 120_000
  await fateOf(destination, 'c\n', 'EX01')
  const names = (await readdir(folder)).filter((name) => name !== '.msgtrk').sort()
  expect(names).toEqual(['2026-11-28-EX01.cef', '2026-11-28-EX02.cef', '2026-11-29-EX01.cef'])
})

test('a second one that writes into the folder is kept out until the first one ends', async () => {
  const first = setUp()
  expect(await fateOf(first.destination, 'a\n')).toEqual(delivered)
  const second = setUp({ name: 'other.cef' })
  expect(await fateOf(second.destination, 'b\n')).toMatchObject({
    status: 'unavailable',
    unsent: true,
    reason: expect.stringContaining('is in use by process'),
  })
  await first.destination.close()
  expect(await fateOf(second.destination, 'b\n')).toEqual(delivered)
})

describe('what others do in the folder', () => {
  test('a file that is moved away is finished, and the next one made', async () => {
    const { destination } = setUp()
    await fateOf(destination, 'a\n')
    await rename(join(folder, 'mail.cef'), join(folder, 'away'))
    await fateOf(destination, 'b\n')
    await fateOf(destination, 'c\n')
    expect(await textOf('away')).toBe('a\nb\n')
    expect(await textOf('mail.cef')).toBe('c\n')
  })

  test('what goes into a file that was removed is not delivered', async () => {
    const { destination } = setUp()
    await fateOf(destination, 'a\n')
    await rm(join(folder, 'mail.cef'))
    expect(await fateOf(destination, 'b\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/was removed/),
    })
    expect(await fateOf(destination, 'b\n')).toEqual(delivered)
    expect(await textOf('mail.cef')).toBe('b\n')
  })

  test('nor what goes into one that another writes into, whose text stays', async () => {
    const { destination } = setUp()
    await fateOf(destination, 'a\n')
    await appendFile(join(folder, 'mail.cef'), 'foreign\n')
    expect(await fateOf(destination, 'b\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/another program/),
    })
    expect(await fateOf(destination, 'b\n')).toEqual(delivered)
    expect(await textOf('mail.cef')).toBe('a\nforeign\nb\nb\n')
  })

  test('a folder that is removed is not made again, and goes on once it is back', async () => {
    const { destination, log } = setUp()
    await fateOf(destination, 'a\n')
    await rm(folder, { recursive: true })
    expect(await fateOf(destination, 'b\n')).toMatchObject({ status: 'unavailable' })
    expect(await fateOf(destination, 'b\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/there is no folder/),
    })
    await expect(stat(folder)).rejects.toThrow('ENOENT')
    await mkdir(folder)
    await vi.waitFor(async () => expect(await fateOf(destination, 'b\n')).toEqual(delivered), {
      timeout: 150_000,
    })
    expect(await textOf('mail.cef')).toContain('b\n')
    expect(log.lines.length).toBeGreaterThan(0)
  })

  test('a link is not written through', async () => {
    await writeFile(join(folder, '..', 'target'), '')
    await symlink(join(folder, '..', 'target'), join(folder, 'mail.cef'))
    const { destination } = setUp()
    expect(await fateOf(destination, 'a\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/symbolic link/),
    })
    expect(await readFile(join(folder, '..', 'target'), 'utf8')).toBe('')
  })

  test('nor does a pipe hold it up', async () => {
    expect(spawnSync('mkfifo', [join(folder, 'mail.cef')]).status).toBe(0)
    const { destination } = setUp()
    expect(await fateOf(destination, 'a\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/is no file/),
    })
  })

  test.skipIf(isRoot)('a missing right is said, and mends itself', async () => {
    await chmod(folder, 0o500)
    const { destination } = setUp()
    expect(await fateOf(destination, 'a\n')).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/EACCES|permit/),
    })
    await chmod(folder, 0o700)
    expect(await fateOf(destination, 'a\n')).toEqual(delivered)
  })
})

describe('finished files', () => {
  const day = Date.UTC(2026, 10, 28, 12)
  const made = async (name: string, bytes: number, ageDays: number) => {
    await writeFile(join(folder, name), `${'x'.repeat(bytes - 1)}\n`)
    const atS = day / 1000 - ageDays * 86_400
    await utimes(join(folder, name), atS, atS)
  }
  const namesNow = async () => (await readdir(folder)).filter((name) => name !== '.msgtrk').sort()

  test('are packed, as they were, and the one that is written is not', async () => {
    await made('2026-11-27.cef', 5000, 0.5)
    await made('2026-11-28.cef', 100, 0.2)
    await made('2026-11-27.cef.gz.part', 10, 1)
    const { destination } = setUp({ name: '%D.cef', gzip: true, now: () => day })
    expect(await fateOf(destination, 'a\n')).toEqual(delivered)
    await destination.tidy()
    expect(await namesNow()).toEqual(['2026-11-27.cef.gz', '2026-11-28.cef'])
    const packed = await readFile(join(folder, '2026-11-27.cef.gz'))
    expect(gunzipSync(packed).toString()).toBe(`${'x'.repeat(4999)}\n`)
    expect((await stat(join(folder, '2026-11-27.cef.gz'))).mtimeMs).toBe(day - 43_200_000)
  })

  test('wait for who follows them before they are packed, and a number follows a packed one', async () => {
    await made('2026-11-27.cef', 5000, 0.001)
    await made('2026-11-28.cef.gz', 10, 0.5)
    const { destination } = setUp({ name: '%D.cef', gzip: true, now: () => day })
    expect(await fateOf(destination, 'a\n')).toEqual(delivered)
    await destination.tidy()
    expect(await namesNow()).toEqual(['2026-11-27.cef', '2026-11-28+1.cef', '2026-11-28.cef.gz'])
  })

  test.each([
    [{ keepFiles: 3 }, ['2026-11-25.cef', '2026-11-26+1.cef']],
    [{ keepDays: 2 }, ['2026-11-25.cef', '2026-11-26+1.cef']],
    [{ keepBytes: 250 }, ['2026-11-25.cef', '2026-11-26+1.cef']],
    [{ keepFiles: 1 }, ['2026-11-25.cef', '2026-11-26+1.cef', '2026-11-26.cef.gz', '2026-11-27.cef']],
    [{}, []],
  ] as const)('are removed by %j, the oldest first, and nothing else is', async (settings, gone) => {
    await made('2026-11-25.cef', 100, 3)
    await made('2026-11-26+1.cef', 100, 2.5)
    await made('2026-11-26.cef.gz', 100, 1.9)
    await made('2026-11-27.cef', 100, 1)
    const others = [
      '2026-11-01.cef.bak',
      '2026-11-01.log',
      'x2026-11-01.cef',
      '2026-11-01.cef.gz.old',
      'mail.cef',
    ]
    for (const name of others) await made(name, 5000, 27)
    await mkdir(join(folder, '2026-11-02.cef'))
    await symlink(join(folder, 'mail.cef'), join(folder, '2026-11-03.cef'))
    const before = await namesNow()
    const { destination } = setUp({ name: '%D.cef', ...settings, now: () => day })
    expect(await fateOf(destination, 'a\n')).toEqual(delivered)
    await destination.tidy()
    await destination.tidy()
    const expected = [...before, '2026-11-28.cef'].filter(
      (name) => !(gone as readonly string[]).includes(name),
    )
    expect(await namesNow()).toEqual(expected.sort())
  })
})

test('a clock that is set a year ahead, and right again, removes no file', async () => {
  const hour = 3_600_000
  let elapsedMs = 0
  let ahead = Date.UTC(2026, 10, 28, 12)
  const now = () => ahead + elapsedMs
  await writeFile(join(folder, '2026-11-27.cef'), 'a\n')
  await utimes(join(folder, '2026-11-27.cef'), now() / 1000 - 86_400, now() / 1000 - 86_400)
  const { destination, log } = setUp({ name: '%D.cef', keepDays: 2, now, elapsed: () => elapsedMs })
  const isThere = async () => (await readdir(folder)).includes('2026-11-27.cef')
  ahead += 366 * 24 * hour
  await destination.tidy()
  expect(await isThere()).toBe(true)
  ahead -= 366 * 24 * hour
  elapsedMs += hour
  await destination.tidy()
  elapsedMs += 2 * hour
  await destination.tidy()
  expect(await isThere()).toBe(true)
  expect(log.lines.filter((line) => line.startsWith('warn: The clock was set'))).toHaveLength(1)
  // It lasts: this is the time.
  ahead += 2 * 24 * hour
  await destination.tidy()
  expect(await isThere()).toBe(true)
  elapsedMs += hour
  await destination.tidy()
  expect(await isThere()).toBe(false)
})

/** What handles of files do is done by their prototype. */
async function prototypeOfHandles(): Promise<FileHandle> {
  const handle = await openFile(folder, 'r')
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}

test('a folder that did not answer is given free once it does', async () => {
  const before = setUp({ answerMs: 500 })
  let answer = (): void => {}
  const hanging = vi
    .spyOn(await prototypeOfHandles(), 'datasync')
    .mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
  try {
    expect(await fateOf(before.destination, 'one\n')).toMatchObject({ status: 'unavailable' })
    await before.destination.close()
    const after = setUp()
    expect(await after.destination.connect?.()).toContain('in use')
    answer()
    await expect.poll(() => after.destination.connect?.()).toBe(null)
    expect(await fateOf(after.destination, 'one\n')).toEqual(delivered)
    expect(await textOf('mail.cef')).toBe('one\n')
  } finally {
    hanging.mockRestore()
  }
})

test('what another machine wrote stays when it took the folder before anything was cut off', async () => {
  const names = FileNames.read('mail.cef')
  if (names instanceof Mistaken) throw names
  const { signal: stop } = new AbortController()
  const files = new WrittenFiles({ folder, names, settings: defaultFile, stop, onCut: () => {} })
  const file = await files.fileFor('EX01', 0, 4)
  await file.append(Buffer.from('one\n'))
  files.cut(file, 0)
  const other = await ownerHere(join(folder, '.msgtrk', 'lock.2'))
  await writeFile(join(folder, '.msgtrk', 'lock.2'), formatOwner(other))
  await appendFile(join(folder, 'mail.cef'), 'of the other\n')
  await files.close()
  expect(await textOf('mail.cef')).toBe('one\nof the other\n')
})

test('what is to be cut off is, before anything else is written', async () => {
  const names = FileNames.read('mail.cef')
  if (names instanceof Mistaken) throw names
  const cut: number[] = []
  const files = new WrittenFiles({
    folder,
    names,
    settings: defaultFile,
    stop: new AbortController().signal,
    onCut: (_, bytes) => void cut.push(bytes),
  })
  const file = await files.fileFor('EX01', 0, 4)
  await file.append(Buffer.from('one\n'))
  await file.append(Buffer.from('two\nthree\n'))
  files.cut(file, 4)
  const again = await files.fileFor('EX01', 0, 4)
  await again.append(Buffer.from('two\n'))
  await files.close()
  expect(await textOf('mail.cef')).toBe('one\ntwo\n')
  expect(cut).toEqual([10])
})
