/** The disk with the state fills up while events are delivered. */
import { execFile } from 'node:child_process'
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, type TestContext, test, vi } from 'vitest'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { type Program, Workplace } from '../support/program.ts'

const rows = 3000
const log = join('EX01', 'MSGTRK2026112014-1.LOG')

test.concurrent('on a full disk events go on arriving, and positions are saved once there is room', async (context) => {
  const { place, disk } = await placeWithSmallDisk(context, 'state')
  const siem = await place.collect()
  await place.write('msgtrk.yaml', config(siem.url, 'state'))
  const parts = await logInParts(place, 4)
  await mkdir(place.path('EX01'))

  await append(place, parts[0]!)
  const first = place.start('run', '--config', 'msgtrk.yaml')
  await savedUpTo(place, parts[0]!.length)
  await fill(disk)
  await append(place, parts[1]!)
  await siem.has(await expectedNow(place))
  expect((await first.logged('Positions can not be saved')).reason).toContain('ENOSPC')
  expect(await savedOffset(place)).toBe(parts[0]!.length)

  expect((await first.stop('SIGKILL')).signal).toBe('SIGKILL')
  const refused = await place.run('run', '--config', 'msgtrk.yaml')
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain('disk is full')

  await rm(join(disk, 'filler'))
  const second = place.start('run', '--config', 'msgtrk.yaml')
  await savedUpTo(place, parts[0]!.length + parts[1]!.length)
  await fill(disk)
  await append(place, parts[2]!)
  await siem.has(await expectedNow(place))
  await second.logged('Positions can not be saved')
  await append(place, parts[3]!)
  await siem.has(await expectedNow(place))
  await rm(join(disk, 'filler'))
  await second.logged('Positions are saved again')
  await savedUpTo(place, (await readFile(place.path(log))).length)
  expect((await second.stop()).code).toBe(0)

  expect(times(second, 'Positions can not be saved')).toBe(1)
  expect(siem.incorrect).toEqual([])
  const verdict = judge(siem.frames, await place.expectedFrames('EX01'))
  expect({ ...verdict, repeated: 0 }).toEqual(allThereInOrder)
  // What was delivered while the disk was full comes again after the kill, and nothing else does.
  expect(verdict.repeated).toBeLessThanOrEqual(rows / 4 + 1)
})

test.concurrent('positions wait for dead letters that can not be written, and events do not', async (context) => {
  const { place, disk } = await placeWithSmallDisk(context, 'state')
  const siem = await place.collect()
  await place.write('msgtrk.yaml', config(siem.url, 'state'))
  const [start = '', rest = ''] = await logInParts(place, 2)
  await mkdir(place.path('EX01'))
  await append(place, start)
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await savedUpTo(place, start.length)
  await fill(disk)

  await append(place, 'no row\r\n')
  await program.logged('Dead letters can not be written')
  await append(place, rest)
  await siem.has(rows)
  expect(await savedOffset(place)).toBe(start.length)

  await rm(join(disk, 'filler'))
  await program.logged('Dead letters are written again')
  await savedUpTo(place, (await readFile(place.path(log))).length)
  expect((await program.stop()).code).toBe(0)
  const letters = (await readFile(place.path('state', 'siem', 'dead-letters.ndjson'), 'utf8'))
    .trim()
    .split('\n')
  expect(letters.map((letter) => JSON.parse(letter).line)).toEqual(['no row'])
})

test.concurrent('a log of its own that can not be written stops nothing', async (context) => {
  const { place, disk } = await placeWithSmallDisk(context, 'logs')
  const siem = await place.collect()
  await place.write('msgtrk.yaml', config(siem.url, 'state', 'logs/msgtrk.log'))
  const [text = ''] = await logInParts(place, 1)
  await mkdir(place.path('EX01'))
  await fill(disk)

  const program = place.start('run', '--config', 'msgtrk.yaml')
  await program.logged('The log file cannot be written')
  await append(place, text)
  await siem.has(rows)
  await savedUpTo(place, text.length)
  await rm(join(disk, 'filler'))
  expect((await program.stop()).code).toBe(0)
  expect(times(program, 'The log file is written again')).toBe(1)
  expect(await readFile(join(disk, 'msgtrk.log'), 'utf8')).toContain('"Stopped"')
})

/** A folder `name` on a disk of its own of 256 KiB; skips the test where none can be mounted. */
async function placeWithSmallDisk(
  { skip, onTestFinished }: TestContext,
  name: string,
): Promise<{ readonly place: Workplace; readonly disk: string }> {
  const place = await Workplace.open(onTestFinished)
  const disk = place.path(name)
  await mkdir(disk)
  const run = promisify(execFile)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
  } catch (error) {
    skip(`needs the right to mount a tmpfs: ${(error as Error).message}`)
  }
  // Called before the place is put away, while programs may still work in it.
  onTestFinished(async () => {
    await run('umount', ['--lazy', disk])
  })
  return { place, disk }
}

/** Adds to the log; one character a byte. */
async function append(place: Workplace, text: string): Promise<void> {
  await appendFile(place.path(log), text, 'latin1')
}

/** Takes all the room that is left. */
async function fill(disk: string): Promise<void> {
  const file = await open(join(disk, 'filler'), 'a')
  try {
    for (;;) await file.appendFile(Buffer.alloc(4096))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

/** One log of so many rows, cut at line ends. */
async function logInParts(place: Workplace, count: number): Promise<readonly string[]> {
  await place.simulate('made', rows)
  const expected = await place.expectedFrames('made')
  const texts = await Promise.all([...expected.keys()].map((name) => readFile(place.path(name), 'latin1')))
  const header = texts[0]!.slice(0, texts[0]!.search(/^\d/m))
  const lines = texts.flatMap((text) => text.match(/^\d[^\n]*\n/gm) ?? [])
  expect(lines).toHaveLength(rows)
  const size = Math.ceil(lines.length / count)
  return Array.from({ length: count }, (_, part) => {
    const text = lines.slice(part * size, (part + 1) * size).join('')
    return part === 0 ? header + text : text
  })
}

async function expectedNow(place: Workplace): Promise<number> {
  return distinct(await place.expectedFrames('EX01'))
}

async function savedOffset(place: Workplace): Promise<number> {
  const { positions } = JSON.parse(await readFile(place.path('state', 'siem', 'positions.json'), 'utf8')) as {
    positions: { offset: number }[]
  }
  return positions[0]?.offset ?? 0
}

async function savedUpTo(place: Workplace, offset: number): Promise<void> {
  await vi.waitFor(async () => expect(await savedOffset(place)).toBe(offset), {
    timeout: 150_000,
    interval: 100,
  })
}

function times({ log }: Program, message: string): number {
  return log.filter((line) => line.message.startsWith(message)).length
}

function config(to: string, state: string, file?: string): string {
  return `
state: ${state}
${file === undefined ? '' : `log: { file: ${file} }`}
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, to: '${to}', confirm: time, confirmAfterMs: 200, maxMessageBytes: 1048576 }
`
}
