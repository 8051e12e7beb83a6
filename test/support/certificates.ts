/** Certificates made on the spot. */
import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'

/** PEM texts of a certificate and its private key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** SHA-256, as `AA:BB:…`. */
  readonly fingerprint: string
}

interface CertificateOptions {
  /** Who signs it; by itself when left out. */
  readonly authority?: Certificate
  readonly commonName?: string
  /** Names and addresses it is for; localhost, 127.0.0.1 and ::1 by default. */
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const day = 86_400_000

/** An authority that signs certificates and is itself signed by nobody. */
export async function makeAuthority(commonName = 'Test authority'): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + day),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return certificate(made.cert, made.private)
}

/** A certificate for servers and clients. */
export async function makeCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { authority, commonName = 'localhost' } = options
  const { names = ['localhost'], addresses = ['127.0.0.1', '::1'] } = options
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: options.notBefore ?? new Date(Date.now() - day),
    notAfterDate: options.notAfter ?? new Date(Date.now() + day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
    ...(authority === undefined ? {} : { ca: { key: authority.key, cert: authority.cert } }),
  })
  return certificate(made.cert, made.private)
}

/** One that was valid until yesterday. */
export function makeExpired(authority?: Certificate): Promise<Certificate> {
  return makeCertificate({
    ...(authority === undefined ? {} : { authority }),
    notBefore: new Date(Date.now() - 30 * day),
    notAfter: new Date(Date.now() - day),
  })
}

function certificate(cert: string, key: string): Certificate {
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 }
}
