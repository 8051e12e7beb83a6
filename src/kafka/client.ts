/**
 * The client of Kafka, @platformatic/kafka: it is loaded when it is first used, and in the program it is a file of its own.
 * Here is all that our settings are to it; what is said of its errors is in `reasons.ts`.
 */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { Base, BaseOptions, SASLOptions } from '@platformatic/kafka'
import type { Path } from '../mistakes/written.ts'
import { readCredentials } from '../network/credentials.ts'
import type { HostPort } from '../network/host-port.ts'
import { type Tokens, tokensFor } from './oauth.ts'
import type { BrokersOptions } from './options.ts'

/** All that the client offers. */
export type Kafka = typeof import('@platformatic/kafka')

/** Loads the client; the second time it is there. */
export function loadKafka(): Promise<Kafka> {
  return import('@platformatic/kafka')
}

/** Options of every client, whatever it does. */
export type ClientOptions = Pick<
  BaseOptions,
  | 'clientId'
  | 'bootstrapBrokers'
  | 'connectTimeout'
  | 'requestTimeout'
  | 'timeout'
  | 'tls'
  | 'sasl'
  | 'autocreateTopics'
>

/**
 * What a client is made with, for all of its kinds. Reads certificates and keys: throws a `ProblemsError` when they can't
 * be used, by their settings below `at`.
 */
export function clientOptions(
  brokers: readonly HostPort[],
  options: BrokersOptions,
  at: Path = ['kafka'],
): ClientOptions {
  const { tls, sasl, clientId, connectTimeoutMs, requestTimeoutMs } = options
  return {
    clientId,
    // It takes IPv6 in brackets for names.
    bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
    connectTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // What brokers may take among themselves: less, so that their answer comes in time.
    timeout: Math.ceil(requestTimeoutMs * 0.8),
    // Where a topic is missing a person is told.
    autocreateTopics: false,
    ...(tls && tlsOptions(tls, at)),
    ...(sasl && { sasl: saslOptions(sasl, at) }),
  }
}

function tlsOptions(tls: NonNullable<BrokersOptions['tls']>, at: Path): Pick<ClientOptions, 'tls'> {
  const { serverName } = tls
  return {
    tls: {
      ...readCredentials(tls, [...at, 'tls']),
      ...(serverName !== undefined && {
        servername: isIP(serverName) === 0 ? serverName : '',
        checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
      }),
    },
  }
}

function saslOptions(
  { mechanism, username, password, tokenFile, oauth, extensions }: NonNullable<BrokersOptions['sasl']>,
  at: Path,
): SASLOptions {
  switch (mechanism) {
    case 'oauthbearer': {
      const trust = () => readCredentials({ ca: oauth?.ca }, [...at, 'sasl', 'oauth'])
      const tokens = oauth === undefined ? tokensInFile(tokenFile ?? '') : tokensFor(oauth, trust())
      return {
        mechanism: 'OAUTHBEARER',
        token: () => tokens.get(),
        ...(extensions && { oauthBearerExtensions: extensions }),
        authBytesValidator: checkAnswer(tokens),
      }
    }
    case 'plain':
      return { mechanism: 'PLAIN', username: username ?? '', password: password ?? '' }
    case 'scram-sha-256':
      return { mechanism: 'SCRAM-SHA-256', username: username ?? '', password: password ?? '' }
    case 'scram-sha-512':
      return { mechanism: 'SCRAM-SHA-512', username: username ?? '', password: password ?? '' }
  }
}

/** Brokers tell of a token that they do not accept in an answer that is no error (RFC 7628, 3.2.2). */
function checkAnswer(tokens: Tokens): NonNullable<SASLOptions['authBytesValidator']> {
  return (answer, done) => {
    if (answer.length === 0) return done(null, answer)
    tokens.forget()
    done(new Error('the token is not accepted'), answer)
  }
}

function tokensInFile(file: string): Tokens {
  return { get: () => tokenIn(file), forget: () => {} }
}

/** Rejects with a sentence that names the file, never with what stands in it. */
async function tokenIn(file: string): Promise<string> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new Error(
      `can't read the token in ${file}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (text === '' || /[^\x21-\x7e]/.test(text)) throw new Error(`${file} holds no token`)
  return text
}

/**
 * To be called for every client that is made, with its options. A connection tells of errors after it was given up, too:
 * without a listener each would end the process. And each is to ask for the certificate of its own host, which clusters
 * behind one address need; the client reads `tls` when it connects, which is right after it has said so.
 */
export function prepared<Client extends Base>(client: Client, { tls }: Pick<ClientOptions, 'tls'>): Client {
  const isNamed = tls?.servername !== undefined
  client.connections.on('connecting', ({ broker, connection }) => {
    connection.on('error', () => {})
    // Else its timer for signing in again would outlive it, and with it the process.
    connection.on('close', () => void connection.close())
    if (tls !== undefined && !isNamed) tls.servername = isIP(broker.host) === 0 ? broker.host : ''
  })
  return client
}

/** At the end nothing more can be done about what fails. */
export async function quietly(end: () => unknown): Promise<void> {
  try {
    await end()
  } catch {}
}
