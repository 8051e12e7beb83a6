import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mappingsCommand } from '../../../../src/cli/commands/mappings.ts'
import { ExitCode, type Problem, ProblemsError } from '../../../../src/mistakes/problem.ts'
import { told } from '../../../support/told.ts'

const root = path.resolve(import.meta.dirname, '../../../..')
const fixture = (name: string) => path.join(root, 'fixtures', `${name}.log`)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-mappings-'))
})
afterEach(async () => {
  process.exitCode = ExitCode.ok
  await rm(folder, { recursive: true })
})

interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly code: unknown
}

async function mappings(...args: string[]): Promise<Ran> {
  const printed = { stdout: '', stderr: '' }
  const to = (name: 'stdout' | 'stderr') => ({
    write(text: string | Uint8Array) {
      printed[name] += text
      return true
    },
  })
  process.exitCode = ExitCode.ok
  const command = mappingsCommand({
    stop: new AbortController().signal,
    stdout: to('stdout'),
    stderr: to('stderr'),
  })
  await command.parseAsync(args, { from: 'user' })
  return { ...printed, code: process.exitCode }
}

async function problemsOf(...args: string[]): Promise<readonly Problem[]> {
  const error = await mappings(...args).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  expect(error.exitCode).toBe(ExitCode.mistake)
  return error.problems
}

/** A table of one's own: exchange-2013.v1, changed. */
async function ownTable(change: (text: string) => string, name = 'own.yaml'): Promise<string> {
  const text = await readFile(path.join(root, 'mappings/exchange-2013.v1.yaml'), 'utf8')
  const file = path.join(folder, name)
  await writeFile(file, change(text.replace('name: exchange-2013', 'name: own')))
  return file
}

/** The cells of the line that begins with this key. */
function cellsOf(output: string, key: string): readonly string[] {
  const line = output.split('\n').find((line) => line.startsWith(`${key} `)) ?? ''
  return line.split(/ {2,}/)
}

describe('list', () => {
  test('shows each table with its version, and the logs it is for', async () => {
    const { stdout } = await mappings('list')
    expect(cellsOf(stdout, 'exchange-2013.v1').slice(1, 3)).toEqual(['1.0.0', 'logs with network-message-id'])
    expect(cellsOf(stdout, 'exchange-2007.v1')[2]).toBe('logs without network-message-id')
  })
})

describe('show', () => {
  test('has a line for each key: converter, condition, label, limit, columns', async () => {
    const { stdout } = await mappings('show', 'exchange-2013')
    expect(stdout).toMatch(/^exchange-2013\.v1\nversion {2,}1\.0\.0\n/)
    expect(cellsOf(stdout, 'cs1')).toEqual([
      'cs1',
      'text',
      'Internal Message ID',
      '4000 bytes',
      'internal-message-id',
    ])
    expect(cellsOf(stdout, 'in')).toEqual([
      'in',
      'integer, a larger one in total-bytes',
      'where event-id is RECEIVE',
      '2147483647; CEF:1 64-bit',
      'total-bytes',
    ])
    expect(cellsOf(stdout, 'out')).toContain('where event-id is not RECEIVE')
    expect(cellsOf(stdout, 'severity 7')).toEqual(['severity 7', 'BADMAIL SUPPRESSED'])
    expect(stdout).toMatch(/^\(additional\) custom-data +text /m)
  })

  test('an unknown name is told with what was meant', async () => {
    expect(await problemsOf('show', 'exchange-2031')).toMatchObject([
      { remedy: 'did you mean exchange-2013?' },
    ])
  })

  test('nothing in a table commands the terminal', async () => {
    const file = await ownTable((text) => text.replace('label: Message ID', 'label: "Message\\u202eID"'))
    const { stdout } = await mappings('show', file)
    expect(stdout).not.toContain('\u202e')
  })
})

