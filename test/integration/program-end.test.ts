/** The end of the program, also with a system call under way that does not return. */
import { execFile } from 'node:child_process'
import { open, readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, type TestContext, test } from 'vitest'
import type { ExitCode } from '../../src/mistakes/problem.ts'
import { type Ended, type Program, Workplace } from '../support/program.ts'

const unfinished: ExitCode = 4

/** A program that hangs in reading a pipe whose writer says nothing. */
async function hanging(
  onTestFinished: TestContext['onTestFinished'],
  ...args: readonly string[]
): Promise<Program> {
  const place = await Workplace.open(onTestFinished)
  const pipe = place.path('pipe.yaml')
  await promisify(execFile)('mkfifo', [pipe])
  const program = place.start(...args, pipe)
  // Opened for writing as soon as the program has opened it for reading.
  const writer = await open(pipe, 'w')
  onTestFinished(() => writer.close())
  return program
}

/** With the code that says so, or by the signal, where Node.js can't give a code any more. */
function expectUnfinished({ code, signal }: Ended): void {
  expect(signal ?? code).toBe(signal === null ? unfinished : 'SIGTERM')
}

describe.skipIf(process.platform === 'win32').concurrent('a program with a call that hangs', () => {
  test('ends at the second signal', async ({ onTestFinished }) => {
    const program = await hanging(onTestFinished, 'check', '--config')
    let hasEnded = false
    void program.ended.then(() => {
      hasEnded = true
    })
    // Two signals in one turn of its event loop are one to it.
    const again = setInterval(() => hasEnded || program.child.kill('SIGTERM'), 100)
    onTestFinished(() => clearInterval(again))
    expectUnfinished(await program.ended)
  })

  test('ends at the first one as well, once a graceful stop had its time', async ({ onTestFinished }) => {
    const program = await hanging(onTestFinished, 'check', '--config')
    expectUnfinished(await program.stop('SIGTERM'))
    expect(program.stderr).toContain('has not returned')
  })
})

describe.skipIf(process.platform === 'win32').concurrent('a signal', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('%s stops gracefully', async (signal, { onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const collector = await place.collect()
    await place.fixture('exchange-2019.log', 'logs/MSGTRK2026112014-1.LOG')
    const program = place.start('run', '--from', 'logs', '--to', collector.url)
    await program.logged('Started')
    expect((await program.stop(signal)).code).toBe(0)
    await program.logged('Stopped')
  })
})

test
  .runIf(process.platform === 'linux')
  .concurrent('run has threads enough for dozens of folders that hang', async ({ onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const collector = await place.collect()
    await place.fixture('exchange-2019.log', 'logs/MSGTRK2026112014-1.LOG')
    const program = place.start('run', '--from', 'logs', '--to', collector.url)
    await program.logged('Started')
    expect((await readdir(`/proc/${program.pid}/task`)).length).toBeGreaterThan(64)
  })
