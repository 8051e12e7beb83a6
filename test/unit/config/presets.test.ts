import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { loadPresets, type PresetName, presetNames } from '../../../src/config/presets.ts'
import type { DestinationConfig } from '../../../src/config/schema.ts'
import { createMapper } from '../../../src/map/mapper.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { decodeFrame } from '../../../src/receive/frame-decoder.ts'
import { fileChunks } from '../../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { layoutOf } from '../../support/records.ts'
import { part } from '../../support/runs.ts'
import { type Told, told } from '../../support/told.ts'

const fixtures = path.resolve(import.meta.dirname, '../../../fixtures')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-presets-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The destination that these settings make. */
async function destination(settings: string, protocol = 'tls'): Promise<DestinationConfig> {
  const file = path.join(folder, 'msgtrk.yaml')
  const to = `${protocol}://siem.example`
  await writeFile(file, `sources: [{ folder: /logs }]\ndestinations:\n  - to: ${to}\n${settings}`)
  const [first] = (await loadConfig(file)).destinations
  return first as DestinationConfig
}

async function problemsOf(settings: string, protocol?: string): Promise<readonly Told[]> {
  const error = await destination(settings, protocol).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  const file = path.join(folder, 'msgtrk.yaml')
  return told(error.problems).map((problem) => ({ ...problem, where: problem.where.replace(`${file}:`, '') }))
}

/** The value at a path such as `syslog.time`. */
function valueAt(settings: object, dotted: string): unknown {
  return dotted.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], settings)
}

describe.each(presetNames)('preset %s', (name: PresetName) => {
  const { settings } = loadPresets()[name]

  test.each(['udp', 'tcp', 'tls'])('gives valid settings over %s', async (protocol) => {
    const made = await destination(`    preset: ${name}\n`, protocol)
    const over = protocol === 'udp' ? 'udp' : 'stream'
    const wanted = settings.filter((row) => row.over === undefined || row.over === over)
    for (const { set, to } of wanted) expect(valueAt(made, set), set).toBe(to)
    expect(made.preset).toBe(name)
  })

  test('says each setting once for a transport, and refuses none of its own', () => {
    for (const over of ['udp', 'stream']) {
      const rows = settings.filter((row) => row.over === undefined || row.over === over)
      expect(new Set(rows.map(({ set }) => set)).size).toBe(rows.length)
    }
    for (const { to, refuses, because } of settings) {
      expect(refuses).not.toContain(to)
      expect(because).toMatch(/\S.*[^.]$/)
    }
  })

  test.each([
    ['auto', ['exchange-2016', 'exchange-2007', 'value-limits']],
    ['exchange-modern', ['exchange-2016', 'value-limits', 'value-injection']],
  ])('makes events by %s that a strict decoder takes, within their size', async (mapping, names) => {
    const made = await destination(`    preset: ${name}\n    mapping: ${mapping}\n`)
    const limit = (made.maxMessageBytes ?? 65_536) as number
    const transform = createEventTransform({ ...made, maxMessageBytes: limit })
    for (const name of part(names)) {
      let events = 0
      for await (const chunk of fileChunks(path.join(fixtures, `${name}.log`))) {
        const { frames, ends } = onlyBatch(transform(chunk))
        let start = 0
        for (const end of ends) {
          // The line end is the framing.
          const frame = Buffer.from(frames.subarray(start, end - 1))
          expect(frames[end - 1]).toBe(0x0a)
          expect(frame.length).toBeLessThanOrEqual(limit)
          const decoded = decodeFrame(frame)
          if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
          const { event, syslog } = decoded
          expect([event.version, syslog.facility]).toEqual([made.cefVersion, 16])
          const additional = [...event.extension.keys()].filter((key) =>
            /^(ad\.|MicrosoftExchange)/.test(key),
          )
          const prefix = made.additionalData === 'arcsight' ? 'ad.' : 'MicrosoftExchange'
          expect(additional.every((key) => key.startsWith(prefix))).toBe(true)
          start = end
          events++
        }
      }
      expect(events, name).toBeGreaterThan(0)
    }
  })
})

