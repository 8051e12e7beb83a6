/** What people read of a status, part by part. */
import { expect, test } from 'vitest'
import type { DestinationStatus, Finding, InstanceStatus } from '../../../src/status/snapshot.ts'
import { statusParts } from '../../../src/status/text.ts'
import { at, before, destination, source, status as statusWith } from '../../support/statuses.ts'

const status = (sources: InstanceStatus['sources'], destinations: InstanceStatus['destinations']) =>
  statusWith({ sources, destinations })

/** Its lines and rows, cells between bars. */
function textOf(shown: InstanceStatus): string {
  return statusParts(shown)
    .flatMap((part) => ('lines' in part ? part.lines : part.rows.map((cells) => cells.join(' | '))))
    .join('\n')
}

const of = (flows: Parameters<typeof destination>[1], more: Partial<DestinationStatus>) =>
  textOf(status([source('EX01')], [destination('siem', flows, more)]))

const finding: Finding = {
  kind: 'sourceSilent',
  severity: 'doubt',
  part: 'source EX01',
  why: 'nothing new',
  remedy: 'look',
  since: null,
}

test('of one that is well, how new its newest record is', () => {
  const well = status(
    [source('EX01'), source('EX02', { newestRecordAgeSeconds: 90 })],
    [destination('siem', [])],
  )
  expect(textOf(well)).toMatch(
    /^Well: 1 destination up to date with 2 sources; the newest record is 2 s old\n/,
  )
  const unknown = status([source('EX01', { newestRecordAgeSeconds: null })], [])
  expect(textOf(unknown)).toMatch(/^Well: 0 destinations up to date with 1 source\n/)
})

test('of findings, the worst with its remedy and how many more there are', () => {
  const late = { ...finding, severity: 'behind', since: at } as const
  expect(textOf(statusWith({ findings: [late] }))).toMatch(
    /^Behind: source EX01 since 2026-\S+: nothing new → look\n/,
  )
  expect(textOf(statusWith({ findings: [finding, finding, finding] }))).toMatch(
    /^Doubt: source EX01: nothing new → look \(and 2 more below\)\nDoubt: source EX01: nothing new\n {2}→ look\n/,
  )
})

test('of the program, by what it was started', () => {
  expect(textOf(statusWith({}))).toContain('started by options; state ')
  const configuration = { file: '/etc/msgtrk.yaml', sha256: '', lastReload: null }
  expect(textOf(statusWith({ configuration }))).toContain('/etc/msgtrk.yaml; state ')
})

test('of a source, what is known', () => {
  const retention = { keepsSeconds: 30 * 86_400, by: 'age' } as const
  const text = textOf(
    status(
      [
        source('EX01', { retention, backlogBytes: 2000 }),
        source('EX02', { newestRecordAgeSeconds: -60, server: null }),
        source('EX03', { reachable: false, newestRecordAgeSeconds: 5 }),
        source('EX04', { newestRecordAgeSeconds: null }),
      ],
      [],
    ),
  )
  expect(text).toContain('EX01 | EX01 | 2 s ago | 3 | 4.0 kB | 2.0 kB | 10 | ~30 d')
  expect(text).toContain('EX02 | - | in 1 min | 3 | 4.0 kB | 0 bytes | 10 | ?')
  expect(text).toContain('EX03 | EX03 | unreachable |')
  expect(text).toContain('EX04 | EX04 | - |')
})

test('of a destination that is paused or on another receiver, since when, by whom and where', () => {
  const paused = of([], { state: 'paused', since: before(60), pausedBy: 'ann', active: 'tcp://other:514' })
  expect(paused).toMatch(/ {2}state \| paused, since 2026-\S+, by ann, active tcp:\/\/other:514\n/)
  const receivers = [
    { to: 'tcp://a:1', state: 'unavailable', reason: 'refused', lasting: false, since: at },
    { to: 'tcp://b:1', state: 'ready', reason: null, lasting: false, since: null },
  ] as const
  const several = of([], { receivers: [...receivers] })
  expect(several).toContain('  tcp://a:1 | unavailable: refused\n  tcp://b:1 | ready\n')
  expect(of([], { receivers: receivers.slice(0, 1) })).not.toContain('tcp://a:1')
})

test('of what is behind, how much, how old, and how long Exchange keeps it', () => {
  expect(of([], {})).toContain('  behind | nothing\n')
  const flows = [
    { source: 'EX01', rows: 1, bytes: 1500, age: 3600 },
    { source: 'EX02', rows: 1, bytes: 500 },
    { source: 'EX03', rows: 1 },
  ]
  const { backlog } = destination('siem', flows)
  const behind = of(flows, { backlog: { ...backlog, complete: false, retentionLeftSeconds: 86_400 } })
  expect(behind).toContain(
    '  behind | at least 2.0 kB, oldest record 1 h old, Exchange deletes it in ~1 d\n    EX01 | 1.5 kB, 1 h old\n    EX02 | 500 bytes\n',
  )
  expect(behind).not.toContain('EX03 |')
  const unknown = destination('siem', []).backlog
  expect(of([], { backlog: { ...unknown, complete: false } })).toContain(
    'behind | not known while a folder can not be looked at',
  )
})

test('of what never was, and of what was left out, repeated and saved', () => {
  const text = of([], {
    lastDeliveryAt: null,
    filteredBy: [{ rule: 'events', records: 1200 }],
    certificates: [{ of: 'receiver', subject: 'CN=siem', expiresAt: at }],
    positions: { savedAt: null, reason: null },
  })
  expect(text).toContain('last delivery | never\n')
  expect(text).toContain('    filtered | events: 1,200\n')
  expect(text).toContain(`certificate | of the receiver until ${at}: CN=siem\n`)
  expect(text).toMatch(/positions saved \| never$/)
  expect(of([], { positions: { savedAt: null, reason: 'the disk is full' } })).toMatch(
    /saved \| the disk is full$/,
  )
})

test('of a topic no files, and no time for which they are kept', () => {
  const topic = source('raw', { kind: 'topic', server: null, folder: 'kafka://b1/raw', rowsPerSecond: 3 })
  expect(textOf(status([{ ...topic, retention: null, files: 0, bytes: 0 }], []))).toMatch(
    /^raw \| - \| [^|]+ \| - \| - \| 0 bytes \| 3 \| -$/m,
  )
})

test('of a folder that was never reached, that nobody knows what it holds', () => {
  const away = source('EX01', { reachable: false, server: null, files: 0, bytes: 0, backlogBytes: 0 })
  expect(textOf(status([away], []))).toMatch(/^EX01 \| - \| unreachable \| \? \| \? \| \? \| 10 \| \?$/m)
})
