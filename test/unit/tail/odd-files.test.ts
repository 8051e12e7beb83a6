/** Files that bear the name of a log and are none, and calls that do not return. */
import { execFile } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Lanes } from '../../../src/tail/folder/lanes.ts'
import { createSource } from '../../../src/tail/source.ts'
import { all, date, following, header, memoryLog, onceSource, quickPace, readOnce, row, sourceOf, temporaryFolder, texts } from './logs.ts' // biome-ignore format: a list of words

/** Paths on which `stat` waits, until the promise resolves. */
const stuck = vi.hoisted(() => new Map<string, Promise<void>>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const stat = async (path: string, options?: object) => {
    await stuck.get(path)
    return real.stat(path, options)
  }
  return { ...real, stat }
})

const healthy = 'MSGTRK2026112015-1.LOG'
const odd = 'MSGTRK2026112014-1.LOG'

/** A folder with a log, and the path of an older one beside it. */
async function folderWithLog() {
  const folder = await temporaryFolder()
  await writeFile(join(folder, healthy), header(date) + row(1, 'a') + row(2, 'b'))
  return { folder, path: join(folder, odd) }
}

const makers: readonly (readonly [kind: string, make: (path: string) => Promise<unknown>])[] = [
  ['named pipe', (path) => promisify(execFile)('mkfifo', [path])],
  ['device', (path) => symlink('/dev/zero', path)],
  ['folder', (path) => mkdir(path)],
  [
    'socket',
    (path) => {
      const server = createServer()
      onTestFinished(() => void server.close())
      return new Promise<void>((resolve) => void server.listen(path, resolve))
    },
  ],
]

describe.skipIf(process.platform === 'win32')('what is no regular file', () => {
  test.each(makers)('a %s is passed over and said, and the logs beside it are read', async (kind, make) => {
    const { folder, path } = await folderWithLog()
    await make(path)
    const { source, log } = onceSource([sourceOf(folder)])
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    const said = log.lines.filter((line) => line.includes(odd))
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(`is a ${kind}, and only regular files are logs`)
    expect(said[0]).toMatch(/^error .*pattern of the source/)
    expect(source.unreadable()).toEqual([path])
  })

  test('a link to a log is a log', async () => {
    const { folder, path } = await folderWithLog()
    const elsewhere = join(await temporaryFolder(), 'a.LOG')
    await writeFile(elsewhere, header(date) + row(0, 'linked'))
    await symlink(elsewhere, path)
    expect(texts(await readOnce(onceSource([sourceOf(folder)]).source))).toEqual(['linked', 'a', 'b'])
  })
})

describe('a line without an end', () => {
  // Elsewhere such a file takes all its room on the disk.
  test.skipIf(process.platform === 'win32')(
    'lets the files after it go first, and is said once',
    async () => {
      const { folder, path } = await folderWithLog()
      await writeFile(path, header(date))
      await truncate(path, 200 * 1024 ** 3)
      const { start, log } = following([sourceOf(folder)], { chunkBytes: 64 * 1024 })
      const { take } = start()
      expect(texts(await take(2))).toEqual(['a', 'b'])
      expect(log.lines.filter((line) => line.includes('without an end'))).toHaveLength(1)
    },
  )

  test('is read to its end all the same by who reads once', async () => {
    const { folder, path } = await folderWithLog()
    await writeFile(path, header(date))
    await truncate(path, 40 * 1024 * 1024)
    await writeFile(path, `\n${row(3, 'c')}`, { flag: 'a' })
    const { source } = onceSource([sourceOf(folder)])
    const chunks = await readOnce(source)
    expect(texts(chunks)).toEqual(['a', 'b', 'c'])
    expect(chunks.flatMap(({ malformed }) => malformed.map(({ reason }) => reason))).toEqual([
      'line longer than 4194304 bytes',
    ])
  })
})

describe('a folder that does not answer', () => {
  test('hurts no other one, counts as unreadable, and is read once it answers', async () => {
    const [dead, alive] = [await folderWithLog(), await folderWithLog()]
    let answer = (): void => {}
    stuck.set(join(dead.folder, healthy), new Promise((resolve) => (answer = resolve)))
    onTestFinished(() => stuck.clear())
    const log = memoryLog()
    const changes: (string | null)[] = []
    const source = createSource(
      {
        sources: [sourceOf(dead.folder), sourceOf(alive.folder, { name: 'EX02' })],
        follow: true,
        log,
        events: {
          folderChanged: ({ folder, reason }) => {
            if (folder === dead.folder) changes.push(reason)
          },
        },
      },
      quickPace,
      new Lanes({ limitMs: 500, most: 4 }),
    )
    const stop = new AbortController()
    const chunks = source.read(new Map(), stop.signal)[Symbol.asyncIterator]()
    onTestFinished(async () => {
      stop.abort()
      await chunks.return?.()
    })
    expect((await chunks.next()).value.file.source).toBe('EX02')
    const next = chunks.next()
    await expect
      .poll(() => changes, { timeout: 150_000 })
      .toEqual([expect.stringContaining('has not answered')])
    expect(source.unreadable()).toEqual([dead.folder])
    answer()
    expect((await next).value.file.source).toBe('EX01')
    expect(changes.at(-1)).toBeNull()
  })

  test('does not hold up a reading that is to end', async () => {
    const { folder } = await folderWithLog()
    stuck.set(folder, new Promise(() => {}))
    onTestFinished(() => stuck.clear())
    const stop = new AbortController()
    const { source } = onceSource([sourceOf(folder)])
    const reading = all(source.read(new Map(), stop.signal))
    stop.abort()
    expect(await reading).toEqual([])
  })
})
