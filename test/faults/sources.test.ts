/** Folders and files under stress: what is lost is counted and named once, and nothing else is lost. */
import { appendFile, chmod, mkdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { run } from '../../src/app/run.ts'
import { configFromOptions } from '../../src/config/load.ts'
import { ExitCode } from '../../src/mistakes/problem.ts'
import { FileInput } from '../../src/tail/bytes/byte-input.ts'
import { createSource } from '../../src/tail/source.ts'
import {
  copied,
  date,
  following,
  header,
  memoryLog,
  onceSource,
  positionsAfter,
  quickPace,
  readOnce,
  row,
  sourceOf,
  temporaryFolder,
  texts,
} from '../unit/tail/logs.ts'

const file = (folder: string, name: string) => join(folder, `MSGTRK20261120${name}.LOG`)
const content = (...names: string[]) => header(date) + names.map((name, i) => row(i, name)).join('')
const numbered = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`)
const errors = ({ lines }: { readonly lines: readonly string[] }) =>
  lines.filter((line) => line.startsWith('error'))

describe('a file deleted before it was delivered', () => {
  it('is a loss of the bytes behind the position, told once', async () => {
    const folder = await temporaryFolder()
    const text = content(...numbered(50, 'a'))
    await writeFile(file(folder, '14-1'), text)
    const { start, losses, log } = following([sourceOf(folder)], { chunkBytes: 64 })
    const first = start()
    const read = await first.take(10)
    await first.end()
    await rm(file(folder, '14-1'))
    const positions = positionsAfter(read.slice(0, 4))
    const offset = read[3]?.end ?? 0
    const second = start(positions)
    const next = second.take(1)
    await vi.waitFor(() => expect(losses).toHaveLength(1), 150_000)
    await writeFile(file(folder, '14-2'), content('b'))
    expect(texts(await next)).toEqual(['b'])
    await second.end()
    const third = start(positions)
    expect(texts(await third.take(1))).toEqual(['b'])
    expect(losses).toEqual([
      {
        source: 'EX01',
        path: file(folder, '14-1'),
        fileId: `EX01/MSGTRK2026112014-1.LOG#${date}`,
        cause: 'deleted',
        bytes: text.length - offset,
        offset,
      },
    ])
    expect(errors(log)).toHaveLength(1)
    expect(errors(log)[0]).toMatch(new RegExp(`deleted before.*"bytes":${text.length - offset},.*remedy`))
  })

  it('is counted also when its turn had not come', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content(...numbered(50, 'a')))
    await writeFile(file(folder, '14-2'), content('b', 'c'))
    const { source, losses } = onceSource([sourceOf(folder)], { chunkBytes: 64 })
    const chunks = source.read(new Map(), new AbortController().signal)[Symbol.asyncIterator]()
    await chunks.next()
    await rm(file(folder, '14-2'))
    for (let i = 0; i < 50; i++) await chunks.next()
    expect(losses).toEqual([
      {
        source: 'EX01',
        path: file(folder, '14-2'),
        fileId: null,
        cause: 'deleted',
        bytes: content('b', 'c').length,
        offset: 0,
      },
    ])
  })

  it('is none once it is settled', async () => {
    const folder = await temporaryFolder()
    for (const name of ['14-1', '14-2']) await writeFile(file(folder, name), content('a', 'b'))
    const { source, losses } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const positions = positionsAfter(await readOnce(source))
    for (const name of ['14-1', '14-2']) await rm(file(folder, name))
    for (let i = 0; i < 2; i++) await readOnce(source, positions)
    expect(losses).toEqual([])
  })

  it('is a loss when all was read, and a rewind shows that not all was settled', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a', 'b', 'c'))
    const { source, losses } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const read = await readOnce(source)
    await rm(file(folder, '14-1'))
    // The file is found gone while all of it is on its way.
    await readOnce(source, positionsAfter(read))
    expect(losses).toEqual([])
    const offset = read[0]?.end ?? 0
    for (let i = 0; i < 2; i++) await readOnce(source, positionsAfter(read.slice(0, 1)))
    expect(losses).toMatchObject([{ cause: 'deleted', bytes: (read[2]?.end ?? 0) - offset, offset }])
  })

  it('is none for an unfinished line, an empty file and one that is refused', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), `${content('a')}2026-half`)
    await writeFile(file(folder, '14-2'), '')
    await writeFile(file(folder, '14-3'), '#Log-type: SMTP Receive Protocol Log\r\n#Fields: a\r\nx\r\n')
    await writeFile(file(folder, '14-4'), header(date))
    const { source, losses } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    for (const name of ['14-1', '14-2', '14-3', '14-4']) await rm(file(folder, name))
    await readOnce(source, positions)
    expect(losses).toEqual([])
  })

  it('is of unknown size when it went while nothing was running, and only the last one read counts', async () => {
    const folder = await temporaryFolder()
    for (const name of ['14-1', '14-2', '15-1']) await writeFile(file(folder, name), content(name))
    const positions = positionsAfter(await readOnce(onceSource([sourceOf(folder)]).source))
    for (const name of ['14-1', '15-1']) await rm(file(folder, name))
    const { start, losses } = following([sourceOf(folder)])
    const { take } = start(positions)
    const next = take(1)
    await vi.waitFor(() => expect(losses).toHaveLength(1), 150_000)
    await writeFile(file(folder, '16-1'), content('b'))
    expect(texts(await next)).toEqual(['b'])
    const id = `EX01/MSGTRK2026112015-1.LOG#${date}`
    const offset = positions.get(id)?.offset
    expect(losses).toMatchObject([{ fileId: id, cause: 'deleted', bytes: null, offset }])
  })
})

