/** The settings of destinations over TLS. */
import * as z from 'zod'
import { pathSetting } from '../../mistakes/path-setting.ts'
import { said } from '../../mistakes/words.ts'
import { type Group, isGroup } from '../../mistakes/written.ts'
import { caDescription, wholeCa } from '../../network/certificates.ts'
import type { Report } from '../kind.ts'
import type { StreamOptions } from './options.ts'

const path = pathSetting(said('is empty', 'write the path of a PEM file'))

const settings = z.strictObject({
  ca: path.optional().describe(caDescription),
  cert: path.optional().describe('PEM file of the client certificate, followed by its intermediates.'),
  key: path.optional().describe('PEM file of the private key that belongs to `cert`.'),
  passphrase: z.string().optional().describe('Passphrase of `key`, if it is encrypted.'),
  serverName: z
    .string()
    .min(1, said('is empty', 'write the name that stands in the certificate'))
    .optional()
    .describe(
      "Name the peer's certificate must be for, also that of a peer in `failover`; by default each for the " +
        'host of its own URL.',
    ),
  fingerprint: z
    .string()
    .refine(
      (text) => normaliseFingerprint(text) !== undefined,
      said(
        'is no SHA-256 fingerprint',
        'write sha-256: and 32 pairs of hexadecimal digits, as printed by ' +
          '`openssl x509 -noout -fingerprint -sha256`',
      ),
    )
    .optional()
    .describe(
      "SHA-256 fingerprint of the peer's certificate (RFC 5425). It alone decides: the certificate " +
        'must be this one, whoever signed it and whatever name it carries.',
    ),
})

/** The settings under `tls`. */
export type TlsOptions = z.output<typeof settings>

/** The group `tls` of a destination. */
export const tlsShape = {
  tls: settings.optional().describe('Settings of tls:// destinations.'),
}

/** The settings of a destination over TLS, with all defaults filled in. */
export type TlsStreamOptions = StreamOptions & { readonly tls?: TlsOptions | undefined }

/** A certificate and its key go together. */
export function checkPair({ tls }: Group, report: Report): void {
  const { cert, key, passphrase } = isGroup(tls) ? tls : {}
  if (cert !== undefined && key === undefined) {
    report(['tls', 'cert'], 'needs its private key', 'set tls.key')
  }
  if (key !== undefined && cert === undefined) {
    report(['tls', 'key'], 'needs its certificate', 'set tls.cert')
  }
  if (passphrase !== undefined && key === undefined) {
    report(['tls', 'passphrase'], 'belongs to a private key', 'set tls.key or remove it')
  }
}

/** The same settings with the paths of its files made absolute. */
export function withAbsolutePaths(tls: TlsOptions, absolute: (path: string) => string): TlsOptions {
  const paths = (['ca', 'cert', 'key'] as const).flatMap((setting) => {
    const path = tls[setting]
    if (path === undefined) return []
    return [[setting, setting === 'ca' ? wholeCa(path, absolute) : absolute(path)]]
  })
  return { ...tls, ...Object.fromEntries(paths) }
}

/** Any usual spelling of a SHA-256 fingerprint as `AA:BB:…`, the form of `X509Certificate`; else undefined. */
export function normaliseFingerprint(text: string): string | undefined {
  const hex = text
    .trim()
    .replace(/^sha-?256[ :]?(?:fingerprint=)?/i, '')
    .replaceAll(':', '')
  return /^[0-9a-f]{64}$/i.test(hex) ? hex.toUpperCase().match(/../g)?.join(':') : undefined
}
