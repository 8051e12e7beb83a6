import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../../src/observe/log.ts'
import { rotation } from '../../../src/observe/log-file.ts'
import { filesOf } from '../../../src/observe/rotating-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Stands in for standard error. */
class Screen extends Writable {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY = false) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  override _write(chunk: string, _encoding: string, done: () => void) {
    this.text += chunk
    done()
  }
}

test('a line that comes without end does not fill the log, and what was left out is said', async () => {
  const stderr = new Screen()
  const { log, close } = await createLog({ stderr })
  for (let times = 0; times < 5000; times++) log.error('A file is not read', { times })
  log.warn('Something else')
  await close()
  const lines = stderr.lines.map((line) => JSON.parse(line))
  expect(lines.length).toBeLessThan(250)
  expect(lines.filter(({ message }) => message.startsWith('A line comes too often'))).toHaveLength(1)
  const written = lines.filter(({ message }) => message === 'A file is not read').length
  expect(lines.at(-2).message).toBe('Something else')
  expect(lines.at(-1)).toMatchObject({ level: 'warn', lines: 5000 - written })
})

describe('standard error', () => {
  test('is JSON lines when it is no terminal', async () => {
    const stderr = new Screen()
    const { log, close } = await createLog({ stderr })
    log.warn('A folder went away', { folder: '\\\\EX01\\Logs', tries: 3 })
    await close()
    expect(stderr.lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'warn',
        message: 'A folder went away',
        folder: '\\\\EX01\\Logs',
        tries: 3,
      },
    ])
  })

  test('is readable on a terminal, with a coloured level', async () => {
    const stderr = new Screen(true)
    const { log, close } = await createLog({ stderr })
    log.error('A folder went away', { folder: '\\\\EX01\\Logs' })
    await close()
    expect(stderr.text).toContain('\u001b[31merror\u001b[0m A folder went away ')
    expect(stderr.text).toContain('\\\\EX01\\Logs\n')
  })

  test('has no colours on a terminal that has none', async () => {
    const stderr = Object.assign(new Screen(true), { hasColors: () => false })
    const { log, close } = await createLog({ stderr })
    log.info('Started', { sources: 2 })
    await close()
    expect(stderr.text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info {2}Started sources=2\n$/)
  })

  test('keeps a line of how things are below the others, on a terminal only', async () => {
    const stderr = Object.assign(new Screen(true), { hasColors: () => false, columns: 20 })
    const { log, showBelow, close } = await createLog({ stderr })
    showBelow('read 1')
    log.info('One')
    showBelow('read 2, which is far too long for it')
    await close()
    const clear = '\r\u001b[K'
    const [first = '', ...others] = stderr.text.split('\n')
    expect(first.startsWith(`read 1${clear}`)).toBe(true)
    expect(first).toMatch(/ info {2}One$/)
    expect(others.join('\n')).toBe(`read 1${clear}read 2, which is fa${clear}`)

    const pipe = new Screen()
    const plain = await createLog({ stderr: pipe })
    plain.showBelow('read 1')
    await plain.close()
    expect(pipe.text).toBe('')
  })

  test('that is gone stops nobody', async () => {
    const stderr = new Screen()
    const { log, close } = await createLog({ stderr })
    stderr.destroy(new Error('EPIPE'))
    log.info('Nobody reads this')
    await close()
  })
})

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  [undefined, ['info', 'warn', 'error']],
  ['error', ['error']],
] as const)('level %s writes %s', async (level, expected) => {
  const stderr = new Screen()
  const { log, close } = await createLog({ stderr, level })
  for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]('A sentence')
  await close()
  expect(stderr.lines.map((line) => JSON.parse(line).level)).toEqual(expected)
})

describe('a change', () => {
  test('of the level holds from then on', async () => {
    const stderr = new Screen()
    const { log, change, close } = await createLog({ stderr, level: 'error' })
    log.info('Before')
    await change({ level: 'debug' })
    log.debug('Then')
    await change({})
    log.debug('Behind')
    await close()
    expect(stderr.lines.map((line) => JSON.parse(line).message)).toEqual(['Then'])
  })

  test('of the file loses no line', async () => {
    const files = ['one', 'two'].map((name) => join(folder, `${name}.log`))
    const { log, change, close } = await createLog({ stderr: new Screen(), file: files[0] })
    log.info('One')
    const changing = change({ file: files[1] })
    log.info('Meanwhile')
    await changing
    log.info('Two')
    await change({})
    log.info('Nowhere else')
    await close()
    const messages = await Promise.all(
      files.map(async (file) => {
        const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
        return lines.map((line) => JSON.parse(line).message)
      }),
    )
    expect(messages).toEqual([['One', 'Meanwhile'], ['Two']])
  })
})

