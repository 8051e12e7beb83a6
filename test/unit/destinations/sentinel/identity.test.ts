/** Who msgtrk is to Azure: by its settings, else as Azure's own tools are, by the environment. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identityOf } from '../../../../src/destinations/sentinel/identity.ts'
import { whoIs } from '../../../../src/destinations/sentinel/tokens.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { makeCertificate } from '../../../support/certificates.ts'
import { told } from '../../../support/told.ts'

const application = { tenantId: 'tenant', clientId: 'client' }
const ofEnvironment = { AZURE_TENANT_ID: 'their tenant', AZURE_CLIENT_ID: 'their client' }

let folder: string
let pair: string
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-identity-'))
  const made = await generate([{ name: 'commonName', value: 'msgtrk' }], { keyType: 'rsa', keySize: 2048 })
  pair = await file('pair.pem', made.private + made.cert)
  const locked = rsa().export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' })
  await file('locked.pem', locked + made.cert)
  await file('other.pem', rsa().export({ type: 'pkcs8', format: 'pem' }) + made.cert)
  const { cert, key } = await makeCertificate()
  await file('ec.pem', key + cert)
  await file('none.pem', 'nothing')
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

test('settings come first: a secret, a certificate, or the identity of a machine', () => {
  const secret = identityOf({ ...application, clientSecret: 'sesame' }, ofEnvironment)
  expect(secret).toEqual({ by: 'secret', ...application, secret: 'sesame' })
  expect(whoIs(secret)).toBe('the application client with its secret')
  const certificate = identityOf({ ...application, certificate: pair }, ofEnvironment)
  expect(certificate).toMatchObject({ by: 'certificate', ...application })
  expect(whoIs(certificate)).toBe('the application client with its certificate')
  const managed = identityOf({ clientId: 'client' }, ofEnvironment)
  expect(managed).toEqual({ by: 'managed identity', clientId: 'client' })
  expect(whoIs(managed)).toBe('the managed identity client')
})

test('without them the environment says it, as far as it says all of it', () => {
  const theirs = { tenantId: 'their tenant', clientId: 'their client' }
  expect(identityOf({}, { ...ofEnvironment, AZURE_CLIENT_SECRET: 'sesame' })).toEqual({
    by: 'secret',
    ...theirs,
    secret: 'sesame',
  })
  expect(identityOf({}, { ...ofEnvironment, AZURE_CLIENT_CERTIFICATE_PATH: pair })).toMatchObject({
    by: 'certificate',
    ...theirs,
  })
  expect(identityOf({}, ofEnvironment)).toEqual({ by: 'managed identity', clientId: 'their client' })
  const ofMachine = identityOf(undefined, { AZURE_CLIENT_SECRET: 'of nobody' })
  expect(ofMachine).toEqual({ by: 'managed identity', clientId: undefined })
  expect(whoIs(ofMachine)).toBe('the managed identity of this machine')
})

test.each([
  ['missing.pem', /can't read .*ENOENT/, /check the path/],
  ['none.pem', /holds no certificate with its private key/, /put both into one PEM file/],
  ['locked.pem', /holds no certificate with its private key/, /sentinel.certificatePassword/],
  ['ec.pem', /is no RSA key, and Microsoft Entra takes no other/, /RSA key/],
  ['other.pem', /does not belong to the certificate/, /one pair/],
])('a certificate that can not be used is a mistake at its place: %s', (name, message, remedy) => {
  const path = join(folder, name)
  const mistakeOf = (make: () => unknown) => {
    try {
      make()
    } catch (error) {
      if (error instanceof ProblemsError) return told(error.problems)
    }
    throw new Error('it went well')
  }
  const expected = { message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }
  expect(mistakeOf(() => identityOf({ ...application, certificate: path }, {}))).toEqual([
    { where: 'sentinel.certificate', ...expected },
  ])
  const env = { ...ofEnvironment, AZURE_CLIENT_CERTIFICATE_PATH: path }
  expect(mistakeOf(() => identityOf({}, env))).toEqual([{ where: 'to', ...expected }])
})

test('a key with a password is taken with it', () => {
  const open = { ...application, certificate: join(folder, 'locked.pem'), certificatePassword: 'sesame' }
  // It is of another pair: it was read, then.
  expect(() => identityOf(open, {})).toThrow(/does not belong/)
})
