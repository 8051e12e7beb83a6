import { createPrivateKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TlsOptions } from '../../../src/destinations/stream/tls-options.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { loadCredentials } from '../../../src/network/credentials.ts'
import { makeCertificate } from '../../support/certificates.ts'
import { told } from '../../support/told.ts'

let folder: string
const paths: Record<string, string> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-pem-'))
  const [one, other] = [await makeCertificate(), await makeCertificate()]
  const encrypted = createPrivateKey(one.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame',
  })
  const broken = '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n'
  const texts = {
    cert: one.cert,
    key: one.key,
    otherKey: other.key,
    chain: one.cert + other.cert,
    halfBroken: one.cert + broken,
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
