/** What the options of `msgtrk init` say, and all that is wrong with it at once, before anything is tried or asked. */
import { absolute, clashes } from '../../config/complete.ts'
import { fillInPresets } from '../../config/presets.ts'
import { configJsonSchema, configSchema } from '../../config/schema.ts'
import type { NoiseName } from '../../filter/options.ts'
import { check, type Mistake } from '../../mistakes/of-settings.ts'
import type { Problem } from '../../mistakes/problem.ts'
import type { Path } from '../../mistakes/written.ts'
import { wholeCa } from '../../network/certificates.ts'
import type { Answers, DestinationAnswer, KafkaAnswer, SourceAnswer } from './answers.ts'

/** The options, as they were given. */
export interface InitArguments {
  readonly config: string
  readonly from?: readonly string[]
  readonly pattern?: string
  readonly startAt?: string
  readonly to?: string
  readonly failover?: readonly string[]
  readonly ca?: string
  readonly fingerprint?: string
  readonly serverName?: string
  readonly cert?: string
  readonly key?: string
  readonly tenantId?: string
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly clientCertificate?: string
  readonly tls?: boolean
  readonly sasl?: string
  readonly user?: string
  readonly passwordFile?: string
  readonly preset?: string
  readonly events?: readonly string[]
  readonly noise?: readonly string[]
  readonly state?: string
  readonly http?: string | boolean
  readonly fromSmartconnector?: string
  readonly yes?: boolean
  readonly overwrite?: boolean
  readonly untried?: boolean
}

/** What is known before anybody is asked. */
export interface Given {
  readonly sources: readonly SourceAnswer[]
  readonly destinations: readonly DestinationAnswer[]
  /** For any folder and for any receiver, also for those that are still to be asked for. */
  readonly ofSource: Partial<SourceAnswer>
  readonly ofDestination: Partial<DestinationAnswer>
}

/** Options over what was imported; folders and files as this machine finds them from `cwd`. */
export function givenBy(
  args: InitArguments,
  imported: Pick<Given, 'sources' | 'destinations'>,
  cwd: string,
): Given {
  const { from, pattern, startAt, to, failover, preset, events, noise } = args
  const whole = (path: string) => absolute(cwd, path)
  const tls = {
    ...(args.ca !== undefined && { ca: wholeCa(args.ca, whole) }),
    ...(args.cert !== undefined && { cert: whole(args.cert) }),
    ...(args.key !== undefined && { key: whole(args.key) }),
    ...(args.serverName !== undefined && { serverName: args.serverName }),
    ...(args.fingerprint !== undefined && { fingerprint: args.fingerprint }),
  }
  const sentinel = {
    ...(args.tenantId !== undefined && { tenantId: args.tenantId }),
    ...(args.clientId !== undefined && { clientId: args.clientId }),
    ...(args.clientSecretFile !== undefined && { clientSecretFile: whole(args.clientSecretFile) }),
    ...(args.clientCertificate !== undefined && { certificate: whole(args.clientCertificate) }),
  }
  const isTopic = to !== undefined && /^kafka:/i.test(to)
  const isTls = args.tls === true || Object.keys(tls).length > 0
  const kafka = {
    ...(isTopic && isTls && { tls }),
    ...(args.sasl !== undefined && { mechanism: args.sasl as NonNullable<KafkaAnswer['mechanism']> }),
    ...(args.user !== undefined && { username: args.user }),
    ...(args.passwordFile !== undefined && { passwordFile: whole(args.passwordFile) }),
  }
  const ofSource = {
    ...(pattern !== undefined && { pattern }),
    ...(startAt !== undefined && { startAt }),
  }
  const ofDestination = {
    ...(failover !== undefined && { failover }),
    ...(preset !== undefined && { preset }),
    ...(events !== undefined && { events }),
    ...(noise !== undefined && { noise: noise as readonly NoiseName[] }),
    ...(!isTopic && Object.keys(tls).length > 0 && { tls }),
    ...(Object.keys(kafka).length > 0 && { kafka }),
    ...(Object.keys(sentinel).length > 0 && { sentinel }),
  }
  const folders = from === undefined ? imported.sources : from.map((folder) => ({ folder: whole(folder) }))
  const receivers = to === undefined ? imported.destinations : [{ to }]
  return {
    sources: folders.map((source) => ({ ...source, ...ofSource })),
    destinations: receivers.map((destination) => ({ ...destination, ...ofDestination })),
    ofSource,
    ofDestination,
  }
}

/** What is wrong with answers, as the configuration would say it, at the options that they are given by. */
export function problemsIn(answers: Partial<Answers>, folder: string): readonly Problem[] {
  const { sources = [], destinations = [], state, http } = answers
  const written = {
    ...(state !== undefined && { state }),
    ...(http !== undefined && { http: { listen: http.listen } }),
    sources: sources.length > 0 ? sources : [{ folder: 'not known yet' }],
    destinations: destinations.length > 0 ? destinations.map(asWritten) : [{ to: 'tcp://not-known-yet:1' }],
  }
  const filled = fillInPresets(written)
  const result = check(filled.value, configSchema, configJsonSchema)
  const mistakes = [
    ...('mistakes' in result ? result.mistakes : []),
    ...filled.mistakes,
    ...clashes(written, folder),
  ]
  return mistakes.map(({ path, ...problem }: Mistake) => ({ where: { option: optionAt(path) }, ...problem }))
}

/** As the configuration has it: a text in place of a secret. */
function asWritten({ sentinel, kafka, ...others }: DestinationAnswer) {
  const { clientSecretFile, ...ids } = sentinel ?? {}
  return {
    ...others,
    ...(sentinel && {
      sentinel: { ...ids, ...(clientSecretFile !== undefined && { clientSecret: 'in a file' }) },
    }),
    ...(kafka && {
      kafka: kafkaSettings(kafka, kafka.passwordFile === undefined ? undefined : 'in a file'),
    }),
  }
}

/** The settings that the answers come to, with this password. */
export function kafkaSettings({ tls, mechanism, username }: KafkaAnswer, password: string | undefined) {
  const sasl = {
    ...(mechanism !== undefined && { mechanism }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
  return { ...(tls && { tls }), ...(Object.keys(sasl).length > 0 && { sasl }) }
}

const optionNames: Readonly<Record<string, string>> = {
  tenantId: '--tenant-id',
  clientId: '--client-id',
  clientSecret: '--client-secret-file',
  certificate: '--client-certificate',
  folder: '--from',
  startAt: '--start-at',
  serverName: '--server-name',
}

const kafkaOptions: Readonly<Record<string, string>> = {
  mechanism: '--sasl',
  sasl: '--sasl',
  username: '--user',
  password: '--password-file',
  serverName: '--server-name',
  tls: '--tls',
}

/** What is to be done in the configuration of TLS, for who gives options. */
export function withOptions(remedy: string): string {
  return remedy.replace(
    /\btls\.(ca|cert|key|fingerprint|serverName)\b/g,
    (_, name: string) => optionNames[name] ?? `--${name}`,
  )
}

function optionAt([section, , setting = '', part, inner]: Path): string {
  if (section === 'state' || section === 'http') return `--${section}`
  if (setting === 'kafka') return kafkaOptions[String(inner ?? part)] ?? `--${String(inner ?? 'sasl')}`
  const isGroup = setting === 'tls' || setting === 'sentinel'
  const name = String(isGroup ? (part ?? (setting === 'tls' ? 'ca' : 'clientId')) : setting)
  if (name === '') return section === 'sources' ? '--from' : '--to'
  return optionNames[name] ?? `--${name}`
}
