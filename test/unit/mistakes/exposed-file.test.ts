import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkDeeply } from '../../../src/app/check.ts'
import { warnOfExposed } from '../../../src/cli/terminal/exposed-secret.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { modeOfExposed } from '../../../src/mistakes/exposed-file.ts'
import { encryptKeyHex, hashKeyHex } from '../../support/secrets.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-exposed-'))
  await chmod(folder, 0o755)
})
afterEach(() => rm(folder, { recursive: true }))

async function fileOf(mode: number, name = 'secret', text = 'x'): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  await chmod(file, mode)
  return file
}

describe.skipIf(process.platform === 'win32')('a secret', () => {
  test.each([
    [0o644, '644'],
    [0o604, '604'],
    [0o640, undefined],
    [0o600, undefined],
    [0o400, undefined],
  ])('with mode %o', async (mode, expected) => {
    expect(modeOfExposed(await fileOf(mode))).toBe(expected)
  })

  test('is kept by a folder that others may not enter, also behind a link', async () => {
    const inside = join(folder, 'closed')
    await mkdir(inside)
    const file = await fileOf(0o644, 'closed/secret')
    expect(modeOfExposed(file)).toBe('644')
    await chmod(inside, 0o700)
    expect(modeOfExposed(file)).toBeUndefined()
    await symlink(file, join(folder, 'link'))
    expect(modeOfExposed(join(folder, 'link'))).toBeUndefined()
  })

  test('that is not there is for others to tell', () => {
    expect(modeOfExposed(join(folder, 'nothing'))).toBeUndefined()
  })

  test('of a command is warned of', async () => {
    let told = ''
    const stderr = {
      write(text: string | Uint8Array) {
        told += text
        return true
      },
    }
    warnOfExposed(await fileOf(0o600), stderr)
    expect(told).toBe('')
    const file = await fileOf(0o644)
    warnOfExposed(file, stderr)
    expect(told).toBe(
      `warning: ${file}: every user of this machine can read this secret (mode 644)\n  → chmod 600 ${file}\n`,
    )
  })

  test('of a configuration is warned of at a start and by check: keys, references, and the file itself', async () => {
    await fileOf(0o644, 'hash', hashKeyHex)
    await fileOf(0o600, 'encrypt', encryptKeyHex)
    await fileOf(0o644, 'tweak', encryptKeyHex)
    await fileOf(0o604, 'phrase', 'hunter2')
    await fileOf(0o644, 'siem.key')
    const reference = (name: string) => `'$\{file:${name}}'`
    const file = await fileOf(
      0o644,
      'msgtrk.yaml',
      `sources: [{ folder: . }]
destinations:
  - to: tcp://127.0.0.1:5
    name: a
    privacy:
      hashKey: ${reference('hash')}
      encryptKey: ${reference('encrypt')}
      tweak: ${reference('tweak')}
      columns: { client-ip: hash, sender-address: encrypt }
  - { to: tls://127.0.0.1:6, name: b, tls: { cert: c, key: siem.key, passphrase: ${reference('phrase')} } }
  - { to: tls://127.0.0.1:7, name: c, tls: { cert: c, key: siem.key, passphrase: hunter2 } }
`,
    )
    const config = await loadConfig(file, { env: {} })
    // The keys are none, so that only the first destination can be made.
    const [first] = config.destinations
    const told: unknown[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (_: string, fields?: object) => told.push(fields) }
    expect(await checkDeeply({ ...config, destinations: first ? [first] : [] }, log)).toEqual([])
    const at = (line: number, setting: string, name: string, mode: string) => ({
      setting: `${file}:${line} destinations.${setting}`,
      file: join(folder, name),
      mode,
      remedy: expect.stringContaining('chmod 600'),
    })
    expect(told).toEqual([
      at(6, '0.privacy.hashKey', 'hash', '644'),
      at(8, '0.privacy.tweak', 'tweak', '644'),
      at(10, '1.tls.key', 'siem.key', '644'),
      at(10, '1.tls.passphrase', 'phrase', '604'),
      at(11, '2.tls.key', 'siem.key', '644'),
      at(11, '2.tls.passphrase', 'msgtrk.yaml', '644'),
    ])
  })
})
