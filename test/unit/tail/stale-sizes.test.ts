/** Rows are read though neither size nor time of their log tells of them. */
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { date, following, header, positionsAfter, row, sourceOf, temporaryFolder, texts } from './logs.ts'

vi.mock('node:fs/promises', async () => (await import('../../support/stale-files.ts')).staleFiles())

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})

const log = (number: number) => join(folder, `MSGTRK2026112014-${number}.LOG`)

it('what is appended is read, also to a log that is not the newest any more', async () => {
  await writeFile(log(1), header(date) + row(0, 'a'))
  const { start } = following([sourceOf(folder)])
  const reading = start()
  expect(texts(await reading.take(1))).toEqual(['a'])
  await appendFile(log(1), row(1, 'b'))
  expect(texts(await reading.take(1))).toEqual(['b'])
  // The folder does not seem to change either.
  await writeFile(log(2), header('2026-11-20T15:00:00.000Z') + row(2, 'c'))
  expect(texts(await reading.take(1))).toEqual(['c'])
  await appendFile(log(1), row(3, 'd'))
  expect(texts(await reading.take(1))).toEqual(['d'])
})

it('a start goes on behind the size that it is told', async () => {
  await writeFile(log(1), header(date) + row(0, 'a'))
  const { start } = following([sourceOf(folder)])
  const first = start()
  const read = await first.take(1)
  await appendFile(log(1), row(1, 'b') + row(2, 'c'))
  read.push(...(await first.take(2)))
  await first.end()
  await appendFile(log(1), row(3, 'd'))
  const anew = following([sourceOf(folder)])
  expect(texts(await anew.start(positionsAfter(read)).take(1))).toEqual(['d'])
  expect([...anew.losses, ...anew.log.lines.filter((line) => /^(warn|error)/.test(line))]).toEqual([])
})

it('`startAt: end` passes over what is there, and nothing that comes', async () => {
  await writeFile(log(1), header(date) + row(0, 'a'))
  // So it is known as that large from here on.
  const before = following([sourceOf(folder)]).start()
  await before.take(1)
  await before.end()
  await appendFile(log(1), row(1, 'b') + row(2, 'c'))
  const reading = following([sourceOf(folder, { startAt: 'end' })]).start()
  // That it begins, where the log ends, and that it has begun.
  for (let marks = 0; marks < 3; marks++) await reading.chunks.next()
  await appendFile(log(1), row(3, 'd'))
  expect(texts(await reading.take(1))).toEqual(['d'])
})

it('what is deleted is told as lost, as more than the size tells', async () => {
  await writeFile(log(1), header(date) + row(0, 'a'))
  const { start, losses } = following([sourceOf(folder)])
  const reading = start()
  const read = await reading.take(1)
  await appendFile(log(1), row(1, 'b'))
  await reading.take(1)
  await reading.end()
  await rm(log(1))
  const next = start(positionsAfter(read)).chunks.next()
  const offset = read.at(-1)?.end ?? 0
  await vi.waitFor(() => expect(losses).toMatchObject([{ cause: 'deleted', offset }]), 150_000)
  expect([row(1, 'b').length, null]).toContain(losses[0]?.bytes)
  await writeFile(log(2), header('2026-11-20T15:00:00.000Z') + row(2, 'c'))
  expect((await next).done).toBe(false)
})
