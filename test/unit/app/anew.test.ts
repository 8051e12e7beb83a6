import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filesAnew, readAnew } from '../../../src/app/anew.ts'
import { prepare } from '../../../src/app/prepare.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { madeOfFiles, readNamedFile } from '../../../src/mistakes/named-file.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-anew-'))
})
afterEach(() => rm(folder, { recursive: true }))

const nothing = { pipelines: [], sourceFiles: new Map(), httpFiles: new Map() }

async function configWith(settings: string) {
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(file, `sources: [{ folder: . }]\ndestinations: [{ name: a, to: 'tcp://x', ${settings} }]\n`)
  return readConfig(file, { env: {} })
}

test('files are read ahead, and what is made is made of them, whatever stands there then', async () => {
  const base = join(folder, 'base.yaml')
  await writeFile(base, 'extends: exchange-2013\nname: base\nversion: 1.0.0\n')
  await writeFile(join(folder, 'own.yaml'), 'extends: base.yaml\nname: own\nversion: 1.0.0\n')
  const config = await configWith('mapping: own.yaml')
  const atWork = prepare(config, silent)
  expect([...(atWork.pipelines[0]?.digests.keys() ?? [])].sort()).toEqual([base, join(folder, 'own.yaml')])
  const files = await filesAnew(config, atWork)
  await writeFile(base, 'no table at all')
  expect(() => prepare(config, silent, files)).not.toThrow()
  expect(() => prepare(config, silent)).toThrow('base.yaml')
})

test('what was read within is not what was read around it', () => {
  const known = new Map([['a', Buffer.from('A')]])
  const others = new Map([['b', Buffer.from('B')]])
  const { made, used } = madeOfFiles(known, () => {
    const inner = madeOfFiles(others, () => readNamedFile('b').toString())
    return `${inner.made}${readNamedFile('a')}`
  })
  expect(made).toBe('BA')
  expect([...used.keys()]).toEqual(['a'])
})

describe.skipIf(process.platform === 'win32')('a file that does not come', () => {
  test('is a mistake that names it, and holds up nothing', async () => {
    const table = join(folder, 'own.yaml')
    execFileSync('mkfifo', [table])
    const config = await configWith('mapping: own.yaml')
    await expect(filesAnew(config, nothing, 20)).rejects.toThrow(`${table}: did not come within 0.02 s`)
    // Who reads it has come so far, and goes.
    await (await open(table, 'w')).close()
  })

  test('may be the configuration itself', async () => {
    await expect(readAnew(() => new Promise(() => {}), 20)).rejects.toThrow('did not come within 0.02 s')
    const config = await configWith('confirm: write')
    expect(await readAnew(() => config)).toBe(config)
  })
})
