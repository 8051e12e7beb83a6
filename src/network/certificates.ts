/** The certificates that a connection depends on, and until when they are valid. */
import { X509Certificate } from 'node:crypto'
import type { SeenCertificate } from '../flow/events.ts'
import { type Examined, ok, warning } from '../mistakes/examined.ts'
import { readNamedFile } from '../mistakes/named-file.ts'
import { plain } from './reasons.ts'

/** A longer chain is none. */
const mostInChain = 10
/** As in the status of an instance. */
const soonMs = 21 * 24 * 3_600_000

/** That of the peer, and those of the authorities above it as far as they are known. */
export function chainOf(peer: X509Certificate): readonly SeenCertificate[] {
  const seen: SeenCertificate[] = []
  let certificate: X509Certificate | undefined = peer
  while (certificate !== undefined && seen.length < mostInChain) {
    seen.push(seenAs(seen.length === 0 ? 'receiver' : 'authority', certificate))
    const issuer: X509Certificate | undefined = certificate.issuerCertificate
    if (issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256) break
    certificate = issuer
  }
  return seen
}

/** Our own, by its PEM file, which was checked before. */
export function ownCertificate(file: string | undefined): readonly SeenCertificate[] {
  return file === undefined ? [] : [seenAs('client', new X509Certificate(readNamedFile(file)))]
}

/** The authorities in a PEM file, which was checked before. */
export function authoritiesIn(file: string | undefined): readonly SeenCertificate[] {
  return file === undefined
    ? []
    : pemCertificates(readNamedFile(file).toString('latin1')).map((one) =>
        seenAs('authority', new X509Certificate(one)),
      )
}

/** The certificates in a text, each in PEM form. */
export function pemCertificates(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
}

/** How long one is valid still. */
export function examineCertificate({ of, subject, expiresAtMs }: SeenCertificate, nowMs: number): Examined {
  const whose = of === 'receiver' ? '' : of === 'client' ? 'our own, ' : 'authority, '
  const until = new Date(expiresAtMs).toISOString()
  const days = Math.floor((expiresAtMs - nowMs) / (24 * 3_600_000))
  const what = `${whose}${subject}`
  if (expiresAtMs < nowMs) return warning('certificate', `${what}: expired ${until}`, 'renew it')
  const text = `${what}: valid until ${until}, ${days} days`
  return expiresAtMs - nowMs < soonMs
    ? warning('certificate', text, 'renew it before: no connection can be made then')
    : ok('certificate', text)
}

/** Names in a certificate are the choice of whoever made it: they are made plain. */
function seenAs(of: SeenCertificate['of'], { subject, validTo }: X509Certificate): SeenCertificate {
  return { of, subject: plain((subject ?? '').replaceAll('\n', ', '), 200), expiresAtMs: Date.parse(validTo) }
}
