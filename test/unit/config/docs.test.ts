import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { doubtsOf } from '../../../src/filter/doubts.ts'

const introduction = join(import.meta.dirname, '../../../docs/parts/configuration.md')

test('the example of docs/configuration.md is a correct configuration', async () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(await readFile(introduction, 'utf8')) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-docs-'))
  try {
    const file = join(folder, 'msgtrk.yaml')
    await writeFile(file, example)
    const config = await loadConfig(file, { env: { SIEM_KEY_PASSPHRASE: 'hunter2' } })
    expect(config.sources.map(({ name }) => name)).toEqual(['EX01', 'EX02'])
    expect(config.destinations[0]?.tls?.passphrase).toBe('hunter2')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the example of a filter in docs/configuration.md has neither mistakes nor doubts', async () => {
  const [, , [, example = ''] = []] = [
    0,
    ...(await readFile(introduction, 'utf8')).matchAll(/```yaml\n(.*?)```/gs),
  ]
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-docs-'))
  try {
    const file = join(folder, 'msgtrk.yaml')
    const settings = example.replaceAll(/^/gm, '    ')
    await writeFile(
      file,
      `sources: [{ folder: /logs }]\ndestinations:\n  - to: udp://siem.example\n${settings}`,
    )
    const [destination] = (await loadConfig(file)).destinations
    expect(destination?.filter?.recipients).toEqual({ anyOther: ['@contoso.com', '@*.contoso.com'] })
    expect(doubtsOf(destination ?? {})).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.each(['into-files', 'formats', 'sentinel'])(
  'the destinations in docs/%s.md are correct',
  async (page) => {
    const text = await readFile(join(import.meta.dirname, `../../../docs/${page}.md`), 'utf8')
    const examples = [...text.matchAll(/^( *)```yaml\n(.*?)^ *```/gms)]
    expect(examples.length).toBeGreaterThan(0)
    const folder = await mkdtemp(join(tmpdir(), 'msgtrk-docs-'))
    try {
      await writeFile(join(folder, 'secret'), 'hunter2')
      for (const [, indent = '', example = ''] of examples) {
        const settings = example
          .replaceAll(new RegExp(`^${indent}`, 'gm'), '')
          .replaceAll(/\$\{file:[^}]*\}/g, () => `$\{file:${join(folder, 'secret')}}`)
        const file = join(folder, 'msgtrk.yaml')
        await writeFile(file, `sources: [{ folder: /logs }]\n${settings}`)
        expect((await loadConfig(file)).destinations.length).toBeGreaterThan(0)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