describe('diff', () => {
  test('tells rows that only one has, and those that differ', async () => {
    const file = await ownTable((text) =>
      text
        .replace('{ key: cat, from: source }', '{ key: reason, from: source }')
        .replace('{ key: msg, from: message-subject }', '{ key: msg, from: message-id }')
        .replace('  - tenant-id\n', ''),
    )
    const { stdout } = await mappings('diff', 'exchange-2013', file)
    expect(stdout.replaceAll(/ {2,}/g, '  ')).toBe(
      [
        'exchange-2013.v1 → own.v1',
        '',
        '~  msg  message-subject; text',
        '  → message-id; text',
        '-  cat  source; text',
        '-  (additional) tenant-id  tenant-id; text',
        '+  reason  source; text',
        '',
      ].join('\n'),
    )
  })

  test('says when there is none', async () => {
    const { stdout } = await mappings('diff', 'exchange-2013', 'exchange-2013.v1')
    expect(stdout).toBe('exchange-2013.v1 → exchange-2013.v1: no difference\n')
  })
})

describe('check', () => {
  test('a table in order is named', async () => {
    const file = await ownTable((text) => text)
    expect(await mappings('check', file)).toMatchObject({ stdout: `${file} is in order: own.v1\n`, code: 0 })
  })

  test('all mistakes of all tables are told at once, with their lines', async () => {
    const one = await ownTable(
      (text) => text.replace('key: msg,', 'key: mgs,').replace('as: epoch-millis', 'as: integer'),
      'one.yaml',
    )
    const two = await ownTable((text) => text.replace('version: 1.0.0', 'version: one'), 'two.yaml')
    const problems = await problemsOf('check', one, two)
    expect(problems).toHaveLength(3)
    expect(
      told(problems).map(({ where }) => where.replace(`${folder}${path.sep}`, '').split(':')[0]),
    ).toEqual(['one.yaml', 'one.yaml', 'two.yaml'])
    expect(problems).toContainEqual(expect.objectContaining({ remedy: 'did you mean msg?' }))
  })

  test('keys that this version of CEF lacks are mistakes', async () => {
    const file = await ownTable((text) =>
      text.replace('key: suser, from: sender-address', 'key: parserVersion, from: sender-address'),
    )
    const [problem] = await problemsOf('check', file)
    expect(problem?.message).toMatch(/new in CEF|unknown CEF key/)
  })
})

describe('test', () => {
  test('counts what becomes of the values of each key, and shows the first', async () => {
    const { stdout, code } = await mappings('test', 'exchange-2013', '--with', fixture('exchange-2016'))
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^exchange-2013\.v1: records 5, malformed 0, written \d+, cut 0, clamped 0, invalid 0\n/,
    )
    expect(stdout).toMatch(/^key +written +cut +clamped +invalid +excluded +empty +first examples$/m)
    expect(stdout).toMatch(/^in +1 +3 +1 +20480$/m)
    expect(stdout).toMatch(/^cs2 +4 +1 +<a1@partner\.example> \| <b2@contoso\.example>$/m)
    expect(stdout).toMatch(/^Never written: cs3, c6a1,/m)
  })

  test('takes logs of several layouts, and says what was cut, clamped or invalid', async () => {
    const { stdout, code } = await mappings(
      'test',
      'auto',
      '--with',
      fixture('value-limits'),
      fixture('value-integers'),
      fixture('exchange-2007'),
    )
    expect(code).toBe(ExitCode.failed)
    expect(stdout).toMatch(/^exchange-2013\.v1, exchange-2007\.v1: records \d+/)
    const [, cut, clamped, invalid] = /cut (\d+), clamped (\d+), invalid (\d+)/.exec(stdout) ?? []
    expect([cut, clamped, invalid].map(Number).every((count) => count > 0)).toBe(true)
  })

  test('a log that can not be read, or holds no record, is a failure', async () => {
    await writeFile(path.join(folder, 'empty.log'), '')
    const { code, stdout } = await mappings('test', 'exchange-2013', '--with', path.join(folder, 'empty.log'))
    expect(code).toBe(ExitCode.failed)
    expect(stdout).toContain('records 0')
    await expect(mappings('test', 'exchange-2013', '--with', path.join(folder, 'no.log'))).rejects.toThrow(
      'not found',
    )
  })

  test('values are shortened, and can not command the terminal', async () => {
    const { stdout } = await mappings('test', 'exchange-2013', '--with', fixture('value-control-characters'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
  })
})
