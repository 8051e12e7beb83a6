/** How brokers of Kafka are talked to: the settings that destinations and sources have in common, and their mistakes. */
import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'
import { said } from '../mistakes/words.ts'
import { type Group, isGroup, type Path } from '../mistakes/written.ts'
import { caDescription, wholeCa } from '../network/certificates.ts'

const pemPath = pathSetting(said('is empty', 'write the path of a PEM file'))

const tls = z.strictObject({
  ca: pemPath.optional().describe(caDescription),
  cert: pemPath.optional().describe('PEM file of the client certificate, followed by its intermediates.'),
  key: pemPath.optional().describe('PEM file of the private key that belongs to `cert`.'),
  passphrase: z.string().optional().describe('Passphrase of `key`, if it is encrypted.'),
  serverName: z
    .string()
    .min(1, said('is empty', 'write the name that stands in the certificates'))
    .optional()
    .describe(
      'Name that the certificates of all brokers must be for; by default each for the host that the cluster names it by.',
    ),
})

/** Ways to sign in, as they are written. */
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const

const oauth = z.strictObject({
  url: z
    .string({ error: 'is missing' })
    .refine(
      (url) => /^https:\/\/[^/@\s]+\//i.test(url) && URL.canParse(url),
      said('is no address of a token endpoint', 'write https://host/path as the authority names it'),
    )
    .describe(
      'The token endpoint; of Microsoft Entra `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.',
    ),
  clientId: z
    .string({ error: 'is missing' })
    .min(1, said('is empty', 'write the id of the application'))
    .describe('Id of the application that msgtrk is there.'),
  clientSecret: z
    .string({ error: 'is missing' })
    .min(1, said('is empty', 'write the secret of the application'))
    .describe('Its secret, by a reference to a file or a variable of the environment.'),
  scope: z
    .string()
    .min(1, said('is empty', 'write what the authority calls it, or remove it'))
    .optional()
    .describe(
      'What the token is for, where the authority asks for it; for Event Hubs `https://NAMESPACE.servicebus.windows.net/.default`.',
    ),
  ca: pemPath.optional().describe(caDescription),
})

const sasl = z.strictObject({
  mechanism: z.enum(mechanisms, `must be one of: ${mechanisms.join(', ')}`).describe('The way to sign in.'),
  username: z
    .string()
    .min(1, said('is empty', 'write the name of a user of the cluster'))
    .optional()
    .describe('Of plain and scram; `$ConnectionString` for Event Hubs.'),
  password: z
    .string()
    .min(1, said('is empty', 'write the password of that user'))
    .optional()
    .describe('Its password, by a reference to a file or a variable of the environment.'),
  tokenFile: pathSetting(said('is empty', 'write the path of a file that holds a token'))
    .optional()
    .describe(
      'Of oauthbearer: file that holds a token, which is read whenever a connection signs in, and again before the ' +
        'cluster lets its session end; who renews the token writes it there.',
    ),
  oauth: oauth
    .optional()
    .describe('Of oauthbearer, in place of a file: where tokens are asked for, as which application.'),
  extensions: z
    .record(
      z.string().regex(/^(?!auth$)[A-Za-z]+$/, 'must be letters only'),
      z.string().regex(/^[\x20-\x7e\t]+$/, 'must be a text of ASCII'),
    )
    .optional()
    .describe(
      'Of oauthbearer: what else the cluster wants to know, such as `logicalCluster` and `identityPoolId` of Confluent Cloud.',
    ),
})

/** Settings of all connections with brokers, to be spread into a group `kafka`. */
export const brokersShape = {
  tls: tls
    .optional()
    .describe(
      'TLS with the brokers; `tls: {}` trusts the authorities of the system. Without it nothing is encrypted.',
    ),
  sasl: sasl.optional().describe('How to sign in.'),
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, hyphens or underscores')
    .default('msgtrk')
    .describe('What brokers call msgtrk in their logs, metrics and quotas.'),
  connectTimeoutMs: z
    .int()
    .min(100, 'must be 100 or more (milliseconds)')
    .max(300_000, 'must be 300000 or less (milliseconds)')
    .default(10_000)
    .describe('How long connecting to a broker may take, TLS and signing in included.'),
  requestTimeoutMs: z
    .int()
    .min(1000, 'must be 1000 or more (milliseconds)')
    .max(600_000, 'must be 600000 or less (milliseconds)')
    .default(30_000)
    .describe('How long a broker may take to answer; after that its connection is given up.'),
  idleMs: z
    .int()
    .min(1000, 'must be 1000 or more (milliseconds)')
    .max(3_600_000, 'must be 3600000 or less (milliseconds)')
    .default(180_000)
    .describe(
      'Connections that were not used for so long are made anew: firewalls and load balancers, those of Event Hubs among ' +
        'them, forget idle ones without a word.',
    ),
}

