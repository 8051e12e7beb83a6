/** Files to which nobody writes, where their folder tells every change: they are asked about, and not opened. */
import { appendFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createPace } from '../../../src/tail/folder/pace.ts'
import { date, following, header, row, sourceOf, temporaryFolder, texts } from './logs.ts'

const said = vi.hoisted(() => ({
  /** What the system says of the file system; undefined: the truth. */
  type: undefined as number | undefined,
  opened: 0,
  /** Of a log, by way of a thread, and without. */
  asked: 0,
  askedAtOnce: 0,
}))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const open: typeof real.open = (...args) => {
    said.opened++
    return real.open(...args)
  }
  const asked = async (...args: Parameters<typeof real.stat>) => {
    if (`${args[0]}`.endsWith('.LOG')) said.asked++
    return real.stat(...args)
  }
  const statfs = async (path: string) => (said.type === undefined ? real.statfs(path) : { type: said.type })
  return { ...real, open, stat: asked, statfs }
})
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const statSync = (...args: Parameters<typeof real.statSync>) => {
    if (`${args[0]}`.endsWith('.LOG')) said.askedAtOnce++
    return real.statSync(...args)
  }
  return { ...real, statSync }
})
// Nobody tells of a change: the timer has to find it.
vi.mock('chokidar', () => ({ watch: () => ({ on: () => {}, close: async () => {} }) }))

afterEach(() => {
  said.type = undefined
})

const [ext4, ntfs] = [0xef53, 0x5346544e]

const written = new Date('2026-11-20T14:30:00.000Z')

/** A log with two rows that were read, in a file system of this type, and what is still to be read of it. */
async function followed(type: number, { reopenMs = Number.POSITIVE_INFINITY, rows = 1 } = {}) {
  said.type = type
  const file = join(await temporaryFolder(), 'MSGTRK2026112014-1.LOG')
  await writeFile(file, header(date) + row(1, 'a') + row(2, 'b'))
  await utimes(file, written, written)
  const pace = { ...createPace(0.01), reopenMs, pollMs: () => 10 }
  const { take } = following([sourceOf(join(file, '..'))], { pace }).start()
  await take(2)
  return { file, next: take(rows) }
}

/** The same, not opened any more. */
async function quiet(rows = 1) {
  const { file, next } = await followed(ext4, { rows })
  await expect.poll(openings, { timeout: 60_000 }).toBe(0)
  return { file, next }
}

/** How often files are opened while they are asked about thirty times. */
async function openings(): Promise<number> {
  const { opened, askedAtOnce } = said
  await expect.poll(() => said.askedAtOnce, { timeout: 60_000 }).toBeGreaterThan(askedAtOnce + 30)
  return said.opened - opened
}

describe.runIf(process.platform === 'linux')('a file to which nobody writes', () => {
  it('is neither opened for a look nor asked of a thread where the file system tells every change', async () => {
    await quiet()
    const { asked } = said
    await expect.poll(openings, { timeout: 60_000 }).toBe(0)
    expect(said.asked).toBe(asked)
  })

  it('is asked of a thread where nobody knows that', async () => {
    const { asked, askedAtOnce } = said
    await followed(ntfs)
    await expect.poll(() => said.asked, { timeout: 60_000 }).toBeGreaterThan(asked + 3)
    expect(said.askedAtOnce).toBe(askedAtOnce)
  })

  it.each([
    ['for each look where nobody knows that', ntfs, Number.POSITIVE_INFINITY],
    ['now and then all the same', ext4, 50],
  ])('is opened %s', async (_, type, reopenMs) => {
    const { opened } = said
    await followed(type, { reopenMs })
    await expect.poll(() => said.opened, { timeout: 60_000 }).toBeGreaterThan(opened + 20)
  })

  it('is read on when it grows', async () => {
    const { file, next } = await quiet()
    await appendFile(file, row(3, 'c'))
    expect(texts(await next)).toEqual(['c'])
  })

  it('is read again when it was changed in place, to the same size and time', async () => {
    const { file, next } = await quiet(2)
    await writeFile(file, header(date) + row(1, 'a') + row(2, 'B'))
    await utimes(file, written, written)
    expect(texts(await next)).toEqual(['a', 'B'])
  })

  it('is known for another one when another takes its name, of the same size and time', async () => {
    const { file, next } = await quiet(2)
    const other = '2026-11-21T14:00:00.000Z'
    await writeFile(`${file}.new`, header(other) + row(1, 'k') + row(2, 'l'))
    await utimes(`${file}.new`, written, written)
    await rename(`${file}.new`, file)
    const read = await next
    expect(texts(read)).toEqual(['k', 'l'])
    expect(read[0]?.file.id).toContain(other)
  })
})
