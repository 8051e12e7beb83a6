/** What a pass over files tells of lines that are no record, and what it ends with. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findInputs } from '../../../../src/cli/inputs/find-inputs.ts'
import { Pass } from '../../../../src/cli/inputs/pass.ts'
import { createParser } from '../../../../src/parse/parser.ts'
import { header, row } from '../../tail/logs.ts'

let folder: string
let told = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-pass-'))
  told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += text
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** Runs over files; every row passes. */
async function passOver(files: Readonly<Record<string, string | Buffer>>): Promise<number> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  const inputs = await findInputs(Object.keys(files).map((name) => join(folder, name)))
  const pass = new Pass({ inputs, stop: new AbortController().signal, showProgress: false })
  const parse = createParser()
  for await (const chunk of pass.chunks()) {
    const { runs, malformed } = parse(chunk)
    const records = runs.reduce((sum, { count }) => sum + count, 0)
    pass.count(chunk.file.path, records, 0, malformed)
  }
  return pass.end()
}

const good = header('2026-11-20T14:00:00.000Z') + row(1, 'x')

test('a file without a single record fails, beside files that have some', async () => {
  expect(await passOver({ a: good, b: 'x,y\r\n'.repeat(30), c: good })).toBe(1)
  expect(told).toMatch(/^\S+\/b: no record in it/m)
  expect(told).toMatch(/^files 3, records 2, events 2, filtered 0, malformed 30, .*files not read 1$/m)
})

test('an empty log, one of a header alone and one of NULs do not', async () => {
  const files = { a: good, empty: '', header: header('2026-11-20T14:00:00.000Z'), nul: Buffer.alloc(4096) }
  expect(await passOver(files)).toBe(0)
  expect(told.trimEnd().split('\n')).toHaveLength(1)
})

test('each reason is told once for each file, and how many lines there are besides', async () => {
  const lines = 'Dec 14 11:52:17 EX01 x\r\ny\r\nz,z\r\n'
  expect(await passOver({ a: good + lines.repeat(100), b: good + lines })).toBe(0)
  expect(told.match(/a, byte \d+: malformed/g)).toHaveLength(2)
  expect(told.match(/b, byte \d+: malformed/g)).toHaveLength(2)
  expect(told).toContain('… and 299 more malformed lines\n')
})