describe('a share', () => {
  it('that goes away and comes back loses nothing, and is told once each way', async () => {
    const folder = join(await temporaryFolder(), 'share')
    await mkdir(folder)
    await writeFile(file(folder, '14-1'), content('a', 'b'))
    await writeFile(file(folder, '14-2'), content('c'))
    const { start, losses, log } = following([sourceOf(folder)], { chunkBytes: 48 })
    const { take } = start()
    const first = await take(2)
    await rename(folder, `${folder}.away`)
    const second = take(2)
    await vi.waitFor(() => expect(errors(log)).toHaveLength(1), 150_000)
    await appendFile(file(`${folder}.away`, '14-2'), row(9, 'd'))
    await rename(`${folder}.away`, folder)
    const rest = await second
    expect(texts([...first, ...rest])).toEqual(['a', 'b', 'c', 'd'])
    expect(losses).toEqual([])
    expect(errors(log)).toHaveLength(1)
    expect(log.lines.filter((line) => line.includes('readable again'))).toHaveLength(1)
  })

  it('that is away for long declares no file deleted', async () => {
    const folder = join(await temporaryFolder(), 'share')
    await mkdir(folder)
    await writeFile(file(folder, '14-1'), content(...numbered(20, 'a')))
    const { source, losses } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const positions = positionsAfter((await readOnce(source)).slice(0, 3))
    await rename(folder, `${folder}.away`)
    for (let i = 0; i < 3; i++) {
      expect(await readOnce(source, positions)).toEqual([])
      expect(source.unreadable()).toEqual([folder])
    }
    expect(losses).toEqual([])
    await rename(`${folder}.away`, folder)
    expect(texts(await readOnce(source, positions))).toHaveLength(17)
    expect(source.unreadable()).toEqual([])
  })

  it('that comes back with an empty listing for a moment loses nothing', async () => {
    const folder = await temporaryFolder()
    const other = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a', 'b', 'c'))
    // Missing files are never confirmed to be gone: the moment may be as long as the test needs.
    const pace = { ...quickPace, confirmMs: Number.MAX_SAFE_INTEGER }
    const { start, losses, log } = following([sourceOf(folder)], { chunkBytes: 48, pace })
    const first = start()
    const read = await first.take(3)
    await first.end()
    await rename(file(folder, '14-1'), file(other, '14-1'))
    const { take } = start(positionsAfter(read.slice(0, 1)))
    // Each of them is found by a listing that lacks the first one.
    for (let i = 1; i <= 4; i++) {
      const next = take(1)
      await writeFile(join(folder, `MSGTRKMD2026112014-${i}.LOG`), content(`seen${i}`))
      expect(texts(await next)).toEqual([`seen${i}`])
    }
    await rename(file(other, '14-1'), file(folder, '14-1'))
    expect(texts(await take(2))).toEqual(['b', 'c'])
    expect(losses).toEqual([])
    expect(errors(log)).toEqual([])
  })

  it('that is no folder any more is one that cannot be read', async () => {
    const folder = join(await temporaryFolder(), 'share')
    await writeFile(folder, '')
    const { source, log } = onceSource([sourceOf(folder)])
    expect(await readOnce(source)).toEqual([])
    expect(source.unreadable()).toEqual([folder])
    expect(errors(log).join()).toMatch(/cannot be read.*ENOTDIR.*not of a file/)
  })
})

