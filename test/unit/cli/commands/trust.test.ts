import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { trustCommand } from '../../../../src/cli/commands/trust.ts'
import { makeAuthority, makeCertificate, makeExpired } from '../../../support/certificates.ts'
import { output, problemsOf } from '../../../support/command.ts'

const authority = await makeAuthority('Our authority')
const own = await makeCertificate({ authority, commonName: 'logger', names: ['logger.example.com'] })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-trust-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A server that shows these certificates. */
async function shows(cert: string, key: string): Promise<string> {
  const server = createServer({ cert, key }, (socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

test('shows each certificate of the chain, and that nobody here trusts it', async () => {
  const text = await output(trustCommand, [await shows(`${own.cert}\n${authority.cert}`, own.key)])
  expect(text).toMatch(/certificate +CN=logger\nissuer +CN=Our authority\nfor +DNS:logger\.example\.com/)
  expect(text).toMatch(/signed by +CN=Our authority\nissuer +itself \(self-signed\)/)
  expect(text).toContain(own.fingerprint)
  expect(text).toContain(authority.fingerprint)
  expect(text).toContain('Not trusted here')
  expect(text).toContain(`tls: { fingerprint: 'sha-256:${own.fingerprint}' }`)
})

test('saves the authority that is shown, and the fingerprint, and leaves files that are there', async () => {
  const receiver = `tls://${await shows(`${own.cert}\n${authority.cert}`, own.key)}`
  const [ca, pin] = [join(folder, 'ca.pem'), join(folder, 'receiver.pin')]
  await output(trustCommand, [receiver, '--save-authority', ca, '--save-pin', pin, '--yes'])
  expect(new X509Certificate(await readFile(ca)).fingerprint256).toBe(authority.fingerprint)
  expect(await readFile(pin, 'utf8')).toBe(`sha-256:${own.fingerprint}\n`)
  await writeFile(ca, 'mine')
  expect(await problemsOf(output(trustCommand, [receiver, '--save-authority', ca, '--yes']))).toContain(
    'is there already',
  )
  expect(await readFile(ca, 'utf8')).toBe('mine')
})

test('saves nothing unasked, and no authority that can not vouch for itself', async () => {
  const receiver = await shows(own.cert, own.key)
  const ca = join(folder, 'ca.pem')
  expect(await problemsOf(output(trustCommand, [receiver, '--save-authority', ca]))).toContain(
    '--yes: is missing',
  )
  const asked = output(trustCommand, [receiver, '--save-authority', ca, '--yes'])
  expect(await problemsOf(asked)).toContain('does not show the authority at the top')
  await expect(readFile(ca)).rejects.toThrow()
})

test('says of an expired one that it has expired', async () => {
  const expired = await makeExpired()
  const text = await output(trustCommand, [await shows(expired.cert, expired.key)])
  expect(text).toMatch(/\(expired\)/)
})

test.each([
  ['127.0.0.1:1', /connection refused/],
  ['udp://127.0.0.1:514', /certificates are shown by receivers over TLS/],
  ['a b:1', /neither a name nor an address/],
])('%s is a mistake that is told', async (receiver, expected) => {
  expect(await problemsOf(output(trustCommand, [receiver]))).toMatch(expected)
})
