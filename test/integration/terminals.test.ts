/** Every command as a person sees it: on a terminal of 80 columns, on one of 200, and through a pipe. */
import { readdir } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { Workplace } from '../support/program.ts'
import { part } from '../support/runs.ts'
import { hasTerminals, OnTerminal } from '../support/terminal.ts'

const log = 'EX01/MSGTRK2026112014-1.LOG'

/** A command line and its exit code; `new` stands for the name of a file or folder that is not there yet. */
const commands: readonly (readonly [line: string, code: number])[] = [
  ['init --yes --from EX01 --to udp://127.0.0.1:5514 --config new', 0],
  ['run --from nowhere --to tls://127.0.0.1:70000 --ca nothing.pem', 2],
  ['run --once --from nowhere --to udp://127.0.0.1:5514 --state new', 1],
  [`convert ${log} -o new`, 0],
  ['convert nowhere', 1],
  [`filter --events SEND,RECIEVE ${log} -o new`, 0],
  ['status --state nobody', 7],
  ['reload --state nobody', 7],
  ['tap --state nobody', 7],
  ['pause siem --state nobody', 7],
  ['resume siem --state nobody', 7],
  ['log-level debug --state nobody', 7],
  ['state show --config msgtrk.yaml', 0],
  ['state show --state nobody', 2],
  ['state set --config msgtrk.yaml', 2],
  ['state reset --config msgtrk.yaml --destination simm', 2],
  ['check msgtrk.yaml', 0],
  ['check msgtrk.yaml --print', 0],
  ['check msgtrk.yaml --live', 5],
  ['check wrong.yaml', 2],
  ['trust 127.0.0.1:1', 1],
  [`explain ${log}:8`, 0],
  [`explain --config msgtrk.yaml ${log}:8`, 0],
  ['diagnose --config msgtrk.yaml -o new', 0],
  ['trace <nothing@example.com> --from EX01', 1],
  ['mappings list', 0],
  ['mappings show exchange-modern', 0],
  ['mappings diff exchange-2013 exchange-modern', 0],
  ['mappings check wrong.yaml', 2],
  [`mappings test exchange-2013 --with ${log}`, 0],
  ['presets list', 0],
  ['presets show splunk', 0],
  ['presets show qradar', 0],
  ['presets keys fluentd', 0],
  ['decrypt --key-file nothing x', 2],
  ['receive --listen tcp://127.0.0.1', 2],
  ['service install --config msgtrk.yaml --print', 2],
  ['sentinel', 2],
  ['sentinel template', 0],
  ['simulate --into new --events 10', 0],
  ['demo --seconds 1', 0],
  ['comvert', 2],
]
const names = (await readdir('src/cli/commands')).map((name) => name.replace('.ts', ''))
const helps = ['', 'resume', 'state show', 'mappings test', 'presets show', ...names]

async function workplace(): Promise<Workplace> {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('EX01', 100)
  const sources = '- { name: EX01, folder: EX01 }'
  await place.write(
    'msgtrk.yaml',
    `state: state\nsources:\n  ${sources}\ndestinations:\n  - { name: siem, to: 'udp://127.0.0.1:5514', events: [SEND, RECIEVE] }\n`,
  )
  await place.write('wrong.yaml', `sources:\n  ${sources}\n - { folder: "C:\\Program Files\\Microsoft" }\n`)
  return place
}

/** What is wider than the terminal, though it could have been broken between words. */
function tooWide(text: string, columns: number): readonly string[] {
  return text.split(/\r?\n/).filter((line) => {
    const shown = line.slice(line.lastIndexOf('\r') + 1)
    const longest = Math.max(...shown.split(' ').map((word) => word.length))
    // To be copied: commands, what stands in quotes, events; of the own log a line is a line.
    const isWhole =
      /msgtrk |main\.js |^ +--|["']|CEF:\d|^\d{4}-\d\d-\d\d /.test(shown) || longest > columns / 2
    return shown.length > columns && !isWhole
  })
}

let number = 0
const argsOf = (line: string) => line.split(' ').map((word) => (word === 'new' ? `new-${++number}` : word))

/** What is wrong with what a command shows on a terminal of this width. */
async function onTerminal(place: Workplace, line: string, code: number, columns: number): Promise<string[]> {
  const terminal = new OnTerminal(place, columns, ...argsOf(line))
  const ended = await terminal.ended
  return [
    ...(ended.code === code ? [] : [`${line}: at ${columns} it ended with ${ended.code}\n${terminal.text}`]),
    ...tooWide(terminal.text, columns).map((wide) => `${line}: wider than ${columns}: ${wide}`),
  ]
}

/** What is wrong with what it writes into a pipe. */
async function throughPipe(place: Workplace, line: string, code: number): Promise<string[]> {
  const piped = await place.run(...argsOf(line))
  const text = `${piped.stdout}${piped.stderr}`
  const isPlain = text === stripVTControlCharacters(text) && !text.includes('\r')
  return [
    ...(piped.code === code ? [] : [`${line}: through a pipe it ended with ${piped.code}\n${text}`]),
    ...(isPlain ? [] : [`${line}: no plain text in a pipe`]),
    ...(/^ +at .*:\d+/m.test(text) ? [`${line}: a stack trace`] : []),
  ]
}

test.skipIf(!hasTerminals)(
  'each command keeps to the width of its terminal, and writes plain text into a pipe',
  async () => {
    const place = await workplace()
    const found: string[] = []
    for (const [line, code] of part(commands)) {
      const ways = [
        () => throughPipe(place, line, code),
        () => onTerminal(place, line, code, 80),
        () => onTerminal(place, line, code, 200),
      ]
      found.push(...(await Promise.all(part(ways).map((see) => see()))).flat())
    }
    expect(found).toEqual([])
  },
)

test.skipIf(!hasTerminals)('so does the help of each', async () => {
  const place = await workplace()
  const found: string[] = []
  for (const name of part(helps)) found.push(...(await onTerminal(place, `${name} --help`.trim(), 0, 80)))
  expect(found).toEqual([])
})

test.skipIf(!hasTerminals)('status --watch ends at q, with the exit code of what it showed', async () => {
  const place = await workplace()
  const running = place.start('run', '--config', 'msgtrk.yaml')
  await running.logged('Started')
  const terminal = new OnTerminal(place, 100, 'status', '--config', 'msgtrk.yaml', '--watch')
  await terminal.sees('q ends it')
  // It is drawn again.
  await terminal.sees('q ends it')
  terminal.press('q')
  const { code } = await terminal.ended
  const { code: once } = await place.run('status', '--config', 'msgtrk.yaml')
  expect(code).toBe(once)
  running.child.kill('SIGINT')
  await running.ended
})

test('no command is left out', () => {
  expect(names.filter((name) => commands.every(([line]) => line.split(' ')[0] !== name))).toEqual([])
})
