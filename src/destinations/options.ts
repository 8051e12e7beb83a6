/** The settings of a destination. */
import { z } from 'zod'
import { readTarget } from './target.ts'

/** Largest payload of a UDP datagram over IPv4, in bytes. */
export const maxDatagramBytes = 65_507

const path = z.string().min(1, 'is empty; write the path of a PEM file')

const tlsShape = z.strictObject({
  ca: path.optional().describe('PEM file of the authorities to trust, instead of those the system trusts.'),
  cert: path.optional().describe('PEM file of the client certificate, followed by its intermediates.'),
  key: path.optional().describe('PEM file of the private key that belongs to `cert`.'),
  passphrase: z.string().optional().describe('Passphrase of `key`, if it is encrypted.'),
  serverName: z
    .string()
    .min(1, 'is empty; write the name that stands in the certificate')
    .optional()
    .describe("Name the peer's certificate must be for; the host of `to` by default."),
  fingerprint: z
    .string()
    .refine(
      (text) => normaliseFingerprint(text) !== undefined,
      'is no SHA-256 fingerprint; write sha-256: and 32 pairs of hexadecimal digits, as printed by ' +
        '`openssl x509 -noout -fingerprint -sha256`',
    )
    .optional()
    .describe(
      "SHA-256 fingerprint of the peer's certificate (RFC 5425). It alone decides: the certificate " +
        'must be this one, whoever signed it and whatever name it carries.',
    ),
})

const milliseconds = (min: number, max: number) =>
  z.int().min(min, `must be ${min} or more (milliseconds)`).max(max, `must be ${max} or less (milliseconds)`)

/** Where events go and when they count as delivered: a part of a destination's configuration. */
export const destinationShape = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be 1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit',
    )
    .optional()
    .describe('Name in the log and of its saved positions; made from `to` by default.'),
  to: z
    .string()
    .superRefine((to, context) => {
      const target = readTarget(to)
      if (typeof target === 'string') context.addIssue({ code: 'custom', message: target, input: to })
    })
    .describe('udp://host:port, tcp://host:port or tls://host:port; ports 514, 514 and 6514 by default.'),
  confirm: z
    .enum(['write', 'time'])
    .default('time')
    .describe(
      'When a batch counts as delivered on TCP and TLS. `time`: the connection stayed healthy for ' +
        '`confirmAfterMs` after the batch was written. `write`: at once; what a dying connection still ' +
        'held is lost.',
    ),
  confirmAfterMs: milliseconds(100, 600_000)
    .default(5000)
    .describe('How long the connection has to stay healthy with `confirm: time`.'),
  connectTimeoutMs: milliseconds(100, 600_000)
    .default(10_000)
    .describe('How long connecting may take, the TLS handshake included.'),
  stallTimeoutMs: milliseconds(100, 3_600_000)
    .default(60_000)
    .describe('A receiver that takes nothing for this long counts as lost.'),
  tls: tlsShape.optional().describe('Settings of tls:// destinations.'),
}

const destinationSchema = z.strictObject(destinationShape)

/** A destination's settings with all defaults filled in and its name given. */
export type DestinationOptions = Omit<z.output<typeof destinationSchema>, 'name'> & { readonly name: string }
/** The settings under `tls`. */
export type TlsOptions = z.output<typeof tlsShape>

/**
 * Checks settings against each other; for `superRefine` of the schema that `destinationShape` was spread
 * into. It also looks at `maxMessageBytes`, which a datagram limits.
 */
export function checkDestination(
  value: {
    readonly to: string
    readonly tls?: TlsOptions | undefined
    readonly maxMessageBytes?: number | undefined
  },
  context: z.RefinementCtx,
): void {
  const report = (at: readonly string[], message: string) =>
    context.addIssue({ code: 'custom', path: [...at], message, input: value })
  const target = readTarget(value.to)
  if (typeof target === 'string') return // reported by `to` itself
  const { tls } = value
  if (tls !== undefined && target.protocol !== 'tls') {
    report(
      ['tls'],
      `belongs to tls:// destinations, and this is ${target.protocol}://; change \`to\` or remove it`,
    )
  }
  if (tls?.cert !== undefined && tls.key === undefined) {
    report(['tls', 'cert'], 'needs its private key; set tls.key')
  }
  if (tls?.key !== undefined && tls.cert === undefined) {
    report(['tls', 'key'], 'needs its certificate; set tls.cert')
  }
  if (tls?.passphrase !== undefined && tls.key === undefined) {
    report(['tls', 'passphrase'], 'belongs to a private key; set tls.key or remove it')
  }
  if (target.protocol === 'udp' && (value.maxMessageBytes ?? 0) > maxDatagramBytes) {
    report(['maxMessageBytes'], `must be ${maxDatagramBytes} or less on UDP: a datagram holds no more`)
  }
}

/** Any usual spelling of a SHA-256 fingerprint as `AA:BB:…`, the form of `X509Certificate`; else undefined. */
export function normaliseFingerprint(text: string): string | undefined {
  const hex = text
    .trim()
    .replace(/^sha-?256[ :]?(?:fingerprint=)?/i, '')
    .replaceAll(':', '')
  return /^[0-9a-f]{64}$/i.test(hex) ? hex.toUpperCase().match(/../g)?.join(':') : undefined
}
