import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { FolderChange } from '../../../src/flow/events.ts'
import { createSource } from '../../../src/tail/source.ts'
import { date, header, memoryLog, quickPace, row, sourceOf, temporaryFolder } from './logs.ts'

it('tells once that a folder can not be read, and once that it can be again', async () => {
  const folder = join(await temporaryFolder(), 'EX01')
  const changes: FolderChange[] = []
  let heard = (): void => {}
  const folderChanged = (change: FolderChange) => {
    changes.push(change)
    heard()
  }
  const options = { sources: [sourceOf(folder)], follow: true, log: memoryLog(), events: { folderChanged } }
  const stop = new AbortController()
  const chunks = createSource(options, quickPace).read(new Map(), stop.signal)[Symbol.asyncIterator]()
  onTestFinished(async () => {
    stop.abort()
    await chunks.return?.()
  })
  const next = chunks.next()
  const change = () => new Promise<void>((resolve) => (heard = resolve))
  await change()
  await mkdir(folder)
  await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), header(date) + row(1, 'a'))
  await next
  const end = chunks.next()
  const away = change()
  await rename(folder, `${folder}-away`)
  await away
  const back = change()
  await rename(`${folder}-away`, folder)
  await back
  stop.abort()
  await end

  const unreadable = { source: 'EX01', folder, reason: expect.stringContaining('ENOENT') }
  const readable = { source: 'EX01', folder, reason: null }
  expect(changes).toEqual([unreadable, readable, unreadable, readable])
})
