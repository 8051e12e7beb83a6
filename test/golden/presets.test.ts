/**
 * Golden pairs for presets: fixtures/presets/LOG.log and what each receiver is sent of it, under every table that
 * fits, LOG.TABLE.PRESET.cef. After a wanted change: npx vitest run test/golden --update, then read the difference.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { eventOptions } from '../../src/app/prepare.ts'
import { loadConfig } from '../../src/config/load.ts'
import { loadPresets, type PresetName, presetNames } from '../../src/config/presets.ts'
import type { Config } from '../../src/config/schema.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { onlyBatch } from '../support/batches.ts'

// The header names the host that sends.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  hostname: () => 'collector',
  networkInterfaces: () => ({ eth0: [{ family: 'IPv4', internal: false, address: '192.0.2.10' }] }),
}))

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/presets')

/** Which tables fit the logs of a version, and how many records its log has. */
const logs = [
  { log: '2007', tables: ['exchange-2007'], records: 5 },
  { log: '2010', tables: ['exchange-2007'], records: 5 },
  { log: '2013', tables: ['exchange-2013', 'exchange-modern'], records: 5 },
  { log: '2016', tables: ['exchange-2013', 'exchange-modern'], records: 6 },
] as const

/** Whoever has the settings of another one sends the same. */
const own = presetNames.filter((name) => {
  const valuesOf = (preset: PresetName) =>
    loadPresets()[preset].settings.map(({ set, to }) => `${set}: ${to}`)
  const { like } = loadPresets()[name]
  return like === undefined || valuesOf(name).join() !== valuesOf(like).join()
})

const cases = logs.flatMap(({ log, tables, records }) =>
  tables.flatMap((table) => own.map((preset) => ({ log, table, preset, records }))),
)

let folder: string
let config: Config

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-presets-'))
  const destinations = cases.map(({ log, table, preset }) => {
    const settings = [`name: ${log}.${table}.${preset}`, 'to: tcp://siem.example', `preset: ${preset}`]
    return `  - { ${[...settings, `mapping: ${table}.v1`].join(', ')} }\n`
  })
  const file = path.join(folder, 'msgtrk.yaml')
  await writeFile(file, `sources: [{ name: EX01, folder: logs }]\ndestinations:\n${destinations.join('')}`)
  config = await loadConfig(file)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const agentId = '2f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0'

/** What of the agent is another one with each version, machine and run. */
function withoutRun(text: string): string {
  return text
    .replace(/ av=\S+/g, ' av=VERSION')
    .replace(/ atz=\S+/g, ' atz=ZONE')
    .replace(/ art=\d{13} /g, ' art=TIME ')
}

async function messagesOf(name: string, log: string): Promise<readonly Buffer[]> {
  const settings = config.destinations.find((destination) => destination.name === name)
  if (settings === undefined) throw new Error(`no destination ${name}`)
  const transform = createEventTransform(eventOptions(config, settings, () => agentId))
  const messages: Buffer[] = []
  for await (const chunk of fileChunks(path.join(fixtures, `${log}.log`))) {
    const { frames, ends } = onlyBatch(transform({ ...chunk, file: { ...chunk.file, source: 'EX01' } }))
    // A line feed ends each frame: no preset counts octets.
    ends.forEach((end, index) => void messages.push(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end))))
  }
  return messages
}

describe.each(cases)('$log under $table for $preset', ({ log, table, preset, records }) => {
  const name = `${log}.${table}.${preset}`

  it('is sent as expected, and a strict decoder takes it', async () => {
    const messages = await messagesOf(name, log)
    await expect(withoutRun(Buffer.concat(messages).toString('utf8'))).toMatchFileSnapshot(
      path.join(fixtures, `${name}.cef`),
    )
    expect(messages).toHaveLength(records)
    const decoded = messages.map((message) => decodeFrame(message.subarray(0, -1)))
    expect(decoded.flatMap((one) => (one.ok ? [] : one.errors))).toEqual([])
    expect(messages.map((message) => message.at(-1))).toEqual(messages.map(() => 0x0a))
  })
})
