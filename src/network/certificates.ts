/** The certificates that a connection depends on, and until when they are valid. */
import { X509Certificate } from 'node:crypto'
import * as tls from 'node:tls'
import type { SeenCertificate } from '../flow/events.ts'
import { counted } from '../mistakes/counted.ts'
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

/** In place of a PEM file: the authorities that the system trusts, on Windows those in its certificate store. */
export const systemAuthorities = 'system'

/** Of the setting `ca`. */
export const caDescription =
  'PEM file of the authorities to trust, instead of those that Node.js brings along; `system`: those that the system ' +
  'trusts, on Windows the ones in its certificate store (from Node.js 22.15 on; read at the start).'

/** For people: whom a connection trusts with this setting `ca`. */
export function trustedBy(ca: string | undefined): string {
  if (ca === undefined) return 'the authorities that Node.js brings along'
  return ca === systemAuthorities ? 'the authorities of the system' : ca
}

/** What `ca` says with an absolute path, if it is one. */
export function wholeCa(ca: string, absolute: (path: string) => string): string {
  return ca === systemAuthorities ? ca : absolute(ca)
}

/** The authorities that the system trusts, in PEM form; undefined where Node.js can't tell (before 22.15). */
export function authoritiesOfSystem(): readonly string[] | undefined {
  return (tls as Partial<CaOfTls>).getCACertificates?.('system')
}

/** What Node.js has since 22.15. */
interface CaOfTls {
  getCACertificates(type: 'system'): string[]
}

/** The authorities in a PEM file, which was checked before; those of the system are too many. */
export function authoritiesIn(ca: string | undefined): readonly SeenCertificate[] {
  return ca === undefined || ca === systemAuthorities
    ? []
    : pemCertificates(readNamedFile(ca).toString('latin1')).map((one) =>
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
  const text = `${what}: valid until ${until}, ${counted(days, 'day')}`
  return expiresAtMs - nowMs < soonMs
    ? warning('certificate', text, 'renew it before: no connection can be made then')
    : ok('certificate', text)
}

/** Names in a certificate are the choice of whoever made it: they are made plain. */
function seenAs(of: SeenCertificate['of'], { subject, validTo }: X509Certificate): SeenCertificate {
  return { of, subject: plain((subject ?? '').replaceAll('\n', ', '), 200), expiresAtMs: Date.parse(validTo) }
}
