import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { discard, prepare } from '../../../src/app/prepare.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { haveSameEvents } from '../../../src/app/same-events.ts'
import { memoryLog } from '../tail/logs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-same-events-'))
  await writeFile(join(folder, 'key'), '00112233445566778899aabbccddeeff')
})
afterEach(() => rm(folder, { recursive: true }))

const usual = "name: a, to: 'tcp://127.0.0.1:9'"

async function areSame(one: string, other: string): Promise<boolean> {
  const file = join(folder, 'msgtrk.yaml')
  const source = 'name: EX01, folder: ., fields: { customerURI: /x }, correctSeconds: 3'
  await writeFile(file, `sources: [{ ${source} }]\ndestinations: [{ ${one} }, { ${other} }]\n`)
  const { pipelines } = prepare(await readConfig(file, { env: {} }), memoryLog())
  await discard(pipelines)
  const [a, b] = pipelines as [(typeof pipelines)[0], (typeof pipelines)[0]]
  return haveSameEvents(a, b)
}

test.each([
  "to: 'tcp://127.0.0.1:10'",
  "to: 'tls://siem.example:6514'",
  "to: 'tcp://127.0.0.1:10', confirm: write",
  "to: 'tcp://127.0.0.1:10', selfReport: true",
  "to: 'tcp://127.0.0.1:10', maxEventsPerSecond: 5, failover: ['tcp://127.0.0.1:11']",
])('where they go makes no difference: %s', async (other) => {
  expect(await areSame(usual, `name: b, ${other}`)).toBe(true)
})

test.each([
  'events: [SEND]',
  'noise: [monitoring]',
  'mapping: exchange-modern',
  'additionalData: plain',
  'cefVersion: 1',
  'recipients: each',
  'overflow: split',
  'agent: true',
  'framing: octet-counting',
  'maxMessageBytes: 4000',
  'syslog: { facility: local7 }',
  `privacy: { columns: { message-subject: hash }, hashKey: '\${file:key}' }`,
])('what they are made of does: %s', async (setting) => {
  expect(await areSame(usual, `name: b, to: 'tcp://127.0.0.1:10', ${setting}`)).toBe(false)
  expect(await areSame(`${usual}, ${setting}`, `name: b, to: 'tcp://127.0.0.1:10', ${setting}`)).toBe(true)
})

test('over UDP they are made differently', async () => {
  expect(await areSame(usual, "name: b, to: 'udp://127.0.0.1:9'")).toBe(false)
})
