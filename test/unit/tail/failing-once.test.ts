/** Reading once, of a file that can't be read for a moment. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { failFileCall, fileCalls } from '../../support/failing-files.ts'
import { date, header, onceSource, readOnce, row, sourceOf, temporaryFolder, texts } from './logs.ts'

vi.mock('node:fs/promises', async () => (await import('../../support/failing-files.ts')).failingFiles())

/** What of two logs is read while the call `after` fails with `code`, `times` times. */
async function read(after: number, code: string, times: number) {
  const folder = await temporaryFolder()
  const rows = Array.from({ length: 10 }, (_, i) => row(i, `a${i}`))
  await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), header(date) + rows.join(''))
  const { source, log } = onceSource([sourceOf(folder)], { chunkBytes: 128 })
  const before = fileCalls()
  for (let time = 0; time < times; time++) failFileCall(after + time, code)
  const read = texts(await readOnce(source))
  return { read, log, unreadable: source.unreadable(), calls: fileCalls().calls - before.calls }
}

it('tries again what may pass, so that all of it is read', async () => {
  const { calls } = await read(0, 'EIO', 0)
  // The first two are the listing: without a folder there is nothing to read.
  for (let after = 2; after < calls - 1; after++) {
    const { read: rows, unreadable } = await read(after, 'EIO', 1)
    expect(rows, `call ${after}`).toEqual(Array.from({ length: 10 }, (_, i) => `a${i}`))
    expect(unreadable).toEqual([])
  }
})

it('does not wait for what only a person can mend, and says what fits', async () => {
  const denied = await read(3, 'EACCES', 1)
  expect(denied.read).toEqual([])
  expect(denied.unreadable).toHaveLength(1)
  expect(denied.log.lines.join()).toMatch(/cannot be read.*the right to read/)
  const broken = await read(3, 'EIO', 1)
  expect(broken.log.lines.join()).toMatch(/cannot be read.*check the disk.*is readable again/)
})
