/** Mistakes in the command line, the configuration and the mapping tables. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { convertCommand } from '../../src/cli/commands/convert.ts'
import { demoCommand } from '../../src/cli/commands/demo.ts'
import { filterCommand } from '../../src/cli/commands/filter.ts'
import { mappingsCommand } from '../../src/cli/commands/mappings.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import { ended, output } from '../support/command.ts'
import { Workplace } from '../support/program.ts'
import { part } from '../support/runs.ts'

const commands = ['run', 'convert', 'filter', 'check', 'explain', 'receive', 'simulate', 'demo']

test.concurrent('--help says what a command takes', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const { code, stdout, stderr } = await place.run('run', '--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.toString()).toMatch(/^Usage: msgtrk run /)
})

test.concurrent('an option that does not exist is a mistake', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  for (const command of part(['run', 'convert'])) {
    const { code, stdout, stderr } = await place.run(command, '--no-such-option')
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: unknown option '--no-such-option'/)
  }
})

test.concurrent('what was typed can not command the terminal', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const hostile = '\x1b]0;x\x07\u202e\u009b'
  const typed = [[`ru${hostile}n`], ['run', `--from${hostile}`], ['convert', '--jobs', hostile]]
  for (const args of part(typed)) {
    const { code, stderr } = await place.run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain('\\u001b]0;x\\u0007\\u202e\\u009b')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
})

test.concurrent('an option that takes one value and is given two is a mistake', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const to = ['--to', 'tcp://127.0.0.1:1', '--to', 'tcp://127.0.0.1:2']
  const { code, stderr } = await place.run('run', '--from', 'EX01', ...to, '--once')
  expect(code).toBe(2)
  expect(stderr).toMatch(/^--to: is given twice\n {2}→ write a configuration file/)
})

test.concurrent('without a command, or with an unknown one, it says what there is', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const none = await place.run()
  expect(none.code).toBe(2)
  for (const command of commands) expect(none.stderr).toMatch(new RegExp(`^ +${command} `, 'm'))
  expect(await place.run('convrt')).toMatchObject({ code: 2, stderr: expect.stringContaining('convrt') })
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  expect((await place.run('--version')).stdout.toString()).toBe(`${version}\n`)
})

test.concurrent('all mistakes of a configuration come at once with their lines, and nothing is sent', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write(
    'msgtrk.yaml',
    `state: state
colour: red
sources:
  - { folder: EX01, startAt: yesterday }
destinations:
  - { name: siem, to: '${siem.url}' }
  - name: lab
    to: tcp//lab.example
`,
  )
  const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml')
  expect(code).toBe(2)
  const places = stderr.split('\n').filter((line) => line.startsWith('msgtrk.yaml:'))
  expect(places.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
    'msgtrk.yaml:2 colour',
    'msgtrk.yaml:4 sources.0.startAt',
    'msgtrk.yaml:8 destinations.1.to',
  ])
  expect(siem.frames).toEqual([])
})

test.concurrent('mistakes that only a run finds out come at once, from run as from check', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.fixture('../mappings/exchange-2013.v1.yaml', 'mine.yaml')
  const table = await readFile(place.path('mine.yaml'), 'utf8')
  const line = table.slice(0, table.indexOf('\nname: ') + 1).split('\n').length
  await place.write('mine.yaml', table.replace('\nname: ', '\nnam: '))
  await place.write(
    'msgtrk.yaml',
    `state: state
sources: [{ folder: EX01 }]
destinations:
  - { name: siem, to: '${siem.url}' }
  - name: lab
    to: tcp://127.0.0.1:5514
    mapping: exchang-2013
  - name: other
    to: tls://127.0.0.1:6514
    mapping: mine.yaml
    tls: { ca: missing.pem }
`,
  )
  const config = place.path('msgtrk.yaml')
  const { code, stderr } = await ended(runCommand, '--config', config)
  expect(code).toBe(2)
  expect(stderr).toMatch(/msgtrk\.yaml:7 destinations\.1\.mapping: .*\n {2}→ did you mean exchange-2013\?$/m)
  expect(stderr).toContain(`${place.path('mine.yaml')}:${line} nam: `)
  expect(stderr).toMatch(/msgtrk\.yaml:11 destinations\.2\.tls\.ca: .*missing\.pem/m)
  expect(siem.frames).toEqual([])
  const check = await ended(checkCommand, '--config', config)
  expect(check).toMatchObject({ code: 2, stderr })
})

test.concurrent('what is missing or does not go together on the command line of run', async () => {
  const cases: readonly (readonly [args: readonly string[], where: readonly string[]])[] = [
    [[], ['--from', '--to']],
    [['--from', 'EX01'], ['--to']],
    [
      ['--config', 'msgtrk.yaml', '--from', 'EX01', '--state', 'x'],
      ['--from', '--state'],
    ],
    [
      ['--from', 'EX01', '--to', 'http://siem.example', '--events', 'a b'],
      ['--to', '--events'],
    ],
    [['--config', 'no-such-file.yaml'], ['no-such-file.yaml']],
  ]
  for (const [args, where] of cases) {
    const { code, stderr } = await ended(runCommand, ...args)
    expect(code).toBe(2)
    const told = stderr.split('\n').filter((line) => line !== '' && !line.startsWith(' '))
    expect(told.map((line) => line.slice(0, line.indexOf(': ')))).toEqual(where)
  }
})

test.concurrent('the demo ends by itself with every row delivered', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const { code, stdout } = await place.run('demo', '--seconds', '3')
  expect(stdout.toString()).toMatch(
    /\n\d+ rows written, (\d+) events received, 0 not correct: all arrived\.\n$/,
  )
  expect(code).toBe(0)
  await expect(output(demoCommand, ['--seconds', 'long'])).rejects.toThrow('Give a number of seconds')
})

test.concurrent('what ends a run stands in the log file, too', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  await place.write('state/siem/positions.json', 'damaged')
  await place.write(
    'msgtrk.yaml',
    `state: state
log: { file: msgtrk.log }
sources: [{ folder: EX01 }]
destinations: [{ name: siem, to: 'tcp://127.0.0.1:1' }]
`,
  )
  const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml')
  expect(code).toBe(3)
  const logged = JSON.parse((await readFile(place.path('msgtrk.log'), 'utf8')).trim())
  expect(logged).toMatchObject({ level: 'error', where: expect.stringContaining('positions.json') })
  expect(stderr).toContain(logged.remedy)
})

test.concurrent('mistakes of tables and of options are told with inputs that are not there', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const categories = await place.write('categories.csv', 'wrong\n')
  const all = [
    [
      convertCommand,
      ['--mapping', 'no-such', '--categories', categories, 'none.LOG'],
      /categories\.csv.*no-such.*none\.LOG/s,
    ],
    [filterCommand, ['none.LOG'], /says nothing to filter by.*none\.LOG/s],
    [mappingsCommand, ['test', 'no-such', '--with', 'none.LOG'], /no-such.*none\.LOG/s],
    [mappingsCommand, ['diff', 'no-such', 'nor-this'], /no-such.*nor-this/s],
  ] as const
  for (const [command, args, told] of all) {
    const { code, stderr } = await ended(command, ...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(told)
  }
})