test('for Graylog no label has what it does not take in the name of a field', async () => {
  for (const mapping of ['exchange-2013', 'exchange-2007', 'exchange-modern']) {
    const made = await destination(`    preset: graylog\n    mapping: ${mapping}\n`)
    const { fields } = createMapper(made).planFor(layoutOf('2016'))
    const labels = fields.flatMap(({ label }) => label?.text ?? [])
    expect(labels).toContain('Message_ID')
    // Graylog's own rule.
    expect(labels.filter((label) => !/^[\w.@-]*$/.test(label))).toEqual([])
    expect(new Set(labels).size).toBe(labels.length)
  }
})

test('a preset that is like another one has its rows, with its own in place of theirs', () => {
  const presets = loadPresets()
  expect(presets.datadog.settings).toEqual(presets.vector.settings)
  expect(presets.sumo.settings).toEqual(presets.generic.settings)
  const { settings } = presets.fluentd
  expect(settings.map(({ set }) => set).slice(0, 2)).toEqual(['cefVersion', 'additionalData'])
  const sizes = settings.filter(({ set }) => set === 'maxMessageBytes')
  expect(sizes.map(({ to, over }) => [to, over])).toEqual([
    [2048, 'udp'],
    [65536, 'stream'],
  ])
  expect(presets.logstash.settings.find(({ set }) => set === 'additionalData')?.refuses).toEqual([])
})

describe('beside what is written', () => {
  test('a preset gives way', async () => {
    const made = await destination(
      '    preset: splunk\n    additionalData: none\n    maxMessageBytes: 5000\n    syslog: { time: send, host: relay }\n',
    )
    expect(made).toMatchObject({
      additionalData: 'none',
      maxMessageBytes: 5000,
      syslog: { time: 'send', host: 'relay', header: 'rfc5424', facility: 'local0' },
    })
  })

  test('without one all defaults stay', async () => {
    const { preset, additionalData, maxMessageBytes } = await destination('')
    expect({ preset, additionalData, maxMessageBytes }).toEqual({ additionalData: 'arcsight' })
  })

  test.each([
    ['graylog', 'framing: octet-counting', 'framing'],
    ['graylog', 'additionalData: camel', 'additionalData'],
    ['graylog', 'labels: space', 'labels'],
    ['graylog', 'unicodeControls: keep', 'unicodeControls'],
    ['logscale', 'cefVersion: 1', 'cefVersion'],
    ['fluentd', 'syslog: { header: none }', 'syslog.header'],
    ['sentinel', 'cefVersion: 1', 'cefVersion'],
    ['sentinel', 'syslog: { header: none }', 'syslog.header'],
    ['elastic', 'additionalData: arcsight', 'additionalData'],
  ])('what the receiver %s can not take is a mistake at its place: %s', async (name, setting, at) => {
    expect(await problemsOf(`    preset: ${name}\n    ${setting}\n`)).toMatchObject([
      {
        where: `5 destinations.0.${at}`,
        message: expect.stringContaining(`preset ${name}`),
        remedy: expect.any(String),
      },
    ])
  })

  test('framing is no matter for datagrams: not of a preset, and a mistake when it was written', async () => {
    expect((await destination('    preset: graylog\n', 'udp')).framing).toBe('lf')
    const problems = await problemsOf('    preset: graylog\n    framing: octet-counting\n', 'udp')
    expect(problems).toMatchObject([
      {
        where: '5 destinations.0.framing',
        message: 'is for TCP and TLS, since a datagram holds one event',
        remedy: 'remove it',
      },
    ])
  })

  test('an unknown name is told with what was meant', async () => {
    expect(await problemsOf('    preset: splnk\n')).toMatchObject([
      { where: '4 destinations.0.preset', remedy: 'did you mean splunk?' },
    ])
  })

  test('other mistakes keep their places', async () => {
    expect(
      (await problemsOf('    preset: splunk\n    syslog: text\n    framing:\n')).map(({ where }) => where),
    ).toEqual(['5 destinations.0.syslog', '6 destinations.0.framing'])
  })
})
