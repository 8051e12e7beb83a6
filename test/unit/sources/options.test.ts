/** Sources by kind, as a configuration has them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configFromOptions, loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/schema.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'

const destinations = 'destinations: [{ to: "tcp://siem.example" }]\n'

async function load(sources: string, env = {}): Promise<Config | readonly string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-sources-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'msgtrk.yaml')
  await writeFile(file, `sources:\n${sources}\n${destinations}`)
  try {
    return await loadConfig(file, { env })
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    return error.problems.map(
      ({ where, message }) =>
        `${('setting' in where ? (where.setting ?? []) : []).slice(2).join('.')} ${message}`,
    )
  }
}

describe('a source', () => {
  it('is a topic where it has `from`, and is named after it', async () => {
    const config = (await load('  - from: kafka://B1:9093,b2/msgtrk-raw')) as Config
    expect(config.sources).toEqual([
      expect.objectContaining({
        name: 'msgtrk-raw',
        from: 'kafka://B1:9093,b2/msgtrk-raw',
        startAt: 'beginning',
        kafka: expect.objectContaining({
          group: 'msgtrk',
          protocol: 'classic',
          static: true,
          sessionMs: 45_000,
        }),
      }),
    ])
    expect(config.sources[0]).not.toHaveProperty('pattern')
  })

  it('is a topic or a folder on a command line, too', () => {
    const { sources } = configFromOptions({ from: ['/logs', 'kafka://b1/raw'], to: 'tcp://siem.example' })
    expect(sources.map(({ folder, from }) => [folder, from])).toEqual([
      ['/logs', undefined],
      [undefined, 'kafka://b1/raw'],
    ])
  })

  const mistakes = [
    ['  - name: EX01', 'folder is missing'],
    [
      '  - { folder: /logs, from: "kafka://b1/raw" }',
      'from belongs to sources with from, and this one has folder',
    ],
    [
      '  - { from: "kafka://b1/raw", pattern: "*.LOG" }',
      'pattern belongs to sources with folder, and this one has from',
    ],
    [
      '  - { folder: /logs, kafka: { group: a } }',
      'kafka belongs to sources with from, and this one has folder',
    ],
    ['  - from: tcp://b1/raw', 'from is no address of a source'],
    ['  - from: kafka://b1', 'from names no topic'],
    ['  - { from: "kafka://b1/raw", kafka: { group: "a b" } }', 'kafka.group is no name of a group'],
    [
      '  - { from: "kafka://b1/raw", kafka: { protocol: consumer, static: true } }',
      'kafka.static does nothing with protocol consumer',
    ],
    [
      '  - { from: "kafka://b1/raw", kafka: { sasl: { mechanism: plain } } }',
      'kafka.sasl.mechanism plain needs username',
    ],
    [
      '  - { from: "kafka://b1/raw", kafka: { sasl: { mechanism: plain, username: a, password: b } } }',
      'kafka.sasl.password must not stand in the file itself',
    ],
    [
      '  - from: kafka://b1,b2/raw\n  - { name: other, from: "kafka://B2,b1:9092/raw" }',
      'from is read by another source already',
    ],
  ] as const

  it.each(mistakes)('that is written as %s is a mistake', async (written, mistake) => {
    expect(await load(written)).toContain(mistake)
  })

  it('has its password by reference', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in the file
    const sasl = 'sasl: { mechanism: plain, username: a, password: "${env:KAFKA}" }'
    const config = (await load(`  - { from: "kafka://b1/raw", kafka: { ${sasl} } }`, {
      KAFKA: 'secret',
    })) as Config
    expect(config.sources[0]?.kafka?.sasl?.password).toBe('secret')
  })
})
