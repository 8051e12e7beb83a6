/** Errors of the client of Kafka, and codes in answers of brokers, as sentences for a person. */
import { plain, reasonFor } from '../network/reasons.ts'
import { NoToken } from './oauth.ts'

/** What it is about, for the sentences. */
export interface About {
  /** The brokers that were asked, `host:port` of each. */
  readonly brokers: string
  readonly topic: string
  /** Where the topic is named, if not in `to`: it is read and written then. */
  readonly setting?: string | undefined
  /** Who signs in; undefined for nobody. */
  readonly user?: string | undefined
}

/** What answers of brokers mean where a person is needed, by their numbers in the protocol. */
export const codes = {
  corrupt: 2,
  unknownTopic: 3,
  timedOut: 7,
  tooLarge: 10,
  coordinatorLoading: 14,
  coordinatorMissing: 15,
  coordinatorElsewhere: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  invalidTopic: 17,
  listTooLarge: 18,
  topicRefused: 29,
  groupRefused: 30,
  clusterRefused: 31,
  unknownMechanism: 33,
  illegalState: 34,
  outOfOrder: 45,
  duplicate: 46,
  invalidEpoch: 47,
  invalidTransaction: 48,
  unknownTransaction: 49,
  transactionTimeout: 50,
  concurrentTransactions: 51,
  transactionRefused: 53,
  signInFailed: 58,
  unknownProducer: 59,
  invalidRecord: 87,
  fenced: 90,
} as const

/** A sentence for a code that a broker answered; `name`: as the protocol calls it. The same code gives the same sentence. */
export function reasonForCode(code: number, name: string, { topic, user, setting }: About): string {
  const whom = user === undefined ? 'msgtrk, which does not sign in,' : `the user ${plain(user, 100)}`
  switch (code) {
    case codes.unknownTopic:
      return `there is no topic ${topic}: create it, check the name in ${setting ?? '`to`'}, or give ${whom} the right to see it`
    case codes.invalidTopic:
      return `the brokers take ${topic} for no name of a topic`
    case codes.topicRefused:
      if (setting !== undefined) {
        return `${whom} has no right to read and write in the topic ${topic} of ${setting}: give it READ, WRITE and DESCRIBE there`
      }
      return `${whom} has no right to write into the topic ${topic}: give it WRITE and DESCRIBE on the topic`
    case codes.groupRefused:
      return `${whom} has no right to read in its consumer group: give it READ on the group`
    case codes.clusterRefused:
      return (
        `${whom} has no right to write idempotently: give it WRITE on the topic and IDEMPOTENT_WRITE on the cluster, or ` +
        'set kafka.idempotent: false'
      )
    case codes.transactionRefused:
      return (
        `${whom} has no right to its transactions: give it WRITE and DESCRIBE on the transactional id of ` +
        'kafka.exactlyOnce'
      )
    case codes.transactionTimeout:
      return 'the brokers take no transaction that lasts a minute: raise their transaction.max.timeout.ms'
    case codes.fenced:
    case codes.invalidEpoch:
      return `the brokers take nothing more from this producer (${name}): another one has taken its place, or it took too long`
    case codes.notEnoughReplicas:
    case codes.notEnoughReplicasAfterAppend:
      return `fewer replicas of the topic ${topic} are in step than its min.insync.replicas asks for (${name})`
    case codes.invalidRecord:
      return (
        `the brokers reject records for the topic ${topic} (${name}): a topic that is compacted takes none without a ` +
        'key, and some check what they are sent'
      )
    case codes.signInFailed:
    case codes.illegalState:
      return `the brokers do not accept ${whom}: check kafka.sasl, and the user in the cluster`
    case codes.unknownMechanism:
      return `the brokers offer no such way to sign in: compare kafka.sasl.mechanism with theirs`
    default:
      return `the brokers answered ${name} for the topic ${topic}`
  }
}

