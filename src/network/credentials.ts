/** PEM files that settings of TLS name: read and checked when a connection is made ready, all mistakes at once. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { readNamedFile } from '../mistakes/named-file.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import type { Path } from '../mistakes/written.ts'
import { authoritiesOfSystem, pemCertificates, systemAuthorities } from './certificates.ts'

/** The files, by their paths; `ca` may be `systemAuthorities`. */
export interface CredentialFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
}

/** As `readCredentials`, for connections to a receiver. */
export function loadCredentials(tls: CredentialFiles): SecureContext {
  return createSecureContext(readCredentials(tls))
}

/** Reads `ca`, `cert` and `key`, of which something can be made; throws a `ProblemsError` by setting, such as `tls.ca`: `at` is where they stand. */
export function readCredentials(tls: CredentialFiles, at: Path = ['tls']): SecureContextOptions {
  const problems: Problem[] = []
  const report = (setting: string, message: string, remedy: string) =>
    problems.push({ where: { setting: [...at, setting] }, message, remedy })

  const isOfSystem = tls.ca === systemAuthorities
  const ca = isOfSystem ? readSystem(report) : readPem(tls.ca, 'ca', report)
  const cert = readPem(tls.cert, 'cert', report)
  const key = readPem(tls.key, 'key', report)
  if (typeof ca === 'string') readCertificates(ca, 'ca', report)
  const own = cert === undefined ? undefined : readCertificates(cert, 'cert', report)
  const privateKey = key === undefined ? undefined : readKey(key, tls.passphrase, report)
  if (own !== undefined && privateKey !== undefined && !own.checkPrivateKey(privateKey)) {
    report(
      'key',
      'does not belong to the certificate in tls.cert',
      'give the key that certificate was made with',
    )
  }
  if (problems.length === 0) {
    const read = {
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    } as const
    try {
      createSecureContext(read)
      return read
    } catch (error) {
      const message = `the certificates can't be used: ${messageOf(error)}`
      problems.push({
        where: { setting: [...at] },
        message,
        remedy: 'check tls.ca, tls.cert and tls.key with openssl',
      })
    }
  }
  throw new ProblemsError(problems)
}

type Report = (setting: string, message: string, remedy: string) => void

function readSystem(report: Report): readonly string[] | undefined {
  const authorities = authoritiesOfSystem()
  if (authorities === undefined) {
    const message = `needs Node.js 22.15 or later, which can read them; this is ${process.versions.node}`
    report('ca', message, 'export the authority as a PEM file and name that, or use a later Node.js')
  } else if (authorities.length === 0) {
    report('ca', 'the system trusts no authority', 'name a PEM file of the authority to trust')
  }
  return authorities
}

function readPem(path: string | undefined, setting: string, report: Report): string | undefined {
  if (path === undefined) return undefined
  try {
    return readNamedFile(path).toString('latin1')
  } catch (error) {
    report(
      setting,
      `can't read ${path}: ${messageOf(error)}`,
      'check the path, and the rights of the account msgtrk runs as',
    )
    return undefined
  }
}

/** The first certificate, after all were parsed; undefined when one is broken or there is none. */
function readCertificates(pem: string, setting: string, report: Report): X509Certificate | undefined {
  const blocks = pemCertificates(pem)
  if (blocks.length === 0) {
    const remedy = 'convert it: openssl x509 -inform der -in FILE -out FILE.pem'
    report(setting, 'holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', remedy)
    return undefined
  }
  try {
    return blocks.map((block) => new X509Certificate(block))[0]
  } catch (error) {
    report(setting, `holds a broken certificate: ${messageOf(error)}`, 'export it again')
    return undefined
  }
}

function readKey(pem: string, passphrase: string | undefined, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch (error) {
    // OpenSSL's messages never hold the key or the passphrase, and ours must not either.
    if (/ENCRYPTED/.test(pem)) {
      const message = passphrase === undefined ? 'is encrypted' : "can't be decrypted with tls.passphrase"
      report('key', message, 'set tls.passphrase to its passphrase')
    } else {
      report(
        'key',
        `holds no private key in PEM form: ${messageOf(error)}`,
        'export it again as PEM, PKCS #8',
      )
    }
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
