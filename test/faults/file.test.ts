/**
 * Delivery into files, in each format, while the program is killed, the disk fills up, and others move the files and the
 * folder away. Every record stands in a whole line, in files that are there; what stands there twice is counted.
 */
import { execFile } from 'node:child_process'
import { mkdir, open, readdir, readFile, rename, rm, watch } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, type TestContext, test, vi } from 'vitest'
import { type Program, Workplace } from '../support/program.ts'

const rows = 60_000
const args = ['run', '--config', 'msgtrk.yaml']
const formats = ['cef', 'json', 'raw'] as const
type Format = (typeof formats)[number]

test.concurrent.for(formats)(
  'killed again and again while it writes, it loses nothing and leaves no half of a line: %s',
  async (format, { onTestFinished }) => {
    const place = await setUp(format, onTestFinished)
    for (const share of [0.1, 0.4, 0.7]) {
      const program = place.start(...args)
      await vi.waitFor(async () => expect((await linesIn(place)).length).toBeGreaterThan(rows * share), {
        timeout: 150_000,
        interval: 20,
      })
      await program.stop('SIGKILL')
    }
    expect((await place.run(...args, '--once')).code).toBe(0)
    expect(await verdictOf(place, format)).toMatchObject({ lost: 0, unknown: 0 })
  },
)

test.concurrent.for(formats)(
  'on a full disk it waits for room, and writes nothing twice: %s',
  async (format, { skip, onTestFinished }) => {
    const place = await setUp(format, onTestFinished)
    await onSmallDisk(place, skip, onTestFinished)
    const filler = join(place.path('out'), 'filler')
    await fill(filler, 1_000_000)
    const program = place.start(...args, '--once')
    const { level, reason } = await program.logged('Destination unavailable')
    expect(reason).toContain('no space is left')
    expect(level).toBe('error')
    await rm(filler)
    expect((await program.ended).code).toBe(0)
    expect(await verdictOf(place, format)).toEqual({ lost: 0, twice: 0, unknown: 0 })
  },
)

test.concurrent.for(formats)(
  'files that are moved away while it writes hold what they held, and nothing is twice: %s',
  async (format, { onTestFinished }) => {
    const place = await setUp(format, onTestFinished)
    const over = new AbortController()
    const moved = moveAway(place, over.signal)
    const program = place.start(...args, '--once')
    void program.ended.then(() => over.abort())
    expect(await moved).toBeGreaterThan(0)
    expect((await program.ended).code).toBe(0)
    expect(await verdictOf(place, format)).toEqual({ lost: 0, twice: 0, unknown: 0 })
  },
)

test.concurrent.for(formats)(
  'without its folder it waits until that is back, and loses nothing: %s',
  async (format, { onTestFinished }) => {
    const place = await setUp(format, onTestFinished)
    const program = place.start(...args, '--once')
    for (const share of [0.2, 0.6]) {
      await vi.waitFor(async () => expect((await linesIn(place)).length).toBeGreaterThan(rows * share), {
        timeout: 150_000,
        interval: 20,
      })
      const before = said(program, 'Destination unavailable')
      await rename(place.path('out'), place.path('elsewhere'))
      await program.until(
        'it says so',
        () => said(program, 'Destination unavailable') > before || isDone(program),
      )
      await rename(place.path('elsewhere'), place.path('out'))
      await program.until('it goes on', () => said(program, 'Delivering again') > before || isDone(program))
    }
    expect((await program.ended).code).toBe(0)
    expect(await verdictOf(place, format)).toMatchObject({ lost: 0, unknown: 0 })
  },
)

function said({ log }: Program, beginning: string): number {
  return log.filter(({ message }) => message.startsWith(beginning)).length
}

/** All was in the files before the folder went. */
function isDone(program: Program): boolean {
  return said(program, 'Done') > 0
}

async function setUp(format: Format, onTestFinished: TestContext['onTestFinished']): Promise<Workplace> {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('logs', rows)
  await mkdir(place.path('out'))
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: logs }]
destinations: [{ name: file, to: 'file://${place.path('out')}/%S.log', format: ${format} }]
`,
  )
  return place
}

async function onSmallDisk(
  place: Workplace,
  skip: TestContext['skip'],
  onTestFinished: TestContext['onTestFinished'],
): Promise<void> {
  const run = promisify(execFile)
  const disk = place.path('out')
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk])
  } catch (error) {
    skip(`needs the right to mount a tmpfs: ${(error as Error).message}`)
  }
  onTestFinished(async () => {
    await run('umount', ['--lazy', disk])
  })
}

/** Takes all the room but so many bytes. */
async function fill(path: string, butBytes: number): Promise<void> {
  const file = await open(path, 'a')
  try {
    for (;;) await file.appendFile(Buffer.alloc(65_536))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    const { size } = await file.stat()
    await file.truncate(size - butBytes)
  } finally {
    await file.close()
  }
}

/** Moves each file away whenever something was written to it; how often, by the time of the signal. */
async function moveAway(place: Workplace, over: AbortSignal): Promise<number> {
  let moved = 0
  try {
    for await (const { filename } of watch(place.path('out'), { signal: over })) {
      if (!filename?.endsWith('.log')) continue
      // What is told may be of a file that is gone already.
      const isThere = (await filesIn(place)).includes(filename)
      if (isThere) await rename(place.path('out', filename), place.path('out', `moved-${moved++}`))
    }
  } catch (error) {
    if (!over.aborted) throw error
  }
  return moved
}

async function filesIn(place: Workplace, pattern = /\.log$|^moved-/): Promise<readonly string[]> {
  return (await readdir(place.path('out'))).filter((name) => pattern.test(name))
}

/** What stands in all files, a last line without its end as well. */
async function linesIn(place: Workplace): Promise<readonly string[]> {
  const names = await filesIn(place)
  const texts = await Promise.all(names.map((name) => readFile(place.path('out', name), 'latin1')))
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
}

async function verdictOf(place: Workplace, format: Format) {
  const counts = new Map<string, number>()
  for (const line of await linesIn(place)) counts.set(line, (counts.get(line) ?? 0) + 1)
  const expected = new Map<string, number>()
  const headers = new Set<string>()
  for (const line of await linesOf(place, format)) {
    if (line.startsWith('#')) headers.add(line)
    else expected.set(line, (expected.get(line) ?? 0) + 1)
  }
  let lost = 0
  let twice = 0
  for (const [line, count] of expected) {
    const found = counts.get(line) ?? 0
    lost += Math.max(0, count - found)
    twice += Math.max(0, found - count)
    counts.delete(line)
  }
  // Of its header a file has as many copies as it has beginnings.
  return { lost, twice, unknown: [...counts.keys()].filter((line) => !headers.has(line)).length }
}

/** What the logs stand for, by other ways than files: the lines of events, or rows and headers as they stand. */
async function linesOf(place: Workplace, format: Format): Promise<readonly string[]> {
  if (format === 'raw') {
    const names = (await readdir(place.path('logs'))).filter((name) => name.endsWith('.LOG'))
    const texts = await Promise.all(names.map((name) => readFile(place.path('logs', name), 'latin1')))
    return texts.flatMap((text) => text.replace('\u00ef\u00bb\u00bf', '').split('\n').slice(0, -1))
  }
  if (format === 'json') {
    const { stdout } = await place.run('convert', '--format', 'json', '--unicode-controls', 'breaks', 'logs')
    return stdout.toString('latin1').split('\n').slice(0, -1)
  }
  const frames = [...(await place.expectedFrames('logs')).values()].flat()
  return frames.map((frame) => frame.slice(frame.indexOf('CEF:')))
}
