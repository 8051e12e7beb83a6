import { appendFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/tail/folder/pace.ts'
import { until } from '../../support/until.ts'
import {
  copied,
  date,
  following,
  header,
  quickPace,
  type Read,
  row,
  sourceOf,
  temporaryFolder,
  texts,
} from './logs.ts'

const path = (folder: string, name: string) => join(folder, `${name}.LOG`)

describe('following', () => {
  it('delivers what is appended, a line once it is whole, and ends quietly on abort', async () => {
    const folder = await temporaryFolder()
    const live = path(folder, 'MSGTRK2026112014-1')
    await writeFile(live, header(date) + row(1, 'a'))
    const { chunks, take, stop } = following([sourceOf(folder)]).start()
    const first = await take(1)
    await appendFile(live, '2026-11-20T14:02:00.000Z,10.0')
    const next = take(1)
    await appendFile(live, '.0.1,b\r\n')
    const second = await next
    expect(texts([...first, ...second])).toEqual(['a', 'b'])
    expect(second[0]?.start).toBe(first[0]?.end)
    expect(second[0]?.layout).toBe(first[0]?.layout)
    const end = chunks.next()
    stop.abort()
    expect((await end).done).toBe(true)
  })

  it('notices a new file, and fetches the tail of the one before it first', async () => {
    const folder = await temporaryFolder()
    const old = path(folder, 'MSGTRK2026112014-1')
    await writeFile(old, header(date) + row(1, 'a'))
    const { take } = following([sourceOf(folder)]).start()
    await take(1)
    await appendFile(old, row(2, 'b'))
    await writeFile(path(folder, 'MSGTRK2026112014-2'), header(date) + row(3, 'c'))
    expect(texts(await take(2))).toEqual(['b', 'c'])
    // An older file may still grow.
    await appendFile(old, row(4, 'd'))
    expect(texts(await take(1))).toEqual(['d'])
  })

  it('reads again from the positions after a rewind', async () => {
    const folder = await temporaryFolder()
    await writeFile(path(folder, 'MSGTRK2026112014-1'), header(date) + row(1, 'a') + row(2, 'b'))
    const { start } = following([sourceOf(folder)])
    const first = start()
    expect(texts(await first.take(2))).toEqual(['a', 'b'])
    first.stop.abort()
    await first.chunks.next()
    const second = start()
    expect(texts(await second.take(2))).toEqual(['a', 'b'])
  })

  it('reads old files again after a rewind, although their size tells of nothing new', async () => {
    const folder = await temporaryFolder()
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const [i, name] of names.entries()) {
      await writeFile(path(folder, `MSGTRK202611201${i}-1`), header(date) + row(1, name))
    }
    const { start } = following([sourceOf(folder)], { pace: { ...quickPace, surveyMs: 0 } })
    for (let i = 0; i < 2; i++) {
      const reading = start()
      expect(texts(await reading.take(names.length))).toEqual(names)
      await reading.end()
    }
  })

  it('reads files again that a rewind found missing, as behind an empty mount point, when they are back', async () => {
    const folder = join(await temporaryFolder(), 'EX01')
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const writeLogs = async (texts: readonly string[], day: number) => {
      await mkdir(folder)
      for (const [i, text] of texts.entries()) {
        await writeFile(path(folder, `MSGTRK202611${day}1${i}-1`), header(date) + row(1, text))
      }
    }
    await writeLogs(names, 20)
    // Of what was looked at nothing is looked at closely for its age.
    const never = Number.POSITIVE_INFINITY
    const pace = { ...quickPace, surveyMs: 0, verifyMs: never, reopenMs: never, confirmMs: never }
    const { start } = following([sourceOf(folder)], { pace })
    const reading = start()
    expect(texts(await reading.take(names.length))).toEqual(names)
    await rename(folder, `${folder}-away`)
    await writeLogs(['z'], 21)
    expect(texts(await reading.take(1))).toEqual(['z'])
    await reading.end()
    const next = start()
    expect(texts(await next.take(1))).toEqual(['z'])
    await rename(folder, `${folder}-empty`)
    await rename(`${folder}-away`, folder)
    expect(texts(await next.take(names.length))).toEqual(names)
  })

  it('reads what takes the place of zeros, where a copy has its whole size before its content', async () => {
    const folder = await temporaryFolder()
    const file = path(folder, 'MSGTRK2026112014-1')
    const [known, rest] = [header(date) + row(1, 'a'), row(2, 'b') + row(3, 'c')]
    await writeFile(file, known + '\0'.repeat(rest.length))
    const { start, source } = following([sourceOf(folder)])
    const { take } = start()
    expect(texts(await take(1))).toEqual(['a'])
    const next = take(2)
    await until(() => source.files('EX01').get('MSGTRK2026112014-1.LOG')?.restsAt === known.length)
    const handle = await open(file, 'r+')
    await handle.write(rest, known.length)
    await handle.close()
    expect(texts(await next)).toEqual(['b', 'c'])
  })

  it.each([1, 2, 3, 4, 5, 6])(
    'hands over nothing of another file that is copied over it after chunk %i',
    async (count) => {
      const folder = await temporaryFolder()
      const file = path(folder, 'MSGTRK2026112014-1')
      const logOf = (day: string, name: string) =>
        header(day) + Array.from({ length: 50 }, (_, index) => row(index, `${name}${index}`)).join('')
      await writeFile(file, logOf(date, 'a'))
      // Only a read makes sure whose content it was.
      const pace = { ...quickPace, headCheckMs: Number.POSITIVE_INFINITY }
      const { chunks, take } = following([sourceOf(folder)], { chunkBytes: 256, pace }).start()
      const read: Read[] = []
      for (let index = 0; index < count; index++) read.push(copied((await chunks.next()).value))
      await writeFile(file, logOf('2026-11-21T14:00:00.000Z', 'b'))
      const isDone = () => texts(read).at(-1) === 'b49'
      while (!isDone()) read.push(...(await take(1)))
      const [old = '', another = '', ...more] = new Set(read.map((chunk) => chunk.file.id))
      expect(more).toEqual([])
      const of = (id: string) => texts(read.filter((chunk) => chunk.file.id === id))
      expect(of(another)).toEqual(Array.from({ length: 50 }, (_, index) => `b${index}`))
      expect(of(old)).toEqual(Array.from({ length: of(old).length }, (_, index) => `a${index}`))
    },
  )

  it('finds a folder that comes later, and one that went away and came back', async () => {
    const folder = join(await temporaryFolder(), 'later')
    const { log, start } = following([sourceOf(folder)])
    const { take } = start()
    const first = take(1)
    await mkdir(folder)
    await writeFile(path(folder, 'MSGTRK2026112014-1'), header(date) + row(1, 'a'))
    expect(texts(await first)).toEqual(['a'])
    await rm(folder, { recursive: true })
    const second = take(1)
    await mkdir(folder)
    await writeFile(path(folder, 'MSGTRK2026112014-2'), header(date) + row(2, 'b'))
    expect(texts(await second)).toEqual(['b'])
    expect(log.lines.filter((line) => line.startsWith('error')).length).toBeLessThanOrEqual(2)
  })

  it.runIf(process.platform === 'linux')(
    'keeps no file open for a consumer that asks for nothing',
    async () => {
      const { readdir, readlink } = await import('node:fs/promises')
      const folder = await temporaryFolder()
      const rows = Array.from({ length: 50 }, (_, i) => row(i, `a${i}`))
      await writeFile(path(folder, 'MSGTRK2026112014-1'), header(date) + rows.join(''))
      const { chunks, take } = following([sourceOf(folder)], { chunkBytes: 64, pace: createPace() }).start()
      await chunks.next()
      const isOpen = async () => {
        const links = await Promise.all(
          (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
        )
        return links.some((link) => link.startsWith(folder))
      }
      expect(await isOpen()).toBe(true)
      await expect.poll(isOpen, { timeout: 150_000 }).toBe(false)
      expect(texts(await take(49))).toEqual(Array.from({ length: 49 }, (_, i) => `a${i + 1}`))
    },
  )
})
