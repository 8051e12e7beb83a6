import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TlsOptions, withAbsolutePaths } from '../../../src/destinations/stream/tls-options.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { loadCredentials } from '../../../src/network/credentials.ts'
import { makeCertificate } from '../../support/certificates.ts'
import { told } from '../../support/told.ts'

let folder: string
let one: string
const paths: Record<string, string> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-pem-'))
  const [first, other] = [await makeCertificate(), await makeCertificate()]
  one = first.cert
  const encrypted = createPrivateKey(first.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame',
  })
  const broken = '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n'
  const texts = {
    cert: first.cert,
    key: first.key,
    otherKey: other.key,
    chain: first.cert + other.cert,
    halfBroken: first.cert + broken,
    encrypted: String(encrypted),
    nonsense: 'nonsense',
  }
  for (const [name, text] of Object.entries(texts)) {
    paths[name] = join(folder, `${name}.pem`)
    await writeFile(paths[name], text)
  }
})
afterAll(() => rm(folder, { recursive: true }))

function problems(tls: TlsOptions): string[] {
  try {
    loadCredentials(tls)
    return []
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    for (const { remedy } of error.problems) expect(remedy).toBeDefined()
    return told(error.problems).map(({ where, message }) => `${where}: ${message}`)
  }
}

describe('PEM files', () => {
  it('are taken when they fit', () => {
    expect(problems({})).toEqual([])
    expect(problems({ ca: paths.chain, cert: paths.cert, key: paths.key })).toEqual([])
    expect(problems({ cert: paths.cert, key: paths.encrypted, passphrase: 'open sesame' })).toEqual([])
  })

  it('are all complained about at once, with the setting', () => {
    expect(problems({ ca: join(folder, 'none.pem'), cert: paths.nonsense, key: paths.nonsense })).toEqual([
      expect.stringMatching(/^tls\.ca: can't read .*none\.pem: ENOENT/),
      expect.stringMatching(/^tls\.cert: holds no certificate in PEM form/),
      expect.stringMatching(/^tls\.key: holds no private key in PEM form/),
    ])
  })

  it('must not be broken anywhere', () => {
    expect(problems({ ca: paths.halfBroken })).toEqual([
      expect.stringMatching(/tls\.ca: holds a broken certificate/),
    ])
  })

  it('must belong together', () => {
    expect(problems({ cert: paths.cert, key: paths.otherKey })).toEqual([
      expect.stringMatching(/tls\.key: does not belong to the certificate in tls\.cert/),
    ])
  })

  it('keep the passphrase to themselves', () => {
    expect(problems({ cert: paths.cert, key: paths.encrypted })).toEqual(['tls.key: is encrypted'])
    const wrong = problems({ cert: paths.cert, key: paths.encrypted, passphrase: 'swordfish' })
    expect(wrong).toEqual(["tls.key: can't be decrypted with tls.passphrase"])
  })
})

describe('the authorities of the system', () => {
  const has = Object.hasOwn(tls, 'getCACertificates')

  it.skipIf(has)('are asked for in vain where Node.js can not read them, which is said', () => {
    expect(problems({ ca: 'system' })).toEqual([
      expect.stringMatching(/^tls\.ca: needs Node\.js 22\.15 or later/),
    ])
  })

  it.runIf(has)('are trusted, where Node.js can read them', async () => {
    // OpenSSL looks there, in a process that has not read them yet.
    const script = `
      import { readCredentials } from '${new URL('../../../src/network/credentials.ts', import.meta.url)}'
      process.stdout.write(JSON.stringify(readCredentials({ ca: 'system' }).ca))`
    const env = { ...process.env, SSL_CERT_FILE: paths.cert, SSL_CERT_DIR: join(folder, 'none') }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { env },
    )
    const [authority = '', ...others] = JSON.parse(stdout) as string[]
    expect(others).toEqual([])
    expect(new X509Certificate(authority).fingerprint256).toBe(new X509Certificate(one).fingerprint256)
  })

  it('are no file: its name stays as it is', () => {
    const absolute = (path: string) => `/etc/${path}`
    expect(withAbsolutePaths({ ca: 'system', cert: 'system' }, absolute)).toEqual({
      ca: 'system',
      cert: '/etc/system',
    })
  })
})
