// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in a file
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { diagnoseCommand } from '../../../../src/cli/commands/diagnose.ts'
import { makeAuthority } from '../../../support/certificates.ts'
import { output, problemsOf } from '../../../support/command.ts'

let folder: string
const variables = {
  MSGTRK_TEST_PASSPHRASE: 'passphrase of the environment',
  MSGTRK_TEST_HASH: '000102030405060708090a0b0c0d0e0f',
  MSGTRK_TEST_CERTIFICATE: 'password of a certificate for Entra',
}
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-diagnose-'))
  Object.assign(process.env, variables)
})
afterEach(async () => {
  for (const name of Object.keys(variables)) delete process.env[name]
  await rm(folder, { recursive: true })
})

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text, { mode: 0o600 })
  return file
}

const inFiles = {
  'token.txt': 'token-of-a-file-0123456789abcdef',
  'encrypt.key': '2B7E151628AED2A6ABF7158809CF4F3C',
  'tweak.key': '39383736353433323130',
  'azure.secret': 'Ent~ra8Q~secret.of-an-application_0123456',
}
const inClear = [
  'passphrase in clear text',
  'an old passphrase in a comment',
  'Q8~a.secret-of-Entra_in.clear~text',
] as const
const rule = `sentinel://a.ingest.monitor.azure.com/dcr-${'0123456789abcdef'.repeat(2)}/Custom-MessageTrackingLog_CL`
const entra = '11111111-2222-3333-4444-555555555555'
const rowsHold = { sender: 'carol@partner.example', subject: 'Redundancies in May' }

/** Every kind of secret, and a state folder, a log and tracking logs that hold what must not leave. */
async function everySecret(more = ''): Promise<string> {
  for (const [name, text] of Object.entries(inFiles)) await write(name, `${text}\n`)
  const { cert, key } = await makeAuthority()
  const locked = (passphrase: string) =>
    createPrivateKey(key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString()
  await write('ca.pem', cert)
  // A certificate and its key in one file, as some make them.
  await write('client.pem', `${cert}\n${locked(variables.MSGTRK_TEST_PASSPHRASE)}`)
  await write('azure.pem', `${cert}\n${locked(variables.MSGTRK_TEST_CERTIFICATE)}`)
  await write('clear.key', locked(inClear[0]))
  await write(
    'EX01/MSGTRK2026112014-1.LOG',
    `#Fields: date-time\r\n2026-11-20T14:00:00.000Z,${rowsHold.sender},${rowsHold.subject}\r\n`,
  )
  await write('state/siem/positions.json', '{"version":1,"positions":[]}')
  await write('state/siem/dead-letters.ndjson', `{"line":"${rowsHold.sender},${rowsHold.subject}"}\n`)
  await write('msgtrk.log', `{"message":"said by ${rowsHold.sender}: ${inFiles['token.txt']} is wrong"}\n`)
  await write('msgtrk1.log', '{"message":"older"}\n')
  return write(
    'msgtrk.yaml',
    `state: state # ${inClear[1]}
log: { file: msgtrk.log }
http:
  listen: 127.0.0.1:0
  token: '\${file:token.txt}'
  tls: { cert: ca.pem, key: clear.key, passphrase: '${inClear[0]}' }
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - name: siem
    to: tls://siem.example
    tls: { ca: ca.pem, cert: client.pem, key: client.pem, passphrase: '\${env:MSGTRK_TEST_PASSPHRASE}' }
    privacy:
      columns: { message-subject: hash, sender-address: encrypt }
      hashKey: '\${env:MSGTRK_TEST_HASH}'
      encryptKey: '\${file:encrypt.key}'
      tweak: '\${file:tweak.key}'
  - name: azure
    to: ${rule}
    sentinel: { tenantId: ${entra}, clientId: ${entra}, clientSecret: '\${file:azure.secret}' }
  - name: azure-by-certificate
    to: ${rule}
    sentinel:
      tenantId: ${entra}
      clientId: ${entra}
      certificate: azure.pem
      certificatePassword: '\${env:MSGTRK_TEST_CERTIFICATE}'
${more}`,
  )
}

/** What the command printed, and the texts in its file, by name, as tar gives them. */
async function diagnose(...args: string[]) {
  const file = path.join(folder, 'out.tar.gz')
  const printed = await output(diagnoseCommand, [...args, '-o', file])
  const into = path.join(folder, 'unpacked')
  await mkdir(into)
  execFileSync('tar', ['-xzf', file, '-C', into])
  const entries = await readdir(into, { recursive: true, withFileTypes: true })
  const texts = new Map<string, string>()
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const at = path.join(entry.parentPath, entry.name)
    texts.set(path.relative(into, at).split(path.sep).slice(1).join('/'), await readFile(at, 'utf8'))
  }
  return { file, printed, texts, all: [...texts.values(), printed].join('\n') }
}

