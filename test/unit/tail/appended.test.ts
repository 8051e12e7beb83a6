import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { createSource } from '../../../src/tail/source.ts'
import { date, header, memoryLog, quickPace, row, sourceOf, temporaryFolder } from './logs.ts'

const rows = ({ bytes }: Chunk) => bytes.toString('latin1')

it('tells what is read, which of it was written while it was looking, and within which time', async () => {
  const folder = await temporaryFolder()
  const live = join(folder, 'MSGTRK2026112014-1.LOG')
  await writeFile(live, header(date) + row(1, 'old'))
  const appended: { readonly text: string; readonly withinMs: number }[] = []
  const read: string[] = []
  const source = createSource(
    {
      sources: [sourceOf(folder)],
      follow: true,
      log: memoryLog(),
      events: {
        appended: (chunk, withinMs) => appended.push({ text: rows(chunk), withinMs }),
        read: (chunk) => read.push(rows(chunk)),
      },
    },
    quickPace,
  )
  const started = performance.now()
  const stop = new AbortController()
  const chunks = source.read(new Map(), stop.signal)[Symbol.asyncIterator]()
  onTestFinished(async () => {
    stop.abort()
    await chunks.return?.()
  })
  const next = async () => rows((await chunks.next()).value as Chunk)

  expect(await next()).toBe(row(1, 'old'))
  expect(appended).toEqual([])
  for (const text of ['a', 'b']) {
    await appendFile(live, row(2, text))
    expect(await next()).toBe(row(2, text))
    expect(appended.at(-1)?.text).toBe(row(2, text))
  }
  expect(appended).toHaveLength(2)
  for (const { withinMs } of appended) {
    expect(withinMs).toBeGreaterThanOrEqual(0)
    expect(withinMs).toBeLessThan(performance.now() - started)
  }

  // Another file is new to the reader: its rows may be as old as they like.
  await writeFile(join(folder, 'MSGTRK2026112015-1.LOG'), header(date) + row(4, 'c'))
  expect(await next()).toBe(row(4, 'c'))
  expect(appended.map(({ text }) => text)).not.toContain(row(4, 'c'))
  expect(read).toEqual([row(1, 'old'), row(2, 'a'), row(2, 'b'), row(4, 'c')])
})