const brokers = z.strictObject(brokersShape)

/** Those settings, with all defaults filled in. */
export type BrokersOptions = z.output<typeof brokers>

/** What holds unless the settings say otherwise. */
export const defaultBrokers: BrokersOptions = brokers.parse({})

/** Settings below the group that are secret, and those that name files that are; `references` may not stand in the file itself. */
export const brokersSecrets = {
  texts: [['tls', 'passphrase']],
  references: [
    ['sasl', 'password'],
    ['sasl', 'oauth', 'clientSecret'],
  ],
  files: [
    ['tls', 'key'],
    ['sasl', 'tokenFile'],
  ],
} as const

/** The paths of its files made absolute. */
export function withAbsoluteFiles<Options extends Pick<BrokersOptions, 'tls' | 'sasl'>>(
  options: Options,
  absolute: (path: string) => string,
): Options {
  const files = (group: Readonly<Record<string, unknown>>, names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const path = group[name]
        if (typeof path !== 'string') return []
        return [[name, name === 'ca' ? wholeCa(path, absolute) : absolute(path)]]
      }),
    )
  const { tls, sasl } = options
  return {
    ...options,
    ...(tls && { tls: { ...tls, ...files(tls, ['ca', 'cert', 'key']) } }),
    ...(sasl && {
      sasl: {
        ...sasl,
        ...files(sasl, ['tokenFile']),
        ...(sasl.oauth && { oauth: { ...sasl.oauth, ...files(sasl.oauth, ['ca']) } }),
      },
    }),
  }
}

/** Reports a mistake in the setting at a path below the group. */
type Report = (path: Path, message: string, remedy?: string) => void

/** Settings of a group that contradict each other; any of them may be wrong in itself. */
export function checkBrokers({ tls, sasl }: Group, report: Report): void {
  const { cert, key, passphrase } = isGroup(tls) ? tls : {}
  if (cert !== undefined && key === undefined) report(['tls', 'cert'], 'needs its private key', 'set tls.key')
  if (key !== undefined && cert === undefined) report(['tls', 'key'], 'needs its certificate', 'set tls.cert')
  if (passphrase !== undefined && key === undefined) {
    report(['tls', 'passphrase'], 'belongs to a private key', 'set tls.key or remove it')
  }
  if (!isGroup(sasl)) return
  const { mechanism, ...others } = sasl
  if (!mechanisms.some((known) => known === mechanism)) return
  const isToken = mechanism === 'oauthbearer'
  const source = others.oauth === undefined ? 'tokenFile' : 'oauth'
  const needed = isToken ? [source] : ['username', 'password']
  if (isToken && others.oauth !== undefined && others.tokenFile !== undefined) {
    report(['sasl', 'tokenFile'], 'does not go with oauth', 'remove one of the two')
  }
  for (const name of needed) {
    if (others[name] === undefined) {
      const which = isToken ? 'tokenFile or oauth' : name
      report(['sasl', 'mechanism'], `${mechanism} needs ${which}`, `set sasl.${isToken ? 'oauth' : name}`)
    }
  }
  for (const name of Object.keys(others).filter((name) => others[name] !== undefined)) {
    const isOfTokens = ['tokenFile', 'oauth', 'extensions'].includes(name)
    if (needed.includes(name) || (isToken && isOfTokens)) continue
    if (!isOfTokens && !['username', 'password'].includes(name)) continue
    report(['sasl', name], `does nothing with ${mechanism}`, 'remove it, or choose another mechanism')
  }
}

/** From which Node.js on the client works. */
const needed = { major: 22, minor: 22 } as const

/** What is wrong with this Node.js, which has no part in the settings; null when it will do. */
export function nodeMistake(version = process.versions.node): { message: string; remedy: string } | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > needed.major || (major === needed.major && minor >= needed.minor)
  if (isNew) return null
  return {
    message: `needs Node.js ${needed.major}.${needed.minor} or later, and this is ${version}`,
    remedy: `run msgtrk with Node.js ${needed.major}.${needed.minor}, 24 or later`,
  }
}
