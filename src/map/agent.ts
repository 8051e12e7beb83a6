/** What sends the events, as ArcSight's content knows it: who the agent is, by the keys that its connectors write. */
import type { ValuePlan } from '../flow/plan.ts'
import type { Dictionary } from './table/dictionary.ts'

/** Who sends. It is the same for all events of a process. */
export interface Agent {
  /** Name of this machine. */
  readonly host: string
  /** An IPv4 address of it; null when it has none. */
  readonly address: string | null
  /** Version of the program. */
  readonly version: string
  /** Stays the same for a state folder; null before there is one. */
  readonly id: string | null
  /** Name of the time zone, such as `Europe/Berlin`. */
  readonly zone: string
}

/** The values of an event that say who sent it, and when the row was taken; those that are too long are left out. */
export function agentValues(
  { host, address, version, id, zone }: Agent,
  dictionary: Dictionary,
): ValuePlan[] {
  const texts: readonly (readonly [key: string, text: string | null, origin: string])[] = [
    ['ahost', host, 'the name of this machine'],
    ['agt', address, 'an address of this machine'],
    ['av', version, 'the version of msgtrk'],
    ['at', 'msgtrk', 'the type of the agent'],
    ['aid', id, 'the id that the state folder keeps'],
    ['atz', zone, 'the time zone of this machine'],
  ]
  const fixed = texts.flatMap(([key, text, origin]): ValuePlan[] => {
    // An address takes no more than any of them.
    const maxBytes = dictionary.keys.get(key)?.bytes ?? 15
    const value = text?.trim() ?? ''
    if (value === '' || Buffer.byteLength(value) > maxBytes) return []
    const same = { fixed: value, derive: () => value, inputs: null, isWhole: true }
    return [{ ...plain, key, ...same, origin: `agent: ${origin}`, maxBytes }]
  })
  const receipt = { origin: 'agent: when the row was taken', as: 'receipt-time', maxBytes: 16 } as const
  return [...fixed, { ...plain, key: 'art', ...receipt }]
}

const plain = {
  column: -1,
  derive: null,
  as: 'text',
  max: 0n,
  overflowKey: null,
  when: null,
  label: null,
} as const
