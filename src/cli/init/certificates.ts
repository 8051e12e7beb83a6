/** Certificates as a person compares them, and what of them can be trusted. */
import type { X509Certificate } from 'node:crypto'
import { factsOf, isSelfSigned, type ShownChain } from '../../destinations/stream/shown-chain.ts'
import { counted } from '../../mistakes/counted.ts'
import { textTable } from '../terminal/table.ts'

/** Each certificate of the chain: subject, issuer, names, validity, fingerprint; `width` of the terminal. */
export function chainText({ certificates }: ShownChain, width?: number, now = Date.now()): string {
  const rows = certificates.flatMap((certificate, index) => rowsOf(certificate, index, now))
  return textTable(rows, { width }).trimEnd()
}

function rowsOf(certificate: X509Certificate, index: number, now: number): readonly (readonly string[])[] {
  const { subject, issuer, names, validFrom, validTo, fingerprint, isSelfSigned } = factsOf(certificate)
  const left = Math.floor((Date.parse(validTo) - now) / 86_400_000)
  const expiry =
    Date.parse(validFrom) > now ? 'not valid yet' : left < 0 ? 'expired' : `${counted(left, 'day')} left`
  return [
    [index === 0 ? 'certificate' : 'signed by', subject],
    ['issuer', isSelfSigned ? 'itself (self-signed)' : issuer],
    ...(index === 0 ? [['for', names === '' ? 'no name at all' : names]] : []),
    ['valid', `${validFrom} to ${validTo} (${expiry})`],
    ['sha-256', fingerprint.replace(/^sha-256:/, '')],
  ]
}

/** The one at the top of the chain when it can vouch for others or for itself: a root. Others need their root beside them. */
export function authorityIn({ certificates }: ShownChain): X509Certificate | undefined {
  const last = certificates.at(-1)
  return last !== undefined && isSelfSigned(last) ? last : undefined
}

/** Names that its certificate is for, without wildcards. */
export function namesIn({ certificates: [own] }: ShownChain): readonly string[] {
  const names = (own.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => /^DNS:([a-z0-9._-]+)$/i.exec(name)?.[1] ?? [])
  return [...new Set(names)].slice(0, 20)
}

/** As a PEM file holds it. */
export function pemOf(certificate: X509Certificate): string {
  return certificate.toString()
}

/** Why it is not trusted, in words. */
export function objectionText(objection: string): string {
  switch (objection) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'It is for another name'
    case 'CERT_HAS_EXPIRED':
      return 'It has expired, or one that it depends on'
    case 'CERT_NOT_YET_VALID':
      return 'It is not valid yet: check the clocks'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'Its authority is not among those that this machine trusts'
    default:
      return `No authority that this machine trusts vouches for it (${objection})`
  }
}
