/** All kinds of destinations, and which of them an address names. */
import { ProblemsError } from '../mistakes/problem.ts'
import { Mistaken } from '../mistakes/words.ts'
import { udp } from './datagrams/kind.ts'
import { file } from './file/kind.ts'
import { kafka } from './kafka/kind.ts'
import type { Kind } from './kind.ts'
import { sentinel } from './sentinel/kind.ts'
import { stdout } from './stdout/kind.ts'
import { tcp, tls } from './stream/kinds.ts'

/** In the order in which people are told of them. A new kind is a folder, and a line here. */
const all = [udp, tcp, tls, kafka, sentinel, file, stdout] as const

export const kinds: readonly Kind[] = all

/** Any of them, with the types of its own settings. */
export type OwnKind = (typeof all)[number]

/** Where a destination stands: `tls://siem.example:6514` taken apart. */
export interface Target {
  readonly kind: Kind
  /** As the kind reads and takes it. */
  readonly address: object
}

/** The target, or what is wrong with it. */
export function readTarget(to: string): Target | Mistaken {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/(.*))?$/is.exec(to) ?? []
  if (scheme === undefined) {
    const examples = kinds.map(({ example }) => example)
    return new Mistaken('is no address of a destination', `write ${oneOf(examples)}`)
  }
  const kind = kindNamed(scheme)
  if (kind === undefined) return new Mistaken(`has the unknown protocol ${scheme}`, `use ${schemesOf(kinds)}`)
  const address = kind.readAddress(rest)
  return address instanceof Mistaken ? address : { kind, address }
}

/** Takes `to` apart; throws a `ProblemsError` that says what is wrong with it. */
export function parseTarget(to: string): Target {
  const target = readTarget(to)
  if (target instanceof Mistaken) throw new ProblemsError([{ where: { setting: ['to'] }, ...target.words }])
  return target
}

/** The kind of a destination whose settings were checked. */
export function kindOf(to: string): Kind {
  return parseTarget(to).kind
}

/** The kind that an address names, whatever else is wrong with the address. */
export function kindMeantBy(to: string): Kind | undefined {
  return kindNamed(/^\s*([^:]*):/.exec(to)?.[1] ?? '')
}

/** `udp://, tcp:// or tls://`. */
export function schemesOf(some: readonly Kind[], conjunction: 'or' | 'and' = 'or'): string {
  return oneOf(
    some.map(({ protocol }) => `${protocol}://`),
    conjunction,
  )
}

function kindNamed(protocol: string): Kind | undefined {
  return kinds.find((kind) => kind.protocol === protocol.toLowerCase())
}

/** `a, b or c`. */
export function oneOf(words: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`
}
