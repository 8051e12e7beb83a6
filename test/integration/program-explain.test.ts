/** `msgtrk explain`, in this process but where standard streams matter. */
import { expect, test } from 'vitest'
import { explainCommand } from '../../src/cli/commands/explain.ts'
import { ended } from '../support/command.ts'
import { Workplace } from '../support/program.ts'

/** The cells of the table's line for a column, and of those below it that belong to it. */
function cellsOf({ stdout }: { readonly stdout: string }, column: string): readonly (readonly string[])[] {
  const lines = stdout.split('\n')
  const first = lines.findIndex((line) => line.startsWith(`${column} `))
  const after = lines.slice(first + 1).findIndex((line) => !line.startsWith('  '))
  return lines.slice(first, first + 1 + after).map((line) => line.trim().split(/ {2,}/))
}

test.concurrent('it shows what becomes of each column, and the event', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const log = await place.fixture('exchange-2016.log')
  const first = await ended(explainCommand, place.path('exchange-2016.log'))
  expect(first.code).toBe(0)
  expect(first.stderr).toBe('')
  expect(cellsOf(first, 'event-id')[0]).toEqual(['event-id', 'RECEIVE', 'header: event class id', 'RECEIVE'])
  expect(cellsOf(first, 'client-hostname')).toEqual([
    ['client-hostname', 'mail.partner.example', 'dhost', 'mail.partner.example'],
  ])
  expect(cellsOf(first, 'log-id')[0]?.at(-1)).toBe('not in the mapping table')
  expect(cellsOf(first, 'total-bytes')[1]).toEqual(['out', 'left out: only where event-id is not RECEIVE'])
  const events = (await place.run('convert', 'exchange-2016.log')).stdout.toString().trimEnd().split('\n')
  expect(first.stdout.trimEnd().split('\n').at(-1)).toBe(events[0])

  expect((await place.runOn(log, 'explain', '-')).stdout.toString()).toBe(first.stdout)
  for (const index of [0, events.length - 1]) {
    const { stdout } = await ended(explainCommand, place.path(`exchange-2016.log:${index + 6}`))
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(events[index])
  }
})

test.concurrent('it says what a line is that holds no record', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('file-malformed-lines.log')
  await place.fixture('file-only-header.log')
  const cases = {
    'file-malformed-lines.log:5': 'header line',
    'file-malformed-lines.log:7': 'malformed line: 3 columns, the header names 30',
    'file-malformed-lines.log:10': 'empty',
    'file-malformed-lines.log:0': 'lines are counted from 1',
    'file-malformed-lines.log:13': 'there are only 12 lines',
    'file-only-header.log': 'no record in this log',
    'no-such.log:3': 'not found',
  }
  for (const [argument, message] of Object.entries(cases)) {
    const { code, stdout, stderr } = await ended(explainCommand, place.path(argument))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.startsWith(place.path(argument.replace(/:.*/, '')))).toBe(true)
  }
  // A mistake elsewhere in the log does not keep it from the first record.
  const { code, stdout } = await ended(explainCommand, place.path('file-malformed-lines.log'))
  expect(code).toBe(0)
  expect(stdout).toContain('case 1')
})

test.concurrent('it finds any line of a large log, and one that is too large', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const bytes = (await place.fixture('exchange-2016.log')).toString()
  const [last = ''] = /[^\n]*\n$/.exec(bytes) ?? []
  const tooLong = last.replace('Email', 'x'.repeat(5 * 1024 * 1024))
  const many = 2000
  await place.write('large.log', bytes + last.repeat(many) + tooLong + last)
  const expected = (await ended(explainCommand, place.path('exchange-2016.log:10'))).stdout
  for (const line of [10 + many, 12 + many]) {
    const found = await ended(explainCommand, place.path(`large.log:${line}`))
    expect(found).toMatchObject({ code: 0, stdout: expected })
  }
  const { code, stderr } = await ended(explainCommand, place.path(`large.log:${11 + many}`))
  expect(code).toBe(1)
  expect(stderr).toMatch(/malformed line: line longer than \d+ bytes/)
})

test.concurrent('a record right after a byte order mark, or without a line end, is one too', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const log = (await place.fixture('file-no-header-2016.log')).toString().trimEnd()
  await place.write('log:1', `\ufeff${log}`)
  const lines = log.split('\n').length
  const first = await ended(explainCommand, place.path('log:1:1'))
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect((await ended(explainCommand, place.path(`log:1:${lines}`))).code).toBe(0)
})

test.concurrent('nothing in a log can command the terminal', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const log = (await place.fixture('value-control-characters.log')).toString()
  const [row = ''] = /^2026.*$/m.exec(log) ?? []
  const nasty = row.replace('bob@', '\u001b]0;title\u0007\u009b2J\u202ebob\t@')
  await place.write('nasty.log', log + nasty)
  const lines = log.split('\n').length
  for (const line of [6, 7, 9, lines]) {
    const { stdout, stderr } = await ended(explainCommand, place.path(`nasty.log:${line}`))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
  const { stderr } = await place.run('explain', 'no\u001b[2Jsuch.log')
  expect(stderr).not.toContain('\u001b')
})
