/**
 * The configuration of a SmartConnector for Exchange tracking logs, as far as it means something here. Its vendor
 * describes only some of the keys, and versions differ: so whatever is not known is told and never guessed.
 */
import type { DestinationAnswer, LeftOut, SourceAnswer } from '../init/answers.ts'
import { readParameters, withoutSecrets } from './parameters.ts'
import { readProperties } from './properties.ts'

/** What was taken over, and each other key with its value. */
export interface Imported {
  /** Whether any key is one of a connector. */
  readonly isOfConnector: boolean
  readonly sources: readonly SourceAnswer[]
  readonly destinations: readonly DestinationAnswer[]
  readonly leftOut: readonly LeftOut[]
}

/** Reads `agent.properties`. */
export function importAgent(bytes: Buffer): Imported {
  const properties = readProperties(bytes)
  const agents = new Map<string, Agent>()
  const others: LeftOut[] = []
  for (const [key, value] of properties) {
    const [, number, rest] = /^agents\[(\d+)\]\.(.+)$/i.exec(key) ?? []
    if (number === undefined || rest === undefined) {
      others.push({ key, value: shown(key, value) })
      continue
    }
    const agent = agents.get(number) ?? new Agent(`agents[${number}].`)
    agents.set(number, agent)
    agent.add(rest, value)
  }
  const imported = [...agents.values()].map((agent) => agent.imported())
  return {
    isOfConnector: agents.size > 0,
    sources: imported.flatMap(({ sources }) => sources),
    destinations: imported.flatMap(({ destinations }) => destinations),
    leftOut: [...imported.flatMap(({ leftOut }) => leftOut), ...others],
  }
}

/** One connector of the file. Its keys are the same in any case. */
class Agent {
  readonly #prefix: string
  readonly #values = new Map<string, { readonly key: string; readonly value: string }>()
  readonly #leftOut: LeftOut[] = []

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  add(key: string, value: string): void {
    this.#values.set(key.toLowerCase(), { key: `${this.#prefix}${key}`, value })
  }

  imported(): Omit<Imported, 'isOfConnector'> {
    const disabled = this.#values.get('enabled')?.value.trim().toLowerCase() === 'false'
    const because = disabled ? 'this connector is switched off' : this.#readsOthers()
    if (because !== undefined) return { sources: [], destinations: [], leftOut: [...this.#rest(because)] }
    this.#take('enabled')
    const startsAtEnd = this.#take('startatend')
    const folders = this.#indices('foldertable')
    const table = folders.flatMap((index) => this.#folder(`foldertable[${index}].`, startsAtEnd))
    const single = table.length > 0 ? [] : this.#folder('', startsAtEnd)
    for (const index of folders) this.#take(`foldertable[${index}].enabled`)
    this.#take('foldertable.count')
    const destinations = this.#indices('destination').flatMap((index) => this.#destination(index))
    this.#take('destination.count')
    return { sources: [...table, ...single], destinations, leftOut: [...this.#leftOut, ...this.#rest()] }
  }

  /** Why it is no connector for tracking logs; undefined when it is one, or may be. */
  #readsOthers(): string | undefined {
    const type = this.#values.get('type')?.value.trim() ?? ''
    if (type === '' || /exchange/i.test(type)) return undefined
    // Connectors for any file may be set up for these.
    const texts = [...this.#values].flatMap(([key, { value }]) => (isOfFolder.test(key) ? [value] : []))
    return texts.some((text) => /msgtrk|message ?tracking/i.test(text))
      ? undefined
      : `this connector (${type}) reads other logs`
  }

  /** The value of a key, which counts as taken over then. */
  #take(key: string): string | undefined {
    const found = this.#values.get(key)
    this.#values.delete(key)
    return found?.value
  }

  #indices(list: string): readonly number[] {
    const pattern = new RegExp(`^${list}\\[(\\d+)\\]\\.`)
    const found = [...this.#values.keys()].flatMap((key) => Number(pattern.exec(key)?.[1] ?? Number.NaN))
    return [...new Set(found.filter((index) => !Number.isNaN(index)))].sort((a, b) => a - b)
  }

  /** Under which names folder and pattern stand differs between versions. */
  #folder(prefix: string, startsAtEnd: string | undefined): readonly SourceAnswer[] {
    const isOff = this.#values.get(`${prefix}enabled`)?.value.trim().toLowerCase() === 'false'
    const first = (names: readonly string[]) => names.find((name) => this.#values.has(`${prefix}${name}`))
    const key = first(prefix === '' ? ['logfilename', 'logfolder', 'folder'] : ['folder', 'logfolder'])
    if (key === undefined || isOff) return []
    const folder = (this.#take(`${prefix}${key}`) ?? '').trim()
    if (folder === '') return []
    const wildcard = first(['wildcard', 'logfileformat', 'fileformat'])
    const pattern = wildcard === undefined ? undefined : patternOf(this.#take(`${prefix}${wildcard}`) ?? '')
    const ofFolder = this.#take(`${prefix}startatend`) ?? startsAtEnd ?? ''
    const startAt = /^(true|yes|1)$/i.test(ofFolder.trim()) ? 'end' : 'beginning'
    return [{ folder, startAt, ...(pattern !== undefined && { pattern }) }]
  }

  #destination(index: number): readonly DestinationAnswer[] {
    const prefix = `destination[${index}].`
    const found = this.#receiver(prefix)
    const others = this.#indices(`destination\\[${index}\\]\\.failover`).map((number) => {
      return this.#receiver(`${prefix}failover[${number}].`)
    })
    this.#take(`${prefix}failover.count`)
    if (found === undefined) return []
    const failover = others.filter((to) => to !== undefined)
    return [{ to: found, preset: 'arcsight', ...(failover.length > 0 && { failover }) }]
  }

  /** The address of a receiver that takes CEF over syslog; what else it is set to is left out. */
  #receiver(prefix: string): string | undefined {
    const type = this.#values.get(`${prefix}type`)?.value.trim() ?? ''
    const parameters = readParameters(this.#values.get(`${prefix}params`)?.value ?? '')
    const entry = (name: RegExp) => [...parameters].find(([key]) => name.test(key))
    const host = entry(/^(?:ip ?\/ ?)?host(?:name)?$|^ip(?:address)?$|^iphost$/i)
    const port = entry(/^port$/i)
    const protocol = entry(/^protocol$/i)
    const scheme = schemeOf(protocol?.[1] ?? '')
    const isSyslog = /syslog/i.test(type) && !/raw|encrypt/i.test(type)
    if (!isSyslog || host === undefined || scheme === undefined) {
      const because = notTaken(type)
      for (const key of ['type', 'params']) this.#leave(`${prefix}${key}`, because)
      return undefined
    }
    this.#take(`${prefix}type`)
    this.#take(`${prefix}params`)
    const used = [host, port, protocol].map((parameter) => parameter?.[0])
    for (const [name, value] of parameters) {
      const key = `${this.#prefix}${prefix}params, ${name}`
      if (!used.includes(name)) this.#leftOut.push({ key, value: shown(name, value) })
    }
    const name = host[1].includes(':') ? `[${host[1].replace(/^\[|\]$/g, '')}]` : host[1]
    return `${scheme}://${name}${port === undefined ? '' : `:${port[1]}`}`
  }

  #leave(key: string, because: string | undefined): void {
    const found = this.#values.get(key)
    if (found === undefined) return
    this.#values.delete(key)
    const { key: whole, value } = found
    this.#leftOut.push({ key: whole, value: shown(whole, value), ...(because !== undefined && { because }) })
  }

  #rest(because?: string): readonly LeftOut[] {
    return [...this.#values.values()].map(({ key, value }) => {
      const why = because ?? reasons.find(([pattern]) => pattern.test(key))?.[1]
      return { key, value: shown(key, value), ...(why !== undefined && { because: why }) }
    })
  }
}

