/** Which of the keys that exchange-hunting adds the event of a row may have: found by rows that hold all they are made of. */
import { knownEvents } from '../src/filter/events.ts'
import { eventText, probeOf, sources, table } from './probe-row.ts'

const organisation = { domains: ['contoso.com'], connectors: [] }
const hunting = probeOf('2016', { mapping: 'exchange-hunting', organisation })
const modern = probeOf('2016', { mapping: 'exchange-modern', organisation })

const usual: Readonly<Record<string, string>> = {
  'date-time': '2026-11-20T14:00:00.123Z',
  'client-ip': '192.0.2.11',
  'client-hostname': 'EX01',
  'server-ip': '192.0.2.12',
  'server-hostname': 'mx.fabrikam.example',
  'source-context': '"MDB:1, ClientType:OWA"',
  'connector-id': 'Internet',
  'message-info': '00A:',
  'recipient-address': 'out@fabrikam.example',
  'recipient-status': '550 5.1.1 unknown',
  'sender-address': 'ann@contoso.com',
  'return-path': 'bounce@fabrikam.example',
  'custom-data': [
    'S:E2ELatency=1.5',
    'S:ExternalSendLatency=0.5',
    'S:OriginalFromAddress=bounce@fabrikam.example',
    'S:AMA=SUM|v=1|action=b',
    'S:AMA=EV|engine=M|v=1|name=Test',
    'S:TRA=ETR|ruleId=1|action=Reject|dlpid=2',
    'S:TRA=DC|dcid=3',
  ].join(';'),
}

/** Together they have all that a key is made of. */
const kinds: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'connector-id': 'EX01\\Default', 'client-hostname': 'mx.fabrikam.example', 'server-hostname': 'EX01' },
  { 'recipient-status': '250 2.1.5 RESOLVER.FWD.Forwarded' },
  { 'message-info': '<gone@contoso.com>:<550 5.1.1 unknown>' },
]

/** Keys, and the events that may have them. */
export function offeredMatrix(): string {
  const base = new Set([...modern.plan.fields, ...modern.plan.additional].map(({ key }) => key))
  const added = [...hunting.plan.fields, ...hunting.plan.additional].filter(({ key }) => !base.has(key))
  const rows = added.map(({ key }) => {
    const all = [...knownEvents].sort().map((event) => {
      return [event, sources.filter((source) => keysOf(event, source).has(key))] as const
    })
    const [[, first = []] = []] = all
    const isAlike = all.every(([, of]) => of.join() === first.join())
    const some = all.filter(([, of]) => of.length > 0).map(([event, of]) => eventText(event, of))
    return [`\`${key}\``, isAlike ? eventText('any', first).replaceAll('`any`', 'any') : some.join(', ')]
  })
  return table(['Key', 'Event/source'], rows)
}

const known = new Map<string, ReadonlySet<string>>()

function keysOf(event: string, source: string): ReadonlySet<string> {
  const name = `${event}/${source}`
  const before = known.get(name)
  if (before !== undefined) return before
  const keys = new Set<string>()
  for (const kind of kinds) {
    const fields: Readonly<Record<string, string>> = { ...usual, ...kind, 'event-id': event, source }
    for (const key of hunting.valuesOf((column) => fields[column] ?? '').keys()) keys.add(key)
  }
  known.set(name, keys)
  return keys
}
