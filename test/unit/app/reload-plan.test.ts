import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { filesAnew } from '../../../src/app/anew.ts'
import { discard, prepare } from '../../../src/app/prepare.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { planReload } from '../../../src/app/reload-plan.ts'
import { makeAuthority } from '../../support/certificates.ts'

// Nothing is connected to: any Node.js can do it.
vi.mock('../../../src/kafka/options.ts', async (original) => {
  return { ...(await original<typeof import('../../../src/kafka/options.ts')>()), nodeMistake: () => null }
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-plan-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('another certificate in the file of a topic restarts who reads it, and is told by its name', async () => {
  const file = join(folder, 'msgtrk.yaml')
  const ca = join(folder, 'ca.pem')
  await writeFile(ca, (await makeAuthority()).cert)
  await writeFile(
    file,
    `sources: [{ name: raw, from: 'kafka://broker/raw', kafka: { tls: { ca: ca.pem } } }]\n` +
      `destinations: [{ name: siem, to: 'tcp://127.0.0.1:9' }]\n`,
  )
  const config = await readConfig(file, { env: {} })
  const made = [prepare(config, silent)]
  const inForce = () => {
    const prepared = made.at(-1)
    if (prepared === undefined) throw new Error('nothing is in force')
    return { config, prepared }
  }
  const reloaded = async () => {
    const before = inForce()
    made.push(prepare(config, silent, await filesAnew(config, before.prepared)))
    return planReload(before, inForce())
  }
  expect(await reloaded()).toMatchObject({ changed: [], kept: ['siem'], restarted: [] })
  await writeFile(ca, (await makeAuthority()).cert)
  expect(await reloaded()).toMatchObject({
    changed: [`sources.raw (content of ${ca})`],
    kept: [],
    restarted: ['siem'],
  })
  await writeFile(ca, 'no certificate')
  await expect(reloaded()).rejects.toThrow('kafka.tls.ca')
  for (const { pipelines } of made) await discard(pipelines)
})