/** A sentence for whatever the client threw. The same error gives the same sentence. */
export function reasonForError(error: unknown, about: About): string {
  const all = [...chainOf(error)]
  const answered = all.find(({ apiCode }) => typeof apiCode === 'number')
  if (answered !== undefined) {
    return reasonForCode(Number(answered.apiCode), String(answered.apiId ?? answered.apiCode), about)
  }
  const unknown = all.find(({ message }) => /^Unknown topic /.test(String(message)))
  if (unknown !== undefined) return reasonForCode(codes.unknownTopic, 'UNKNOWN_TOPIC_OR_PARTITION', about)
  const token = all.find(({ message }) => /^no token from | token in | holds no token$/.test(String(message)))
  if (token !== undefined) return plain(String(token.message))
  const refused = all.find(({ code }) => code === 'PLT_KFK_AUTHENTICATION')
  if (refused !== undefined) return reasonForCode(codes.signInFailed, 'SASL_AUTHENTICATION_FAILED', about)
  const peer = peerOf(all) ?? about.brokers
  if (all.some(({ message }) => message === 'Broker requires TLS.')) {
    return `${peer} speaks TLS on this port: set kafka.tls, or use its port for plain text`
  }
  if (all.some(({ message }) => /timed out/i.test(String(message)))) return `no answer from ${peer} in time`
  const cause = all.find(({ code }) => typeof code === 'string' && !code.startsWith('PLT_KFK'))
  if (cause instanceof Error) {
    if (isUntrusted(cause)) {
      return `the certificate of ${peer} has no trusted chain (${plain(cause.message)}): set kafka.tls.ca to the authority that issued it`
    }
    if (cause.code === 'CERT_HAS_EXPIRED') {
      return `the certificate of ${peer}, or one it depends on, has expired: renew it there, and check the clock here`
    }
    if (cause.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
      return `the certificate of ${peer} is not for it: ${plain(cause.message)}; set kafka.tls.serverName if all brokers have that name`
    }
    return reasonFor(cause, peer, 'handshake')
  }
  const last = all.at(-1)
  return last?.message === 'Connection closed' ||
    last?.message === 'Connection closed while waiting for ready.'
    ? `connection closed by ${peer}: it may ask for TLS or for signing in, or have been stopped`
    : `the brokers ${about.brokers} can't be used: ${plain(String(last?.message ?? error))}`
}

/** Whether it does not mend itself, so that trying again would only keep a person from being told. */
export function needsPerson(error: unknown): boolean {
  return [...chainOf(error)].some(
    (one) =>
      finals.has(one.apiCode) ||
      one.code === 'PLT_KFK_AUTHENTICATION' ||
      one.message.startsWith('Unknown topic ') ||
      (one instanceof NoToken && one.isRefused) ||
      isOfCertificate(one),
  )
}

/** The code that brokers answered, if an error is of an answer. */
export function codeIn(error: unknown): number | undefined {
  const answered = [...chainOf(error)].find(({ apiCode }) => typeof apiCode === 'number')
  return answered && Number(answered.apiCode)
}

const finals: ReadonlySet<unknown> = new Set([
  codes.unknownTopic,
  codes.invalidTopic,
  codes.topicRefused,
  codes.groupRefused,
  codes.clusterRefused,
  codes.transactionRefused,
  codes.transactionTimeout,
  codes.signInFailed,
  codes.illegalState,
  codes.unknownMechanism,
])

type Link = Error & Readonly<Record<string, unknown>>

/** An error, those it is made of, and their causes, the newest last. */
function* chainOf(error: unknown, depth = 0): Generator<Link> {
  if (!(error instanceof Error) || depth > 8) return
  yield error as Link
  if (error instanceof AggregateError)
    for (const one of error.errors.slice(-8)) yield* chainOf(one, depth + 1)
  yield* chainOf(error.cause, depth + 1)
}

/** The broker that the client names. */
function peerOf(all: readonly Link[]): string | undefined {
  for (const { message } of [...all].reverse()) {
    const [, peer] = /^Connection to (\S+:\d+) /.exec(message) ?? []
    // Brokers say themselves what they are called.
    if (peer !== undefined) return plain(peer, 300)
  }
  return undefined
}

/** Shown by the broker, and not to be trusted. */
function isOfCertificate(one: Link): boolean {
  return isUntrusted(one) || one.code === 'CERT_HAS_EXPIRED' || one.code === 'ERR_TLS_CERT_ALTNAME_INVALID'
}

function isUntrusted({ code }: Link): boolean {
  return (
    typeof code === 'string' &&
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_SIGNATURE_FAILURE|UNABLE_TO_\w+)$/.test(
      code,
    )
  )
}
