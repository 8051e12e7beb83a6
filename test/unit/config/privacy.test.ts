// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/schema.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { protectableColumns } from '../../../src/privacy/columns.ts'
import { type Told, told } from '../../support/told.ts'

const hashKey = '3f9b1c5d7e2a4860b1d3f5a7c9e0248613579bdf02468ace'
const encryptKey = Buffer.from('6c1e9b0f3a5d7c2e8f4b1a0d9e6c3b5a', 'hex').toString('base64')
const env = {
  HASH: hashKey,
  ENCRYPT: encryptKey,
  TWEAK: 'deadbeef01',
  SHORT: 'a1b2c3d4',
  TEXT: 'hunter2 hunter2',
}

let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'msgtrk-privacy-')), 'msgtrk.yaml')
  await writeFile(join(dirname(file), 'encrypt.key'), `${encryptKey}\n`)
})
afterEach(() => rm(dirname(file), { recursive: true }))

/** Loads a configuration with this privacy, a line for each setting, from line 6. */
async function load(lines: string, beside = ''): Promise<Config> {
  const privacy = lines
    .trim()
    .split('\n')
    .map((line) => `      ${line}`)
  const top = [
    'sources:',
    '  - { name: EX01, folder: /logs }',
    'destinations:',
    '  - to: tls://x',
    '    privacy:',
  ]
  await writeFile(file, [...top, ...privacy, beside && `    ${beside}`].join('\n'))
  return loadConfig(file, { env })
}

async function problemsOf(...args: Parameters<typeof load>): Promise<readonly Told[]> {
  const error = await load(...args).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  for (const secret of Object.values(env)) expect(error.message).not.toContain(secret)
  const short = (where: string) => where.replace(`${file}:`, '').replace('destinations.0.', '')
  return told(error.problems).map((problem) => ({ ...problem, where: short(problem.where) }))
}

test('keys come in by reference, and nothing prints them', async () => {
  const config = await load(`
columns: { sender-address: hash, recipient-address: encrypt, message-subject: drop, client-ip: mask }
hashKey: \${env:HASH}
encryptKey: \${file:encrypt.key}
tweak: \${env:TWEAK}
hideBcc: true
dropSubjects: [/salary/, '/^\\[confidential\\]/i']`)
  const privacy = config.destinations[0]?.privacy
  expect(privacy?.columns).toEqual({
    'sender-address': 'hash',
    'recipient-address': 'encrypt',
    'message-subject': 'drop',
    'client-ip': 'mask',
  })
  expect(privacy?.hashKey?.export().toString('hex')).toBe(hashKey)
  expect(privacy?.encryptKey?.export().toString('base64')).toBe(encryptKey)
  expect(privacy?.tweak?.export().toString('hex')).toBe('deadbeef01')
  expect(privacy?.dropSubjects).toEqual(['/salary/', '/^\\[confidential\\]/i'])
  for (const shown of [inspect(config, { depth: null }), JSON.stringify(config)]) {
    for (const secret of [hashKey, encryptKey, 'deadbeef01', '3f 9b 1c']) expect(shown).not.toContain(secret)
  }
})

describe('mistakes', () => {
  test('are all told at once', async () => {
    const problems = await problemsOf(
      `
columns:
  sender-adress: hash
  message-subject: hide
  event-id: drop
  return-path: hash
  client-ip: encrypt
hashKey: 0123456789abcdef0123456789abcdef
encryptKey: \${env:SHORT}
tweak: \${env:TEXT}
hideBcc: yes please
dropSubjects: [salary, '/(/']
key: \${env:HASH}`,
      'rawEvent: field',
    )
    expect(problems).toMatchObject([
      { where: '7 privacy.columns.sender-adress', remedy: 'did you mean sender-address?' },
      { where: '8 privacy.columns.message-subject', message: 'must be one of: drop, mask, hash, encrypt' },
      { where: '9 privacy.columns.event-id', message: 'is no setting' },
      { where: '12 privacy.hashKey', message: 'must not stand in the file itself' },
      { where: '13 privacy.encryptKey', message: 'has 4 bytes, and must have 16, 24 or 32 bytes' },
      { where: '14 privacy.tweak', message: expect.stringContaining('neither hexadecimal nor base64') },
      { where: '15 privacy.hideBcc', message: 'must be true or false, and is text' },
      { where: '16 privacy.dropSubjects.0', remedy: expect.stringContaining('/…/') },
      { where: '16 privacy.dropSubjects.1', message: expect.stringContaining('missing closing )') },
      { where: '17 privacy.key', message: 'is no setting' },
      { where: '18 rawEvent', message: expect.stringContaining('would show the row') },
    ])
  })

  const columns = 'columns: { sender-address: hash, return-path: encrypt }'
  test.each([
    ['keys that are not there', columns, ['privacy.hashKey', 'privacy.encryptKey']],
    [
      'keys without a use',
      'columns: { sender-address: drop }\nhashKey: ${env:HASH}\nencryptKey: ${env:ENCRYPT}\ntweak: ${env:TWEAK}',
      ['privacy.hashKey', 'privacy.encryptKey', 'privacy.tweak'],
    ],
    [
      'the same key twice',
      `${columns}\nhashKey: \${env:ENCRYPT}\nencryptKey: \${file:encrypt.key}`,
      ['privacy.hashKey'],
    ],
    ['nothing to protect', 'hideBcc: false', ['privacy.columns']],
    ['no setting at all', '{}', ['privacy.columns']],
    [
      'too many encrypted columns',
      `columns: { ${protectableColumns
        .slice(0, 21)
        .map((name) => `${name}: encrypt`)
        .join(', ')} }\nencryptKey: \${env:ENCRYPT}`,
      ['privacy.columns'],
    ],
    [
      'a key beside a reference',
      `columns: { sender-address: hash }\nhashKey: 00\${env:HASH}`,
      ['privacy.hashKey', 'privacy.hashKey'],
    ],
    [
      'a number as a key',
      'columns: { sender-address: hash }\nhashKey: 1234',
      ['privacy.hashKey', 'privacy.hashKey'],
    ],
    [
      'a reference that leads nowhere',
      'columns: { sender-address: hash }\nhashKey: ${env:NONE}',
      ['privacy.hashKey'],
    ],
  ])('%s', async (_, lines, places) => {
    const problems = await problemsOf(lines)
    expect(problems.map(({ where }) => where.split(' ')[1])).toEqual(places)
    for (const { remedy, message } of problems) expect(remedy ?? message).toMatch(/\w/)
  })

  test('the original row beside what is protected', async () => {
    const lines = 'columns: { sender-address: drop }'
    expect(await problemsOf(lines, 'rawEvent: additional')).toMatchObject([
      { where: '7 rawEvent', message: expect.stringContaining('would show the row') },
    ])
    expect((await load(lines, 'rawEvent: none')).destinations[0]?.privacy).toBeDefined()
  })

  test('in another section are told beside them', async () => {
    expect(await problemsOf('columns: { sender-address: hash }', 'framing: cr')).toMatchObject([
      { where: expect.stringMatching(/privacy.hashKey$/) },
      { where: '7 framing' },
    ])
  })
})