describe('other content under the same name', () => {
  it('is a file of its own; what was not read of the old one is lost', async () => {
    const folder = await temporaryFolder()
    const old = content(...numbered(20, 'a'))
    await writeFile(file(folder, '14-1'), old)
    const { source, losses, log } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const read = await readOnce(source)
    const positions = positionsAfter(read.slice(0, 5))
    await writeFile(file(folder, '14-1'), header('2027-01-01T00:00:00.000Z') + row(1, 'x') + row(2, 'y'))
    const other = await readOnce(source, positions)
    expect(texts(other)).toEqual(['x', 'y'])
    expect(other[0]?.file.id).toBe('EX01/MSGTRK2026112014-1.LOG#2027-01-01T00:00:00.000Z')
    const offset = read[4]?.end ?? 0
    const lost = { cause: 'replaced', bytes: old.length - offset, offset }
    expect(losses).toMatchObject([{ ...lost, fileId: `EX01/MSGTRK2026112014-1.LOG#${date}` }])
    expect(errors(log)).toHaveLength(1)
    await readOnce(source, positionsAfter(other, positions))
    expect(losses).toHaveLength(1)
  })

  it('does not count the new content as lost content of the old one', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a'))
    const { source, losses } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    const other =
      header('2027-01-01T00:00:00.000Z') +
      numbered(90, 'x')
        .map((name) => row(1, name))
        .join('')
    await writeFile(file(folder, '14-1'), other)
    expect(texts(await readOnce(source, positions))).toHaveLength(90)
    expect(losses).toEqual([])
  })

  it('begun by emptying the file (copytruncate) is read from 0', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a', 'b', 'c'))
    const { start, losses, log } = following([sourceOf(folder)])
    const { take } = start()
    await take(3)
    await truncate(file(folder, '14-1'))
    const next = take(1)
    await appendFile(file(folder, '14-1'), row(40, 'd'))
    const [chunk] = await next
    expect(chunk).toMatchObject({ start: 0, layout: null, text: row(40, 'd') })
    expect(losses).toEqual([])
    expect(log.lines.filter((line) => /^warn A log file was replaced/.test(line))).toHaveLength(1)
  })

  it.each([
    ['as long', ['x', 'y', 'z']],
    ['longer', ['x', 'y', 'z', 'w']],
  ])('with the same first date and %s, a row ending where one did, is read from 0', async (_, names) => {
    const folder = await temporaryFolder()
    const path = file(folder, '14-1')
    await writeFile(path, content('a', 'b', 'c'))
    const { source, losses, log } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const read = await readOnce(source)
    // Half of it is read a second time after a rewind.
    await readOnce(source, positionsAfter(read.slice(0, 2)))
    const positions = positionsAfter(read)
    await writeFile(`${path}.new`, content(...names))
    await rename(`${path}.new`, path)
    const other = await readOnce(source, positions)
    expect(texts(other)).toEqual(names)
    expect(losses).toEqual([])
    expect(log.lines.filter((line) => /^warn.*or was changed/.test(line))).toHaveLength(1)
    const after = positionsAfter(other, positions)
    await writeFile(path, content(...names.map((name) => name.toUpperCase())))
    // What was settled before a start is known from the first look on.
    const next = onceSource([sourceOf(folder)]).source
    await readOnce(next, after)
    await writeFile(path, content(...names))
    expect(texts(await readOnce(next, after))).toEqual(names)
  })

  it('shorter than what was settled before a start is no loss', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a', 'b', 'c'))
    const positions = positionsAfter(await readOnce(onceSource([sourceOf(folder)]).source))
    await writeFile(file(folder, '14-1'), content('a', 'b'))
    const { source, losses, log } = onceSource([sourceOf(folder)])
    expect(texts(await readOnce(source, positions))).toEqual(['a', 'b'])
    expect(losses).toEqual([])
    expect(errors(log)).toEqual([])
  })

  it('in a file cut back to its header is read, though the old position would fit it', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a'))
    const { source } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    await truncate(file(folder, '14-1'), header(date).length)
    const moved = positionsAfter(await readOnce(source, positions), positions)
    await appendFile(file(folder, '14-1'), row(0, 'b'))
    for (const each of [source, onceSource([sourceOf(folder)]).source]) {
      expect(texts(await readOnce(each, moved))).toEqual(['b'])
    }
  })

  it('that was cut off before it was read is a loss of what was cut off', async () => {
    const folder = await temporaryFolder()
    const text = content(...numbered(20, 'a'))
    await writeFile(file(folder, '14-1'), text)
    const { source, losses, log } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const read = await readOnce(source)
    const positions = positionsAfter(read.slice(0, 5))
    const kept = read[9]?.end ?? 0
    await truncate(file(folder, '14-1'), kept)
    // All that is still there comes, from the start: it may have been changed as well.
    const again = await readOnce(source, positions)
    expect(texts(again)).toEqual(numbered(10, 'a'))
    expect(losses).toMatchObject([{ cause: 'shortened', bytes: text.length - kept, offset: kept }])
    await readOnce(source, positionsAfter(again, positions))
    expect(losses).toHaveLength(1)
    expect(log.lines.filter((line) => /^warn.*shorter than/.test(line))).toHaveLength(1)
  })
})