describe('the file', () => {
  test('gets JSON lines, and its folder is made', async () => {
    const file = join(folder, 'deep', 'msgtrk.log')
    const { log, close } = await createLog({ stderr: new Screen(true), file })
    log.info('Started', { sources: 2 })
    log.info('Stopped')
    await close()
    const lines = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'info', message: 'Started', sources: 2 },
      { level: 'info', message: 'Stopped' },
    ])
  })

  test('has all lines of a burst once the log is closed', async () => {
    const file = join(folder, 'msgtrk.log')
    const stderr = new Screen()
    const { log, close } = await createLog({ stderr, file })
    for (let i = 0; i < 1000; i++) log.info('Many', { i, filler: 'x'.repeat(100) })
    await close()
    const numbers = Array.from({ length: 1000 }, (_, i) => i)
    const lines = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
    expect(lines.map((line) => JSON.parse(line).i)).toEqual(numbers)
    expect(stderr.lines.map((line) => JSON.parse(line).i)).toEqual(numbers)
  })

  test('is rotated at 10 MB, ten of them', () => {
    expect(rotation).toEqual({ maxBytes: 10_000_000, maxFiles: 10 })
  })

  test('moves on to the next when it is full', async () => {
    const file = join(folder, 'msgtrk.log')
    await writeFile(file, Buffer.alloc(rotation.maxBytes, 'x'))
    const { log, close } = await createLog({ stderr: new Screen(), file })
    log.info('In the new file')
    await close()
    const [older = '', ...others] = await filesOf(file)
    expect(others).toEqual([])
    expect((await stat(older)).size).toBe(rotation.maxBytes)
    expect(await readFile(file, 'utf8')).toContain('In the new file')
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test.skipIf(process.platform === 'win32')(
    'is for its owner only, and so is the folder made for it',
    async () => {
      const umask = process.umask(0)
      onTestFinished(() => void process.umask(umask))
      const file = join(folder, 'made', 'msgtrk.log')
      const { log, close } = await createLog({ stderr: new Screen(), file })
      log.info('Names of senders may stand here')
      await close()
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o700)
    },
  )

  test('that cannot be opened is said once, and the rest goes on', async () => {
    const file = join(folder, 'msgtrk.log')
    await mkdir(file)
    const stderr = new Screen()
    const { log, close } = await createLog({ stderr, file })
    for (let i = 0; i < 1000; i++) log.info('Still here', { filler: 'x'.repeat(100) })
    await close()
    const messages = stderr.lines.map((line) => JSON.parse(line).message)
    expect(messages.filter((message) => message === 'Still here')).toHaveLength(1000)
    expect(messages.filter((message) => /log file cannot be written/.test(message))).toHaveLength(1)
  })

  test('in a folder that cannot be made is said once, and written as soon as it can be', async () => {
    const taken = join(folder, 'taken')
    await writeFile(taken, '')
    const stderr = new Screen()
    const open = await createLog({ stderr, file: join(taken, 'msgtrk.log') })
    const { log, close } = open
    expect(open.fileWrong).toBeNull()
    log.info('Still here')
    log.info('Still here')
    await vi.waitFor(() => expect(open.fileWrong?.reason).toMatch(/taken/))
    await rm(taken)
    log.info('Back')
    await vi.waitFor(() => expect(open.fileWrong).toBeNull())
    await close()
    const messages = stderr.lines.map((line) => JSON.parse(line).message)
    expect(messages.filter((message) => message !== 'Still here')).toEqual([
      expect.stringMatching(/log file cannot be written/),
      'Back',
      'The log file is written again',
    ])
    expect(await readFile(join(taken, 'msgtrk.log'), 'utf8')).toMatch(/^\{.*"Back".*\}\n$/)
  })

  // Writing to this device always fails with ENOSPC.
  test.runIf(process.platform === 'linux')('on a full disk is said once, and the rest goes on', async () => {
    const stderr = new Screen()
    const { log, close } = await createLog({ stderr, file: '/dev/full' })
    for (let i = 0; i < 1000; i++) log.info('Still here', { filler: 'x'.repeat(100) })
    await close()
    const messages = stderr.lines.map((line) => JSON.parse(line).message)
    expect(messages.filter((message) => message === 'Still here')).toHaveLength(1000)
    expect(messages.filter((message) => /log file cannot be written/.test(message))).toHaveLength(1)
  })
})

test('what comes after closing is dropped', async () => {
  const stderr = new Screen()
  const { log, close } = await createLog({ stderr, file: join(folder, 'msgtrk.log') })
  await close()
  log.info('Too late')
  await close()
  expect(stderr.text).toBe('')
})