const secrets = [...Object.values(variables), ...Object.values(inFiles), ...inClear]
/** The text in every form it is likely to be written in. */
function formsOf(secret: string): readonly string[] {
  const bytes = [Buffer.from(secret), ...(/^[\da-f]+$/i.test(secret) ? [Buffer.from(secret, 'hex')] : [])]
  return bytes.flatMap((some) => [
    some.toString('latin1'),
    some.toString('base64').replace(/=+$/, ''),
    some.toString('hex'),
  ])
}

function expectNoSecret(text: string): void {
  for (const form of [...secrets.flatMap(formsOf), 'PRIVATE KEY-----']) {
    expect(text.toLowerCase().includes(form.toLowerCase()), form).toBe(false)
  }
}

describe('the file for support', () => {
  test('holds what is needed, and no secret of a configuration that uses every kind', async () => {
    const { file, texts, all, printed } = await diagnose('--config', await everySecret())
    expect([...texts.keys()].sort()).toEqual([
      'certificates.json', 'configuration/effective.yaml', 'configuration/msgtrk.yaml', 'folders/EX01.txt', 'log/msgtrk.log',
      'log/msgtrk1.log', 'state/listing.txt', 'state/siem/listing.txt', 'state/siem/positions.json', 'status.json', 'versions.json',
    ]) // biome-ignore format: a list of words
    expectNoSecret(all)
    expect(texts.get('configuration/msgtrk.yaml')).toContain("token: '${file:token.txt}'")
    expect(texts.get('configuration/effective.yaml')).toContain('maxMegabytes: 100')
    expect(texts.get('folders/EX01.txt')).toMatch(/ \d+ -600 MSGTRK2026112014-1\.LOG\n$/)
    expect(texts.get('certificates.json')).toContain('Test authority')
    expect(printed).toContain('The value of http.tls.passphrase was left out')
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
  })

  test('holds no row, no event and no address of the own log', async () => {
    const { all } = await diagnose('--config', await everySecret())
    expect(all).not.toContain('carol@')
    expect(all).not.toContain(rowsHold.subject)
    expect(all).toContain('said by …@partner.example: (not shown) is wrong')
  })

  test('holds dead letters where they are asked for, and still no secret', async () => {
    const { texts, all } = await diagnose('--config', await everySecret(), '--with-dead-letters')
    expect(texts.get('state/siem/dead-letters.ndjson')).toContain(rowsHold.subject)
    expect(all).toContain('said by carol@')
    expectNoSecret(all)
  })

  test('is written for a configuration with mistakes, and tells them', async () => {
    const config = await everySecret(`      hashKye: '${inClear[1]}'
  - name: azure-in-clear
    to: ${rule}
    sentinel: { tenantId: ${entra}, clientId: ${entra}, clientSecret: ${inClear[2]} }
`)
    const { texts, all } = await diagnose('--config', config)
    expectNoSecret(all)
    expect(texts.get('configuration/mistakes.txt')).toContain('hashKye')
    expect(texts.get('configuration/mistakes.txt')).toContain('sentinel.clientSecret')
    expect(texts.get('configuration/msgtrk.yaml')).toContain("clientSecret: '${file:azure.secret}'")
    expect(texts.has('configuration/effective.yaml')).toBe(false)
    expect(texts.has('state/siem/positions.json')).toBe(true)
  })

  test('shows nothing of a configuration whose form is broken', async () => {
    const { texts, all, printed } = await diagnose('--config', await everySecret('  - "\n'))
    expectNoSecret(all)
    expect(texts.has('configuration/msgtrk.yaml')).toBe(false)
    expect(printed).toContain('its form is broken')
  })

  test('never takes the place of another file', async () => {
    const config = await everySecret()
    const file = await write('mine.tar.gz', 'mine')
    const told = await problemsOf(output(diagnoseCommand, ['--config', config, '-o', file]))
    expect(told).toContain('is there already')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  test('without a configuration a state folder is enough', async () => {
    await everySecret()
    const { texts } = await diagnose('--state', path.join(folder, 'state'))
    expect(texts.has('state/siem/positions.json')).toBe(true)
    expect(await problemsOf(output(diagnoseCommand, []))).toContain('--config')
  })
})
