/** Events into a pipe that the test reads, as standard output is one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTarget } from '../../../../src/destinations/kinds.ts'
import { placeWrittenBy } from '../../../../src/destinations/options.ts'
import { createStdout } from '../../../../src/destinations/stdout/stdout.ts'
import { Mistaken } from '../../../../src/mistakes/words.ts'
import { batch, MemoryLog } from '../../deliver/doubles.ts'

const options = { name: 'stdout', to: 'stdout:' }

test.each(['stdout:', 'stdout://', 'STDOUT:'])('%s is standard output, for one destination', (to) => {
  expect(readTarget(to)).toMatchObject({ kind: { protocol: 'stdout' } })
  expect(placeWrittenBy(to)).toBe('standard output')
})

test('is no file, and no host', () => {
  expect(readTarget('stdout://siem')).toBeInstanceOf(Mistaken)
  expect(readTarget('siem.example:514')).toMatchObject({ message: expect.stringContaining('is no address') })
})

test('takes batches in their order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'msgtrk-stdout-'))
  const descriptor = openSync(join(folder, 'out'), 'w')
  const destination = createStdout(options, new MemoryLog(), undefined, descriptor)
  for (const text of ['one\n', 'two\n']) {
    const sent = { ...batch(1), frames: Buffer.from(text), ends: Uint32Array.of(text.length) }
    expect(await (await destination.send(sent)).outcome).toEqual({ status: 'delivered' })
  }
  await destination.close()
  closeSync(descriptor)
  expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('one\ntwo\n')
  rmSync(folder, { recursive: true })
})

test('whose reader has ended is unavailable, and says so once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'msgtrk-stdout-'))
  const pipe = join(folder, 'pipe')
  await once(spawn('mkfifo', [pipe]), 'exit')
  const reader = spawn('head', ['-c', '1', pipe])
  const descriptor = openSync(pipe, 'w')
  const log = new MemoryLog()
  const destination = createStdout(options, log, undefined, descriptor)
  const ended = once(reader, 'exit')
  await (await destination.send(batch(65))).outcome
  await ended
  for (let tries = 0; tries < 2; tries++) {
    expect(await (await destination.send(batch(66))).outcome).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('has ended'),
      unsent: true,
    })
  }
  expect(log.lines.filter((line) => line.includes('unavailable;'))).toHaveLength(1)
  await destination.close()
  closeSync(descriptor)
  rmSync(folder, { recursive: true })
})
