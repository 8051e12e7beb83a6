/** Rows as they stand in the log, by the destinations that write them: each file and connection begins with their header. */
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFile } from '../../../src/destinations/file/file.ts'
import { defaultFile } from '../../../src/destinations/file/options.ts'
import { createStdout } from '../../../src/destinations/stdout/stdout.ts'
import { createTcp } from '../../../src/destinations/stream/tcp.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Layout } from '../../../src/flow/chunk.ts'
import { batchOf, brief, deliver, hostPortOf, recordingLog, settings, startReceiver } from './receiver.ts'

function layout(version: string, date: string): Layout {
  const header = Buffer.from(`\uFEFF#Version: ${version}\r\n#Date: ${date}\r\n#Fields: date-time,b\r\n`)
  return { columns: ['date-time', 'b'], version, header }
}

const [a, sameAsA, b] = [layout('15', '1'), layout('15', '2'), layout('16', '1')]
const headerA = '#Version: 15\r\n#Date: 1\r\n#Fields: date-time,b\r\n'
const headerB = headerA.replace('15', '16')
const rows = (layout: Layout, ...texts: string[]): Batch => ({ ...batchOf(...texts), layout })

async function intoFile() {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-rows-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const open = (rotateBytes = defaultFile.rotateBytes) => {
    const options = { name: 'rows', to: `file://${folder}/rows.log`, file: { ...defaultFile, rotateBytes } }
    const destination = createFile(options, { folder, name: 'rows.log' }, recordingLog())
    onTestFinished(() => destination.close())
    return destination
  }
  return { open, textOf: (name: string) => readFile(join(folder, name), 'utf8'), folder }
}

test('a file has the header where it begins, where it changes and where it goes on', async () => {
  const { open, textOf } = await intoFile()
  const first = open()
  for (const batch of [
    rows(a, '1\n'),
    rows(sameAsA, '2\n'),
    rows(b, '3\n'),
    rows(b, '4\n'),
    rows(a, '5\n'),
  ]) {
    expect(await deliver(first, batch)).toEqual({ status: 'delivered' })
  }
  await first.close()
  await deliver(open(), rows(a, '6\n'))
  expect(await textOf('rows.log')).toBe(`${headerA}1\n2\n${headerB}3\n4\n${headerA}5\n${headerA}6\n`)
})

test('so has the next one by size, and one that takes the place of another', async () => {
  const { open, textOf, folder } = await intoFile()
  const small = open(headerA.length + 4)
  await deliver(small, rows(a, '1\n'))
  await deliver(small, rows(a, '2\n', '3\n'))
  await small.close()
  const destination = open()
  await rename(join(folder, 'rows.log'), join(folder, 'moved.log'))
  expect([await textOf('moved.log'), await textOf('rows+1.log')]).toEqual([
    `${headerA}1\n`,
    `${headerA}2\n3\n`,
  ])
  await deliver(destination, rows(a, '4\n'))
  await rename(join(folder, 'rows+1.log'), join(folder, 'moved+1.log'))
  // That it is another one shows at the next sync.
  for (const row of ['5\n', '6\n']) await deliver(destination, rows(a, row))
  expect([await textOf('moved+1.log'), await textOf('rows.log')]).toEqual([
    `${headerA}2\n3\n${headerA}4\n5\n`,
    `${headerA}6\n`,
  ])
})

test('each connection begins with the header, and what one may carry holds it', async () => {
  const receiver = await startReceiver()
  const options = settings(`tcp://127.0.0.1:${receiver.port}`, { confirm: 'close', turnAfterMs: 1 })
  const destination = createTcp(options, hostPortOf(options.to), recordingLog(), undefined, brief)
  onTestFinished(() => destination.close())
  for (const text of ['1\n', '2\n', '3\n']) {
    expect(await deliver(destination, rows(a, text))).toEqual({ status: 'delivered' })
  }
  expect(await deliver(destination, rows(b, '4\n', '5\n'))).toEqual({ status: 'delivered' })
  const received = receiver.received().toString()
  expect(receiver.sockets.length).toBeGreaterThanOrEqual(4)
  expect(received).toBe(`${['1\n', '2\n', '3\n'].map((row) => headerA + row).join('')}${headerB}4\n5\n`)
})

test('on one connection it is repeated only where it changes', async () => {
  const receiver = await startReceiver()
  const options = settings(`tcp://127.0.0.1:${receiver.port}`, { confirm: 'write' })
  const destination = createTcp(options, hostPortOf(options.to), recordingLog())
  onTestFinished(() => destination.close())
  for (const batch of [rows(a, '1\n'), rows(sameAsA, '2\n'), rows(b, '3\n')])
    await deliver(destination, batch)
  const text = `${headerA}1\n2\n${headerB}3\n`
  await receiver.has(text.length)
  expect(receiver.received().toString()).toBe(text)
})

test('standard output has it where it begins and where it changes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'msgtrk-rows-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const descriptor = openSync(join(folder, 'out'), 'w')
  const destination = createStdout({ name: 'out', to: 'stdout:' }, recordingLog(), undefined, descriptor)
  for (const batch of [rows(a, '1\n'), rows(a, '2\n'), rows(b, '3\n')]) await deliver(destination, batch)
  await destination.close()
  closeSync(descriptor)
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(`${headerA}1\n2\n${headerB}3\n`)
})
