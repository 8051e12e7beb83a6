/** Files that grow are left open between two looks: what is read of them is as true as of those opened for each. */
import { existsSync, statSync } from 'node:fs'
import { appendFile, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fileCalls } from '../../support/failing-files.ts'
import { date, following, header, quickPace, row, sourceOf, temporaryFolder, texts } from './logs.ts'

vi.mock('node:fs/promises', async () => (await import('../../support/failing-files.ts')).failingFiles())

/** Left open as long as the test takes; nothing but a read tells what became of it. */
const pace = { ...quickPace, openMs: Number.POSITIVE_INFINITY, headCheckMs: Number.POSITIVE_INFINITY }
const hasOtherDevice = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev
const seldomMs = () => 1e6
/** Nothing is looked at for long before a hint says so, and nobody looks on while the reading waits for its turn. */
const seldom = { ...pace, listMs: seldomMs, probeMs: seldomMs, pollMs: () => 2000, stallMs: 1e6 }
/** Long enough to be told from any other. */
const long = (minute: number, name: string) => row(minute, `${name} ${'x'.repeat(40)}`)
const names = (read: Parameters<typeof texts>[0]) => texts(read).map((text) => text.split(' ')[0])

/** A log of which `a` was read, and which is followed. */
async function followed(options: Parameters<typeof following>[1] = { pace }) {
  const folder = await temporaryFolder()
  const file = join(folder, 'MSGTRK2026112014-1.LOG')
  await writeFile(file, header(date) + long(1, 'a'))
  const { start, ...rest } = following([sourceOf(folder)], options)
  const reading = start()
  await reading.take(1)
  await appendFile(file, long(2, 'b'))
  expect(names(await reading.take(1))).toEqual(['b'])
  return { file, ...reading, ...rest }
}

describe('a file that grows', () => {
  it('is read with one call for what was appended', async () => {
    const { file, take } = await followed({ pace: seldom })
    const before = fileCalls().calls
    await appendFile(file, long(3, 'c'))
    expect(names(await take(1))).toEqual(['c'])
    // A change may be told of twice.
    expect(fileCalls().calls - before).toBeLessThanOrEqual(2)
  })

  it.runIf(hasOtherDevice)('is opened for each look where it is a link to another disk', async () => {
    const elsewhere = await mkdtemp(join('/dev/shm', 'msgtrk-tail-'))
    onTestFinished(() => rm(elsewhere, { recursive: true }))
    const folder = await temporaryFolder()
    const file = join(elsewhere, 'log')
    await writeFile(file, header(date) + long(1, 'a'))
    await symlink(file, join(folder, 'MSGTRK2026112014-1.LOG'))
    const { take } = following([sourceOf(folder)], { pace: seldom }).start()
    await take(1)
    await appendFile(file, long(2, 'b'))
    await take(1)
    const before = fileCalls().calls
    await appendFile(file, long(3, 'c'))
    expect(names(await take(1))).toEqual(['c'])
    // What it is, the opening, what was opened, the end of what was read, and rows.
    expect(fileCalls().calls - before).toBeGreaterThanOrEqual(5)
  })

  it('is read a line at a time once it is whole, also where it is unfinished and changes', async () => {
    const { file, take, losses } = await followed()
    await appendFile(file, '2026-11-20T14:03:00.000Z,10.0')
    await appendFile(file, '.0.1,c\r\n2026-11-20T14:04')
    expect(names(await take(1))).toEqual(['c'])
    await truncate(file, header(date).length + long(1, 'a').length + long(2, 'b').length + row(3, 'c').length)
    await appendFile(file, long(5, 'e'))
    expect(names(await take(1))).toEqual(['e'])
    expect(losses).toEqual([])
  })

  it('gives nothing of another content that takes its place', async () => {
    const { file, take } = await followed()
    const other = '2026-11-21T14:00:00.000Z'
    await writeFile(file, header(other) + ['k', 'l', 'm', 'n'].map((name) => long(1, name)).join(''))
    const read = await take(4)
    expect(names(read)).toEqual(['k', 'l', 'm', 'n'])
    expect(new Set(read.map(({ file: { id } }) => id))).toEqual(
      new Set([`EX01/MSGTRK2026112014-1.LOG#${other}`]),
    )
  })

  it('is read again from its start where it was changed', async () => {
    const { file, take } = await followed()
    await writeFile(file, header(date) + ['a', 'B', 'c'].map((name) => long(1, name)).join(''))
    expect(names(await take(3))).toEqual(['a', 'B', 'c'])
  })

  it('is left for another one of its name before long', async () => {
    const { file, take } = await followed({ pace: { ...quickPace, openMs: 200 } })
    const other = '2026-11-21T14:00:00.000Z'
    await writeFile(`${file}.new`, header(other) + long(1, 'k'))
    await rename(`${file}.new`, file)
    const read = await take(1)
    expect(names(read)).toEqual(['k'])
    expect(read[0]?.file.id).toBe(`EX01/MSGTRK2026112014-1.LOG#${other}`)
  })

  it('is missed before long where it was deleted', async () => {
    const { file, chunks, stop, losses, source } = await followed({ pace: { ...quickPace, openMs: 200 } })
    await rm(file)
    const next = chunks.next()
    await expect.poll(() => source.files('EX01').size).toBe(0)
    stop.abort()
    await next
    // It was growing: what it had at its end nobody knows.
    expect(losses).toMatchObject([{ cause: 'deleted', bytes: null }])
  })

  it.runIf(process.platform === 'linux')('is closed once it grows no more', async () => {
    const { readdir, readlink } = await import('node:fs/promises')
    const { file, chunks, stop } = await followed({ pace: { ...quickPace, openMs: 100 } })
    const isOpen = async () => {
      const open = (await readdir('/proc/self/fd')).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ''),
      )
      return (await Promise.all(open)).includes(file)
    }
    const next = chunks.next()
    await expect.poll(isOpen).toBe(false)
    stop.abort()
    await next
  })
})
