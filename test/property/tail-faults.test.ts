/**
 * What reads logs is tried once as it is, and then once more for each open, read, stat and listing of that,
 * with this one failing: no row is lost to it.
 */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Position } from '../../src/flow/chunk.ts'
import type { Log } from '../../src/flow/log.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createPace } from '../../src/tail/folder/pace.ts'
import { createSource } from '../../src/tail/source.ts'
import { endFileFailures, failFileCall, fileCalls, systemErrors } from '../support/failing-files.ts'
import { share } from '../support/runs.ts'
import { type Action, TailWorld } from './tail-world.ts'

vi.mock('node:fs/promises', async () => (await import('../support/failing-files.ts')).failingFiles())

const story: readonly Action[] = [
  { do: 'create', prefix: '', rows: 6, hasHeader: true },
  { do: 'create', prefix: 'MD', rows: 3, hasHeader: false },
  { do: 'take', chunks: 3 },
  { do: 'commit', part: 0.5 },
  { do: 'append', file: 0, rows: 5 },
  { do: 'rewind' },
  { do: 'take', chunks: 4 },
  { do: 'append half', file: 0 },
  { do: 'settle' },
  { do: 'append', file: 0, rows: 3 },
  { do: 'create', prefix: '', rows: 4, hasHeader: true },
  { do: 'take', chunks: 2 },
  { do: 'restart' },
  { do: 'look' },
  { do: 'commit', part: 0.5 },
  { do: 'replace', file: 0 },
  { do: 'look' },
  { do: 'delete', file: 1 },
  { do: 'settle' },
]

/** Each call fails once, or one of so many; other ones each time. */
const step = Math.round(1 / share)

/** Runs `attempt` as it is, and then with each of its calls failing in turn. Returns how many those are. */
async function failEach(attempt: (hasFailure: boolean) => Promise<void>): Promise<number> {
  const before = fileCalls()
  await attempt(false)
  const calls = fileCalls().calls - before.calls
  for (let after = Math.floor(Math.random() * Math.min(step, calls)); after < calls; after += step) {
    const code = systemErrors[after % systemErrors.length] ?? 'EIO'
    failFileCall(after, code)
    await attempt(true).catch((error: unknown) => {
      throw new Error(`call ${after} of ${calls} failed with ${code}`, { cause: error })
    })
    endFileFailures()
  }
  // Following, it is a matter of time how often is looked; but something must have been put to the test.
  expect(fileCalls().failures - before.failures).toBeGreaterThan(Math.floor(calls / step) / 4)
  return calls
}

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'msgtrk-faults-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const log = (hour: number, rows: number): string =>
  `#Date: 2026-11-20T${hour}:00:00.000Z\r\n#Fields: date-time,source\r\n${Array.from({ length: rows }, (_, i) => `2026-11-20T${hour}:0${i}:00.000Z,${hour}-${i}\r\n`).join('')}`

let folders = 0
async function createFolder(): Promise<string> {
  const folder = join(root, `${++folders}`)
  await mkdir(folder)
  for (const hour of [13, 14, 15]) await writeFile(join(folder, `MSGTRK20261120${hour}-1.LOG`), log(hour, 5))
  return folder
}

/** Second columns of all rows of a folder, read again and again until no call fails any more. */
function readerOf(folder: string, startAt: string): () => Promise<readonly string[]> {
  const sources = [{ name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt }]
  const source = createSource({ sources, follow: false, log: silent, chunkBytes: 80 }, createPace(0.0001))
  const positions = new Map<string, Position>()
  return async () => {
    const rows: string[] = []
    for (let before = -1; before < fileCalls().failures; ) {
      before = fileCalls().failures
      for await (const { file, end, header, bytes } of source.read(positions, new AbortController().signal)) {
        rows.push(...(bytes.toString('latin1').match(/\d+-\d(?=\r)/g) ?? []))
        positions.set(file.id, { fileId: file.id, offset: end, header })
      }
    }
    return rows
  }
}

it.each([
  ['reading what is there, again and again', false],
  ['following', true],
] as const)('loses no row to a call that fails, %s', async (_, follow) => {
  const calls = await failEach(async () => {
    await TailWorld.run(story, follow)
  })
  expect(calls).toBeGreaterThan(100)
})

it('begins at a time with the same rows whichever call fails', async () => {
  await failEach(async () => {
    const read = readerOf(await createFolder(), '2026-11-20T14:02:00.000Z')
    const wanted = ['14-2', '14-3', '14-4', '15-0', '15-1', '15-2', '15-3', '15-4']
    expect([...(await read())].sort()).toEqual(wanted)
  })
})

it('begins at the end with too much rather than too little whichever call fails', async () => {
  await failEach(async (hasFailure) => {
    const folder = await createFolder()
    const read = readerOf(folder, 'end')
    const passed = await read()
    if (!hasFailure) expect(passed).toEqual([])
    await appendFile(join(folder, 'MSGTRK2026112015-1.LOG'), '2026-11-20T15:09:00.000Z,15-9\r\n')
    const rows = [...passed, ...(await read())]
    expect(rows).toContain('15-9')
    expect(new Set(rows).size, 'no row twice').toBe(rows.length)
  })
})

it('never takes a failing call for the end of a single file', async () => {
  const path = join(await createFolder(), 'MSGTRK2026112013-1.LOG')
  await failEach(async (hasFailure) => {
    const read = async () => {
      let rows = 0
      for await (const { bytes } of fileChunks(path, { chunkBytes: 40 })) if (bytes.length > 0) rows++
      return rows
    }
    if (hasFailure) await expect(read()).rejects.toThrow('made to fail')
    else expect(await read()).toBe(5)
  })
})
