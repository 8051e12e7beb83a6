/** Makes a certificate on the spot, for trying out over TLS. */
import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'

/** Certificate and key as PEM; `fingerprint` is the SHA-256 of the certificate as `AB:CD:…`. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
  readonly fingerprint: string
}

const validMs = 30 * 24 * 60 * 60 * 1000
/** A peer whose clock is behind still takes the certificate. */
const clockSkewMs = 24 * 60 * 60 * 1000

/** A new EC P-256 key with a certificate for localhost, 127.0.0.1 and ::1, valid for 30 days from `now`. */
export async function makeSelfSigned(now: Date = new Date()): Promise<SelfSigned> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - clockSkewMs),
    notAfterDate: new Date(now.getTime() + validMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  const { cert, private: key } = made
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 }
}