describe('a file that changes while it is open', () => {
  const open = async () => {
    const folder = await temporaryFolder()
    const text = content(...numbered(20, 'a'))
    await writeFile(file(folder, '14-1'), text)
    // It stays open for as long as the test needs.
    const pace = { ...quickPace, stallMs: 2 ** 30 }
    const { start, losses } = following([sourceOf(folder)], { chunkBytes: 48, pace })
    const { take } = start()
    // As many as were read at a time: rows that were read before the change are delivered after it.
    const read = await take(10)
    return { path: file(folder, '14-1'), text, take, losses, offset: read.at(-1)?.end ?? 0 }
  }

  it.each([1, 30])('is not taken for the old one when it is copied over with %i rows', async (rows) => {
    const { path, text, take, losses, offset } = await open()
    const names = numbered(rows, 'other')
    await writeFile(path, header('2027-01-01T00:00:00.000Z') + names.map((name) => row(1, name)).join(''))
    const next = await take(rows)
    expect(texts(next)).toEqual(names)
    expect(next[0]?.file.id).toMatch(/#2027-01-01T00:00:00.000Z$/)
    expect(losses).toMatchObject([{ cause: 'replaced', bytes: text.length - offset, offset }])
  })

  it('is a loss of what was cut off when it is cut off', async () => {
    const { path, text, take, losses, offset } = await open()
    await truncate(path, offset + 10)
    expect(texts(await take(5))).toEqual(numbered(5, 'a'))
    const kept = offset + 10
    expect(losses).toMatchObject([{ cause: 'shortened', bytes: text.length - kept, offset: kept }])
  })
})

describe('odd files', () => {
  it('waits for a half line, and reads it once it is whole', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), `${content('a')}2026-11-20T14:01:00.000Z,10.0.`)
    await writeFile(join(folder, 'MSGTRKMD2026112014-1.LOG'), content('b'))
    const { take } = following([sourceOf(folder)]).start()
    expect(texts(await take(2)).sort()).toEqual(['a', 'b'])
    // Others come while it waits.
    for (const name of numbered(5, 'c')) {
      await appendFile(join(folder, 'MSGTRKMD2026112014-1.LOG'), row(3, name))
      expect(texts(await take(1))).toEqual([name])
    }
    await appendFile(file(folder, '14-1'), '0.1,late\r\n')
    expect(texts(await take(1))).toEqual(['late'])
  })

  it('passes on a line over the limit of 4 MiB as malformed, and reads on after it', async () => {
    const folder = await temporaryFolder()
    const limit = 4 * 1024 * 1024
    const long = (length: number) => `${'x'.repeat(length)}\r\n`
    await writeFile(file(folder, '14-1'), content('a') + long(limit) + long(limit + 1) + row(5, 'b'))
    const source = createSource({ sources: [sourceOf(folder)], follow: false, log: memoryLog() })
    const chunks = await readOnce(source)
    const malformed = chunks.flatMap((chunk) => chunk.malformed)
    expect(malformed).toMatchObject([
      { offset: content('a').length + limit + 2, reason: `line longer than ${limit} bytes` },
    ])
    expect(chunks.map(({ text }) => text.length)).toEqual([
      row(0, 'a').length,
      limit + 2,
      0,
      row(5, 'b').length,
    ])
  })

  it('reads rows that come after a header alone, and rows of a file that never gets one', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), header(date))
    await writeFile(file(folder, '14-2'), '')
    const { start, losses } = following([sourceOf(folder)])
    const { take } = start()
    const next = take(2)
    await appendFile(file(folder, '14-1'), row(1, 'a'))
    await appendFile(file(folder, '14-2'), row(2, 'b'))
    const read = (await next).sort((a, b) => a.file.path.localeCompare(b.file.path))
    expect(texts(read)).toEqual(['a', 'b'])
    expect(read.map(({ layout }) => layout?.columns)).toEqual([
      ['date-time', 'client-ip', 'source'],
      undefined,
    ])
    expect(losses).toEqual([])
  })

  it('leaves a file that cannot be read, once told, and comes back to it', async () => {
    const folder = await temporaryFolder()
    // A directory of such a name: it can be opened but not read, whoever runs the test.
    await mkdir(file(folder, '14-1'))
    await writeFile(file(folder, '14-2'), content('b'))
    const { start, log, losses, source } = following([sourceOf(folder)])
    const { take } = start()
    expect(texts(await take(1))).toEqual(['b'])
    const next = take(1)
    await vi.waitFor(() => expect(errors(log)).toHaveLength(1), 150_000)
    expect(source.unreadable()).toEqual([file(folder, '14-1')])
    await rm(file(folder, '14-1'), { recursive: true })
    await writeFile(file(folder, '14-1'), content('a'))
    expect(texts(await next)).toEqual(['a'])
    expect(errors(log)).toHaveLength(1)
    expect(source.unreadable()).toEqual([])
    expect(losses).toEqual([])
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'reads a file once the right to read it is given',
    async () => {
      const folder = await temporaryFolder()
      await writeFile(file(folder, '14-1'), content('a'))
      await chmod(file(folder, '14-1'), 0)
      const { source, log } = onceSource([sourceOf(folder)])
      expect(await readOnce(source)).toEqual([])
      expect(errors(log).join()).toMatch(/EACCES.*remedy.*right to read/)
      await chmod(file(folder, '14-1'), 0o600)
      expect(texts(await readOnce(source))).toEqual(['a'])
    },
  )

  it('names only a few of hundreds of files that cannot be read', async () => {
    const folder = await temporaryFolder()
    for (let i = 1; i <= 100; i++) await mkdir(file(folder, `14-${i}`))
    await writeFile(file(folder, '15-1'), content('a'))
    const { source, log } = onceSource([sourceOf(folder)])
    for (let i = 0; i < 3; i++) expect(texts(await readOnce(source))).toEqual(['a'])
    expect(errors(log)).toHaveLength(4)
    expect(errors(log)[3]).toMatch(/More log files/)
    expect(source.unreadable()).toHaveLength(100)
  })
})

