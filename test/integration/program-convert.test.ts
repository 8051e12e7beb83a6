import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { convertCommand } from '../../src/cli/commands/convert.ts'
import { filterCommand } from '../../src/cli/commands/filter.ts'
import { ended } from '../support/command.ts'
import { figure, Workplace } from '../support/program.ts'
import { part } from '../support/runs.ts'

test.concurrent('files, a folder and standard input give the same events, and a summary', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const older = await place.fixture('exchange-2013.log', 'EX01/MSGTRK2026112014-2.LOG')
  const newer = await place.fixture('event-ids.log', 'EX01/MSGTRK2026112014-10.LOG')
  await place.fixture('exchange-2010.log', 'EX01/other.log')
  const folder = await place.run('convert', 'EX01')
  expect(folder.code).toBe(0)
  const events = folder.stdout.toString().trimEnd().split('\n')
  expect(figure(folder.stderr, 'files')).toBe(2)
  expect(figure(folder.stderr, 'events')).toBe(events.length)
  expect(figure(folder.stderr, 'records')).toBe(events.length)
  expect(figure(folder.stderr, 'filtered')).toBe(0)
  expect(figure(folder.stderr, 'malformed')).toBe(0)
  expect(figure(folder.stderr, 'seconds')).toBeGreaterThanOrEqual(0)
  expect(folder.stderr.trimEnd().split('\n')).toHaveLength(1)

  const input = Buffer.concat([older, newer])
  const ways = [
    () => place.run('convert', 'EX01/MSGTRK2026112014-2.LOG', 'EX01/MSGTRK2026112014-10.LOG'),
    () => place.runOn(input, 'convert', '-'),
    () => place.runOn(input, 'convert'),
  ]
  for (const convert of part(ways)) expect((await convert()).stdout).toEqual(folder.stdout)

  const written = await place.run('convert', 'EX01', '--output', 'out.cef')
  expect(written).toMatchObject({ code: 0, stdout: Buffer.alloc(0) })
  expect(await readFile(place.path('out.cef'))).toEqual(folder.stdout)
})

test.concurrent('it never writes over a log that it is to read', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const bytes = await place.fixture('exchange-2016.log', 'EX01/MSGTRK2026112014-1.LOG')
  const args = [place.path('EX01'), '-o', `${place.path('EX01')}/../EX01/MSGTRK2026112014-1.LOG`]
  expect(await ended(convertCommand, ...args)).toMatchObject({ code: 2 })
  expect(await ended(filterCommand, '--events', 'SEND', ...args)).toMatchObject({ code: 2 })
  expect(await readFile(place.path('EX01', 'MSGTRK2026112014-1.LOG'))).toEqual(bytes)
  const nowhere = place.path('no/such/folder')
  expect(await ended(convertCommand, place.path('EX01'), '-o', nowhere)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no/such/folder: can't be written"),
  })
})

test.concurrent('it ends quietly when the reader of its output has seen enough', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  await place.simulate('EX01', 5000)
  const program = place.start('convert', 'EX01')
  await program.until('the first event', () => program.stdout.includes('\n'))
  program.child.stdout?.destroy()
  const { code, signal, stderr } = await program.ended
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
})

test.concurrent('it goes on when nobody reads its messages', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.fixture('file-malformed-lines.log')
  const program = place.startWithInput('convert', '-', 'file-malformed-lines.log', '-o', 'out.cef')
  program.child.stderr?.destroy()
  program.child.stdin?.end(await place.fixture('file-malformed-lines.log'))
  expect(await program.ended).toMatchObject({ code: 0, signal: null })
  expect((await readFile(place.path('out.cef'), 'utf8')).trimEnd().split('\n')).toHaveLength(6)
})

test.concurrent.for(
  part([
    { args: ['convert', '-'] },
    { args: ['filter', '--events', 'SEND', '-'] },
    { args: ['explain', '-'] },
  ]),
)('a signal ends the wait of $args.0 for standard input', async ({ args }, { onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const bytes = await place.fixture('exchange-2016.log')
  const program = place.startWithInput(...args)
  // More than a pipe holds: once it is gone, the program is at work.
  const much = Buffer.concat(new Array<Buffer>(400).fill(bytes))
  await new Promise<unknown>((taken) => program.child.stdin?.write(much, taken))
  expect(await program.stop('SIGINT')).toMatchObject({ code: 4, signal: null })
})
