/** What the first look at a small file costs, of which there may be hundreds of thousands. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { fileCalls } from '../../support/failing-files.ts'
import { date, following, header, quickPace, row, sourceOf, temporaryFolder, texts } from './logs.ts'

vi.mock('node:fs/promises', async () => (await import('../../support/failing-files.ts')).failingFiles())

/** Nothing is looked at a second time, nor does anybody look on while whoever reads is slow to ask for more. */
const long = () => 1e6
const pace = {
  ...quickPace,
  stallMs: 1e6,
  tickMs: 1e6,
  surveyMs: 1e6,
  headCheckMs: 1e6,
  probeMs: long,
  pollMs: long,
}

/** Calls of the system that it takes to read a folder of so many small files. */
async function callsFor(files: number): Promise<number> {
  const folder = await temporaryFolder()
  for (let index = 0; index < files; index++) {
    await writeFile(join(folder, `MSGTRK2026112014-${index + 1}.LOG`), header(date) + row(1, `a${index}`))
  }
  const before = fileCalls().calls
  const read = await following([sourceOf(folder)], { pace })
    .start()
    .take(files)
  expect(texts(read)).toEqual(Array.from({ length: files }, (_, index) => `a${index}`))
  return fileCalls().calls - before
}

it('asks for the size of a small file, opens it and reads it once', async () => {
  const [few, many] = [await callsFor(10), await callsFor(30)]
  // Its size, the opening, what was opened, the bytes.
  expect(Math.round((many - few) / 20)).toBe(4)
})