describe('many files', () => {
  it('opens none of the old ones whose size says that they are settled, and those that grew', async () => {
    const folder = await temporaryFolder()
    for (let i = 1; i <= 600; i++) await writeFile(file(folder, `14-${i}`), content(`a${i}`))
    const positions = positionsAfter(await readOnce(onceSource([sourceOf(folder)]).source))
    await appendFile(file(folder, '14-7'), row(9, 'grown'))
    await appendFile(file(folder, '14-600'), row(9, 'live'))
    const opened = vi.spyOn(FileInput, 'open')
    try {
      const { source, losses } = onceSource([sourceOf(folder)])
      expect(texts(await readOnce(source, positions))).toEqual(['grown', 'live'])
      // The newest few and the one that grew.
      expect(opened.mock.calls.length).toBe(5)
      // Trusted or not, what is behind a position is read again when reading starts before it.
      const id = `EX01/MSGTRK2026112014-300.LOG#${date}`
      expect(texts(await readOnce(source, new Map([...positions].filter(([each]) => each !== id))))).toEqual([
        'grown',
        'a300',
        'live',
      ])
      expect(losses).toEqual([])
    } finally {
      opened.mockRestore()
    }
  })

  it('delivers the first rows before it has looked at all the files', async () => {
    const folder = await temporaryFolder()
    for (let i = 1; i <= 600; i++) await writeFile(file(folder, `14-${i}`), content(`a${i}`))
    const opened = vi.spyOn(FileInput, 'open')
    try {
      const { chunks, stop } = following([sourceOf(folder)]).start()
      const first = await chunks.next()
      expect(texts([copied(first.value)])).toEqual(['a1'])
      expect(opened.mock.calls.length).toBe(1)
      stop.abort()
    } finally {
      opened.mockRestore()
    }
  })
})

