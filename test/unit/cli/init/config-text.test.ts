import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../../../src/app/read-config.ts'
import type { Answers, KafkaAnswer } from '../../../../src/cli/init/answers.ts'
import { configText } from '../../../../src/cli/init/config-text.ts'
import { nodeMistake } from '../../../../src/kafka/options.ts'
import { runs } from '../../../support/runs.ts'

/** The configuration that is read of what is written. */
async function readBack(answers: Answers) {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-init-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(join(folder, 'http.token'), `${'t'.repeat(32)}\n`)
  await writeFile(file, configText(answers, '2026-11-28'))
  return readConfig(file, { env: {}, tryOut: async () => [] })
}

test('writes paths of Windows in single quotes, and comments that say what to do', () => {
  const text = configText(
    {
      state: 'C:\\ProgramData\\msgtrk',
      sources: [{ name: 'EX01', folder: '\\\\EX01\\c$\\Program Files\\new\\temp', startAt: 'end' }],
      destinations: [{ name: 'siem', to: 'udp://10.0.0.9:514', events: ['SEND'] }],
      leftOut: [{ key: 'agents[0].x', value: 'a\nb', because: 'why' }],
    },
    '2026-11-28',
  )
  expect(text).toContain("state: 'C:\\ProgramData\\msgtrk'\n")
  expect(text).toContain("    folder: '\\\\EX01\\c$\\Program Files\\new\\temp'\n")
  expect(text).toContain('#   agents[0].x = a\\nb (why)\n')
  expect(text).toMatch(/^# Configuration of msgtrk.*2026-11-28/)
})

const path = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))

test('what is read is what was answered, whatever paths and names hold', async () => {
  const answers = fc.record({
    state: path.map((text) => `/var/${text}`),
    folder: fc.oneof(
      path.map((text) => `/logs/${text}`),
      path.map((text) => `\\\\EX01\\${text}`),
    ),
    ca: fc
      .oneof(path, fc.constantFrom("it's.pem", `\${env:HOME}`, `$\${x}`, '# a', 'a: b', '%', 'null'))
      .map((text) => `/etc/${text}`),
    name: fc.constantFrom('EX01', 'no', 'null', '1e3', '0x1F', 'true', '-', 'Öst', 'a.b'),
  })
  await fc.assert(
    fc.asyncProperty(answers, async ({ state, folder, ca, name }) => {
      const config = await readBack({
        state,
        http: { listen: '127.0.0.1:9464', tokenFile: 'http.token' },
        sources: [{ name, folder, pattern: '{a,b}*.LOG', startAt: '2026-11-20T14:00:00Z' }],
        destinations: [
          {
            name: 'siem',
            to: 'tls://[2001:db8::1]:6514',
            failover: ['tls://b.example.com:6514'],
            preset: 'splunk',
            tls: { ca, serverName: '10.0.0.1', cert: ca, key: ca },
            events: ['SEND', 'NO'],
            noise: ['monitoring'],
          },
        ],
      })
      expect(config).toMatchObject({
        state,
        http: { listen: '127.0.0.1:9464', token: 't'.repeat(32) },
        sources: [{ name, folder, pattern: '{a,b}*.LOG', startAt: '2026-11-20T14:00:00Z' }],
        destinations: [
          {
            to: 'tls://[2001:db8::1]:6514',
            failover: ['tls://b.example.com:6514'],
            preset: 'splunk',
            tls: { ca, serverName: '10.0.0.1' },
            events: ['SEND', 'NO'],
            noise: ['monitoring'],
          },
        ],
      })
    }),
    { numRuns: runs(60) },
  )
})

test.skipIf(nodeMistake() !== null)(
  'writes how brokers of a topic are talked to, and where the password stands',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'msgtrk-init-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const passwordFile = join(folder, "it's.secret")
    await writeFile(passwordFile, 'a secret\n')
    const topicWith = async (kafka: KafkaAnswer) => {
      const { destinations } = await readBack({
        state: '/state',
        sources: [{ name: 'EX01', folder: '/logs' }],
        destinations: [{ name: 'topic', to: 'kafka://b1:9093,b2:9093/th-cef', kafka }],
      })
      const { tls, sasl } = destinations[0]?.kafka ?? {}
      return { tls, sasl }
    }
    expect(
      await topicWith({ tls: {}, mechanism: 'plain', username: '$ConnectionString', passwordFile }),
    ).toEqual({
      tls: {},
      sasl: { mechanism: 'plain', username: '$ConnectionString', password: 'a secret' },
    })
    expect(await topicWith({ tls: { ca: '/ca.pem', cert: '/c.pem', key: '/k.pem' } })).toEqual({
      tls: { ca: '/ca.pem', cert: '/c.pem', key: '/k.pem' },
    })
  },
)
