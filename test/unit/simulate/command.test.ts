import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { simulateCommand } from '../../../src/cli/commands/simulate.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-command-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

function run(...words: string[]): Promise<unknown> {
  return simulateCommand({ stop: new AbortController().signal })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(['--into', folder, ...words], { from: 'user' })
}

describe('msgtrk simulate', () => {
  it('writes logs and ends with a line of summary', async () => {
    const written: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    await run('--events', '200', '--version', '2010', '--seed', '3')
    expect(await readdir(folder)).toContain('MSGTRK20261120-1.LOG')
    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^simulate: 200 rows, \d+ files, 0\.\d MB into .* in \d+\.\d s\n$/)
  })

  it.each([
    ['--rate', '0'],
    ['--rate', 'fast'],
    ['--rate', ''],
    ['--events', '1.5'],
    ['--events', '0'],
    ['--seed', '-1'],
    ['--version', '2003'],
    ['--server', '../EX01'],
  ])('refuses %s %s', async (...words) => {
    await expect(run(...words)).rejects.toMatchObject({ code: 'commander.invalidArgument' })
    expect(await readdir(folder)).toEqual([])
  })
})
