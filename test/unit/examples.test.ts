/** The configurations that people begin with are right: those of examples/, also what is commented out there, and those in the docs. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDeeply } from '../../src/app/check.ts'
import { loadConfig } from '../../src/config/load.ts'
import { nodeMistake } from '../../src/kafka/options.ts'

const root = join(import.meta.dirname, '../..')
const examples = await readdir(join(root, 'examples'))
const env = { SIEM_KEY_PASSPHRASE: 'x' }

describe.each(examples)('examples/%s', (name) => {
  const file = join(root, 'examples', name)

  test('is in order as it is, and nothing of it is doubted but that its folders are here', async () => {
    const doubts: string[] = []
    const warn = (message: string) => doubts.push(message)
    const log = { debug() {}, info() {}, warn, error: warn }
    expect(await checkDeeply(await loadConfig(file, { env }), log)).toEqual([])
    expect(doubts.filter((doubt) => !doubt.startsWith('The folder of a source'))).toEqual([])
  })

  test('is in order with all that is commented out', async () => {
    const text = await readFile(file, 'utf8')
    const whole = text.replace(/^( *)# (?=[a-zA-Z]+: )/gm, '$1')
    expect(whole.length).toBeLessThan(text.length - 15)
    await loaded(whole)
  })
})

test.each(['README.md', 'docs/configuration.md'])(
  'the first configuration in %s is in order',
  async (name) => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(await readFile(join(root, name), 'utf8')) ?? []
    expect(yaml).toContain('destinations:')
    await loaded(yaml)
  },
)

const guides = ['install', 'migrate-from-smartconnector', 'security', 'upgrade']
const receivers = await readdir(join(root, 'docs/receivers'))

test.each([...guides.map((name) => `${name}.md`), ...receivers.map((name) => `receivers/${name}`)])(
  'each configuration in docs/%s is in order',
  async (name) => {
    const text = await readFile(join(root, 'docs', name), 'utf8')
    const whole = [...text.matchAll(/^ *```yaml\n(.*?)```/gms)].map(([, yaml = '']) => yaml)
    const complete = whole.filter((yaml) => yaml.includes('sources:') && yaml.includes('destinations:'))
    const kafkaIsRefused = nodeMistake() !== null
    for (const yaml of complete) if (!kafkaIsRefused || !yaml.includes('kafka:')) await loaded(yaml)
  },
)

async function loaded(text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-examples-'))
  try {
    // A configuration takes in what its references name when it is read.
    await writeFile(join(folder, 'http.token'), 'x'.repeat(32), { mode: 0o600 })
    await writeFile(join(folder, 'msgtrk.yaml'), text.replaceAll('/etc/msgtrk/', `${folder}/`))
    await loadConfig(join(folder, 'msgtrk.yaml'), { env })
  } finally {
    await rm(folder, { recursive: true })
  }
}
