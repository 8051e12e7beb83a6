/** Statuses to show, made of what differs from one that is well. */
import type { DestinationStatus, InstanceStatus, SourceStatus } from '../../src/status/snapshot.ts'

export const at = '2026-11-28T12:00:00.000Z'

/** So many seconds before `at`. */
export function before(seconds: number): string {
  return new Date(Date.parse(at) - seconds * 1000).toISOString()
}

const nothing = {
  bytes: 0,
  complete: true,
  oldestRecordAt: null,
  oldestRecordAgeSeconds: null,
  retentionLeftSeconds: null,
  caughtUpInSeconds: 0,
}

export function source(name: string, more: Partial<SourceStatus> = {}): SourceStatus {
  return {
    name,
    kind: 'folder',
    folder: `/logs/${name}`,
    server: name,
    reachable: true,
    reason: null,
    files: 3,
    bytes: 4000,
    filesNotRead: 0,
    oldestFileAt: before(86_400),
    newestRecordAt: before(2),
    newestRecordAgeSeconds: 2,
    rowsPerSecond: 10,
    backlogBytes: 0,
    retention: null,
    ...more,
  }
}

/** Gets rows of these sources, with so many bytes of a backlog that is so old. */
export function destination(
  name: string,
  flows: readonly {
    readonly source: string
    readonly rows: number
    readonly bytes?: number
    readonly age?: number
  }[],
  more: Partial<DestinationStatus> = {},
): DestinationStatus {
  const rates = { read: 10, delivered: 10, sentBytes: 1000 }
  const sources = flows.map(({ source, rows, bytes = 0, age }) => {
    return { source, rowsPerSecond: rows, ...nothing, bytes, oldestRecordAgeSeconds: age ?? null }
  })
  const ages = flows.flatMap(({ age }) => age ?? [])
  return {
    name,
    to: `tcp://${name}:514`,
    state: 'idle',
    since: null,
    pausedBy: null,
    active: `tcp://${name}:514`,
    receivers: [],
    startedAt: before(3600),
    lastDeliveryAt: before(1),
    backlog: {
      ...nothing,
      bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestRecordAgeSeconds: ages.length === 0 ? null : Math.max(...ages),
      sources,
    },
    rates: { oneMinute: rates, fifteenMinutes: rates },
    counts: {
      read: 100,
      delivered: 100,
      filtered: 0,
      malformed: 0,
      rejected: 0,
      lost: 0,
      held: 0,
      inFlight: 0,
      repeated: 0,
      rewinds: 0,
      failovers: 0,
      failbacks: 0,
      sentBytes: 1000,
    },
    mails: null,
    filteredBy: [],
    certificates: [],
    positions: { savedAt: before(1), reason: null },
    deadLetters: { since: null, reason: null },
    ...more,
  }
}

export function status(more: Partial<InstanceStatus>): InstanceStatus {
  return {
    version: 1,
    at,
    program: { version: '1.0.0', pid: 1, host: 'collector', startedAt: before(3600) },
    configuration: { file: null, sha256: '', lastReload: null },
    state: '/state',
    health: 'well',
    findings: [],
    sources: [],
    destinations: [],
    ...more,
  }
}

/** That this part is in trouble. */
export function trouble(part: string): InstanceStatus['findings'][number] {
  return { kind: 'malformed', severity: 'trouble', part, why: 'why', remedy: 'remedy', since: null }
}