describe('reading once', () => {
  const prepare: Readonly<Record<string, (logs: string) => Promise<unknown>>> = {
    'a folder that is missing': async () => {},
    'a file that cannot be read': (logs) => mkdir(file(logs, '14-1'), { recursive: true }),
    'a file of another kind': async (logs) => {
      await mkdir(logs)
      await writeFile(file(logs, '14-1'), content('a').replace('Message Tracking Log', 'SMTP Receive Log'))
    },
    'a folder without logs': (logs) => mkdir(logs),
  }

  it.each([
    ['a folder that is missing', ExitCode.failed],
    ['a file that cannot be read', ExitCode.failed],
    ['a file of another kind', ExitCode.failed],
    ['a folder without logs', ExitCode.ok],
  ])('of %s ends with exit code %i', async (what, code) => {
    const folder = await temporaryFolder()
    const logs = join(folder, 'logs')
    await prepare[what]?.(logs)
    const config = configFromOptions({ from: [logs], to: 'udp://127.0.0.1:9', state: join(folder, 'state') })
    const stop = new AbortController().signal
    expect(await run({ config, log: memoryLog(), stop, follow: false })).toBe(code)
  })
})

describe('clocks', () => {
  it('goes on at its pace when the clock of the machine jumps', async () => {
    const folder = await temporaryFolder()
    await writeFile(file(folder, '14-1'), content('a'))
    const { take } = following([sourceOf(folder)]).start()
    expect(texts(await take(1))).toEqual(['a'])
    const year = 365 * 24 * 60 * 60_000
    const clock = vi.spyOn(Date, 'now')
    try {
      for (const [i, jump] of [-year, year, -3 * year, 10 * year].entries()) {
        const now = (await stat(folder)).mtimeMs + jump
        clock.mockReturnValue(now)
        await appendFile(file(folder, `14-${i + 1}`), row(9, `b${i}`))
        await writeFile(file(folder, `14-${i + 2}`), content(`c${i}`))
        expect(texts(await take(2)).sort()).toEqual([`b${i}`, `c${i}`])
      }
    } finally {
      clock.mockRestore()
    }
  })
})