const isOfFolder =
  /^(?:foldertable\[\d+\]\.)?(?:logfilename|logfolder|folder|wildcard|logfileformat|fileformat)$/

function schemeOf(protocol: string): 'udp' | 'tcp' | 'tls' | undefined {
  if (/tls|ssl/i.test(protocol)) return 'tls'
  if (/tcp/i.test(protocol)) return 'tcp'
  return /udp/i.test(protocol) || protocol.trim() === '' ? 'udp' : undefined
}

/** The default of the connector, `MSGTRK*LOG`, means the same as ours. */
function patternOf(wildcard: string): string | undefined {
  const text = wildcard.trim()
  return text === '' || /^MSGTRK\*\.?LOG$/i.test(text) ? undefined : text
}

function notTaken(type: string): string | undefined {
  if (/http|manager|esm/i.test(type)) {
    return 'ESM takes this from SmartConnectors only: let a syslog SmartConnector take the events of msgtrk'
  }
  if (/logger/i.test(type)) {
    return 'Logger takes this from SmartConnectors only: let a TCP, TLS or UDP receiver of Logger take the events of msgtrk'
  }
  if (/encrypt/i.test(type)) return 'its encryption is known to ArcSight alone: use a receiver over TLS'
  return type === '' ? undefined : 'no destination of CEF over syslog'
}

/** Why some keys mean nothing here. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/\.(rotationscheme|rotationschemeparams|followexternalrotation)$/i, 'logs are found by their names'],
  [/\.(mode|modeoptions|processingmode)$/i, 'logs are only read, never renamed or deleted'],
  [/\.(preservestate|persistenceinterval)$/i, 'positions are always kept'],
  [/\.usenonlockingwindowsfilereader$/i, 'logs are never locked'],
  [/\.proc+essfoldersrecursively$/i, 'folders below are not read: name each folder below as a source'],
  [
    /\.(usefieldextractor|extract(regex|source|fieldnames))$/i,
    'constants of a server go into sources[].fields',
  ],
  [/\.(agentid|id)$/i, 'events get an id of msgtrk as aid'],
]

/** A setting that may be secret is named and not shown. */
function shown(key: string, value: string): string {
  const isSecret = /pass|secret|token|credential|private|\bkey$/i.test(key) || /OBFUSCATE/i.test(value)
  // A parameter within may be secret, too.
  const text = isSecret ? null : value.includes('<') ? withoutSecrets(value) : value
  return value === '' ? '' : (text ?? '(not shown: it may be secret)')
}
