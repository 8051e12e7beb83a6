/** Files that are packed or in UTF-16 give the rows of the log that is in them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findRecord } from '../../../../src/cli/explain/one-record.ts'
import { textOf } from '../../../../src/cli/inputs/texts.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { fieldText } from '../../../../src/records/fields.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-texts-'))
})
afterEach(() => rm(folder, { recursive: true }))

const stop = new AbortController().signal
const plain = await readFile(join(import.meta.dirname, '../../../../fixtures/exchange-2016.log'))
const utf16 = Buffer.from(`\ufeff${plain.toString().replace('\ufeff', '')}`, 'utf16le')
const forms: [form: string, bytes: Buffer][] = [
  ['as it stands', plain],
  ['gzip', gzipSync(plain)],
  ['UTF-16', utf16],
  ['UTF-16, big-endian', Buffer.from(utf16).swap16()],
  ['gzip of UTF-16', gzipSync(utf16)],
]

async function write(bytes: Buffer | string): Promise<string> {
  const path = join(folder, 'a.log')
  await writeFile(path, bytes)
  return path
}

async function rowsOf(path: string): Promise<string> {
  let rows = ''
  for await (const { layout, bytes } of textOf(path, stop).chunks()) rows += `${layout?.columns}\n${bytes}`
  return rows
}

describe.each(forms)('a log as %s', (_, bytes) => {
  test('has the same rows under the same columns', async () => {
    const expected = await rowsOf(await write(plain))
    expect(expected.split('\n').length).toBeGreaterThan(5)
    expect(await rowsOf(await write(bytes))).toBe(expected)
  })

  test('has them in the same lines', async () => {
    const path = await write(bytes)
    const lines = plain.toString().split('\n')
    for (const line of [6, 8, 10]) {
      const { records, row } = await findRecord(path, line, stop)
      expect(lines[line - 1]?.startsWith(fieldText(records, row, 0))).toBe(true)
    }
    await expect(findRecord(path, 1, stop)).rejects.toThrow('header line')
    await expect(findRecord(path, 999, stop)).rejects.toThrow('there are only')
  })
})

test.each<[what: string, bytes: Buffer | string, message: RegExp]>([
  ['zip', 'PK\x03\x04', /zip archive/],
  ['zip in gzip', gzipSync('PK\x03\x04'), /zip archive/],
  ['UTF-16 without a mark', utf16.subarray(2), /UTF-16 without a byte order mark/],
  ['a log of Exchange 2003', '# Message Tracking Log File\r\n', /Exchange 2003/],
  ['gzip that ends too early', gzipSync(plain).subarray(0, -20), /gzip data end too early/],
])('%s is refused by name, with exit code 1', async (_, bytes, message) => {
  const path = await write(bytes)
  const refused = await rowsOf(path).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ProblemsError)
  expect(String(refused)).toMatch(message)
  expect((refused as ProblemsError).problems[0]?.where).toEqual({ file: path })
  if (String(refused).includes('too early')) return
  await expect(findRecord(path, undefined, stop)).rejects.toMatchObject({ exitCode: 1 })
})
