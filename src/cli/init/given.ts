/** What the options of `msgtrk init` say, and all that is wrong with it at once, before anything is tried or asked. */
import { absolute, clashes } from '../../config/complete.ts'
import { fillInPresets } from '../../config/presets.ts'
import { configJsonSchema, configSchema } from '../../config/schema.ts'
import type { NoiseName } from '../../filter/options.ts'
import { check, type Mistake } from '../../mistakes/of-settings.ts'
import type { Problem } from '../../mistakes/problem.ts'
import type { Path } from '../../mistakes/written.ts'
import { wholeCa } from '../../network/certificates.ts'
import type { Answers, DestinationAnswer, SourceAnswer } from './answers.ts'

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
  const ofSource = {
    ...(pattern !== undefined && { pattern }),
    ...(startAt !== undefined && { startAt }),
  }
  const ofDestination = {
    ...(failover !== undefined && { failover }),
    ...(preset !== undefined && { preset }),
    ...(events !== undefined && { events }),
    ...(noise !== undefined && { noise: noise as readonly NoiseName[] }),
    ...(Object.keys(tls).length > 0 && { tls }),
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

/** As the configuration has it: a reference in place of the secret. */
function asWritten({ sentinel, ...others }: DestinationAnswer) {
  if (sentinel === undefined) return others
  const { clientSecretFile, ...ids } = sentinel
  return {
    ...others,
    sentinel: { ...ids, ...(clientSecretFile !== undefined && { clientSecret: 'in a file' }) },
  }
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

function optionAt([section, , setting = '', part]: Path): string {
  if (section === 'state' || section === 'http') return `--${section}`
  const isGroup = setting === 'tls' || setting === 'sentinel'
  const name = String(isGroup ? (part ?? (setting === 'tls' ? 'ca' : 'clientId')) : setting)
  if (name === '') return section === 'sources' ? '--from' : '--to'
  return optionNames[name] ?? `--${name}`
}
