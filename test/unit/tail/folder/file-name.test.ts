/** Names of files that are no UTF-8, which Unix allows. */

import { readdir, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { findInputs } from '../../../../src/cli/inputs/find-inputs.ts'
import { fileChunks } from '../../../../src/tail/bytes/file-chunks.ts'
import { readNames, systemPath } from '../../../../src/tail/folder/file-name.ts'
import { runs } from '../../../support/runs.ts'
import {
  all,
  date,
  header,
  onceSource,
  positionsAfter,
  readOnce,
  row,
  sourceOf,
  temporaryFolder,
  texts,
} from '../logs.ts'

const content = header(date) + row(1, 'a')

/** Writes a log into `folder` under a name of any bytes. */
async function write(folder: string, name: Buffer): Promise<void> {
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), name]), content)
}

const isBytes = process.platform !== 'win32' && process.platform !== 'darwin'

it.runIf(isBytes)('are read like any other, by all who read logs', async () => {
  const folder = await temporaryFolder()
  for (const text of ['MSGTRK f\xfcr.LOG', 'MSGTRK \xc3\xbc\xff.LOG', 'MSGTRK.LOG']) {
    await write(folder, Buffer.from(text, 'latin1'))
  }
  const { source, log } = onceSource([sourceOf(folder)])
  const read = await readOnce(source)
  expect(texts(read)).toEqual(['a', 'a', 'a'])
  expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([])
  const checkpoint = createCheckpoint(`${folder}/positions.json`)
  await checkpoint.save(positionsAfter(read))
  expect(await readOnce(onceSource([sourceOf(folder)]).source, await checkpoint.load())).toEqual([])
  const inputs = await findInputs([folder])
  expect(inputs.map(({ size }) => size)).toEqual([content.length, content.length, content.length])
  for (const { path } of inputs) expect(texts(await all(fileChunks(path)))).toEqual(['a'])
})

it.runIf(isBytes)('come back as the bytes they are, each as a name of its own', async () => {
  const bytes = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((name) =>
      Buffer.from(name.map((byte) => (byte === 0 || byte === 0x2f || byte === 0x2e ? 0x80 : byte))),
    )
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 5 }), async (names) => {
      const folder = await temporaryFolder()
      for (const name of names) await write(folder, name)
      const found = await readNames(folder)
      const there = (await readdir(folder, 'buffer')).map((name) => name.toString('latin1'))
      expect(new Set(found).size).toBe(there.length)
      expect(found.map((name) => Buffer.from(systemPath(name)).toString('latin1')).sort()).toEqual(
        there.sort(),
      )
    }),
    { numRuns: runs(100) },
  )
})
