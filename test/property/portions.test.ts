/** Files converted in portions on several threads, held against the same read one after the other: the same, whatever is in them. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Input } from '../../src/cli/inputs/find-inputs.ts'
import { asWritten, textOf } from '../../src/cli/inputs/texts.ts'
import { inPortions } from '../../src/cli/portions/in-portions.ts'
import { formatProblem, type Problem, ProblemsError } from '../../src/mistakes/problem.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { createEventTransform, type EventOptions } from '../../src/transform/event-transform.ts'
import { runs } from '../support/runs.ts'

const options: EventOptions = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0', host: undefined },
  framing: 'lf',
  maxMessageBytes: 65_536,
}
const never = new AbortController().signal
const sizes = { partBytes: 700, lookedAtBytes: 300 }

const header = (columns: readonly string[], version = '15.01.2507.006') =>
  `#Software: Microsoft Exchange Server\r\n#Version: ${version}\r\n#Log-type: Message Tracking Log\r\n#Fields: ${columns.join(',')}\r\n`
const whole = knownColumns['2016']
const others = knownColumns['2010']

const row = fc
  .record({ columns: fc.constantFrom(whole.length, others.length, 3), id: fc.nat(9), text: fc.nat(40) })
  .map(({ columns, id, text }) => {
    const values = Array.from({ length: columns }, (_, index) =>
      index === 0 ? `2026-11-20T14:00:0${id}.000Z` : index < 9 ? `${'x'.repeat(text)}${id}` : '',
    )
    return `${values.join(',')}\r\n`
  })
const usualRow = fc.nat(99).map((id) => {
  const values = whole.map((name) => (name === 'event-id' ? 'SEND' : name === 'message-id' ? `<${id}>` : ''))
  return `2026-11-20T14:00:00.000Z${values.join(',')}\r\n`
})
const odd = fc.constantFrom(
  header(whole),
  header(others, '14.03.0123.004'),
  `\uFEFF${header(whole)}`,
  '#Fields: date-time,client-ip\r\n',
  '#Date: 2026-11-20T15:00:00.000Z\r\n',
  '# nothing\r\n#Version: 8.0\r\n',
  '#Log-type: Other Log\r\n',
  '\r\n',
  '\n',
  '\uFEFF2026-11-20T14:00:00.000Z,1\n',
  '"a\r\n',
  `${'y'.repeat(1500)}\r\n`,
  '\0\0\0\n',
)
const line = fc.oneof(
  { weight: 30, arbitrary: usualRow },
  { weight: 4, arbitrary: row },
  { weight: 1, arbitrary: odd },
)
const log = fc.record({
  start: fc.constantFrom(header(whole), header(whole), header(others), `\uFEFF${header(whole)}`, ''),
  lines: fc.array(line, { minLength: 10, maxLength: 120, size: 'max' }),
  end: fc.constantFrom('', '', '2026-11-20T14:00:00.000Z,unfinished', '#Fields: date-t'),
  isPacked: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
})

interface Told {
  text: string
  events: number
  filtered: number
  letters: string[]
  problems: string
}

const nothing = (): Told => ({ text: '', events: 0, filtered: 0, letters: [], problems: 'not read' })
const asText = (problems: readonly Problem[]) => problems.map(formatProblem).join('\n')

/** What comes of each file on this thread. */
async function inTurn(inputs: readonly Input[]): Promise<ReadonlyMap<string, Told>> {
  const all = new Map<string, Told>()
  const transform = createEventTransform(options)
  for (const input of inputs) {
    const told = nothing()
    all.set(input.path, told)
    try {
      for await (const chunk of textOf(input.path, never).chunks()) {
        for (const { frames, counts, malformed } of transform(chunk)) {
          told.text += frames.toString('latin1')
          told.events += counts.events
          told.filtered += counts.filtered
          told.letters.push(...malformed.map(({ offset, reason }) => `${offset} ${reason}`))
        }
      }
      told.problems = ''
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      told.problems = asText(error.problems)
    }
  }
  return all
}

async function portioned(inputs: readonly Input[]) {
  const all = new Map(inputs.map((input) => [input.path, nothing()]))
  const order: string[] = []
  const pass = {
    readTo() {},
    ended(input: Input, problems: readonly Problem[]) {
      order.push(input.path)
      ;(all.get(input.path) as Told).problems = asText(problems)
    },
  }
  const work = { options, exports: asWritten }
  for await (const { path, made } of inPortions({ inputs, work, threads: 2, stop: never, pass, sizes })) {
    expect(order).not.toContain(path)
    const told = all.get(path) as Told
    told.text += Buffer.from(made.frames).toString('latin1')
    told.events += made.events
    told.filtered += made.filtered
    told.letters.push(...made.malformed.map(({ offset, reason }) => `${offset} ${reason}`))
  }
  expect(order).toEqual(inputs.map(({ path }) => path))
  return all
}

test('portions give what the files give one after the other', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-portions-'))
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(log, { minLength: 12, maxLength: 12 }), async (logs) => {
        const inputs: Input[] = []
        for (const [index, { start, lines, end, isPacked }] of logs.entries()) {
          const bytes = Buffer.from(start + lines.join('') + end)
          const file = path.join(folder, `${index}.LOG`)
          await writeFile(file, isPacked ? gzipSync(bytes) : bytes)
          inputs.push({ path: file, size: (await stat(file)).size })
        }
        inputs.push({ path: path.join(folder, 'gone.LOG'), size: 5000 })
        const expected = await inTurn(inputs.slice(0, -1))
        const made = await portioned(inputs)
        expect(made.get(path.join(folder, 'gone.LOG'))?.problems).toMatch(/gone\.LOG: not found/)
        for (const [name, told] of expected) expect(made.get(name)).toEqual(told)
      }),
      { numRuns: runs(60) },
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a stop ends it, and the threads', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-portions-'))
  try {
    const file = path.join(folder, '0.LOG')
    const rows = `2026-11-20T14:00:00.000Z${','.repeat(whole.length - 1)}\r\n`.repeat(1000)
    await writeFile(file, header(whole) + rows)
    const inputs = [{ path: file, size: (await stat(file)).size }]
    const stop = new AbortController()
    const ended: Input[] = []
    const pass = { readTo() {}, ended: (input: Input) => void ended.push(input) }
    const work = { options, exports: asWritten }
    let events = 0
    for await (const { made } of inPortions({ inputs, work, threads: 2, stop: stop.signal, pass, sizes })) {
      events += made.events
      stop.abort()
    }
    expect(events).toBeGreaterThan(0)
    expect(events).toBeLessThan(1000)
    expect(ended).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
