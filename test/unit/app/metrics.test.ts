import { expect, test } from 'vitest'
import type { InstanceListener, InstanceView } from '../../../src/app/instance-view.ts'
import { InstanceMetrics } from '../../../src/app/metrics.ts'
import type { PipelineView } from '../../../src/app/running-pipeline.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { Events } from '../../../src/flow/events.ts'
import { metrics, type Samples } from '../../../src/metrics/definitions.ts'
import { metricsPage } from '../../../src/metrics/page.ts'
import type { InstanceStatus } from '../../../src/status/snapshot.ts'

const at = '2026-11-20T14:00:00.000Z'
const atSeconds = Date.parse(at) / 1000

const nothingBehind = {
  bytes: 0,
  complete: true,
  oldestRecordAt: null,
  oldestRecordAgeSeconds: null,
  retentionLeftSeconds: null,
  caughtUpInSeconds: null,
}
const behind = {
  bytes: 4096,
  complete: true,
  oldestRecordAt: '2026-11-20T13:00:00.000Z',
  oldestRecordAgeSeconds: 3600,
  retentionLeftSeconds: 86_400,
  caughtUpInSeconds: null,
}
const rates = { read: 0, delivered: 0, sentBytes: 0 }

/** All is well but for what is given. */
function statusWith(
  changes: {
    readonly findings?: InstanceStatus['findings']
    readonly source?: Partial<InstanceStatus['sources'][number]>
    readonly destination?: Partial<InstanceStatus['destinations'][number]>
  } = {},
): InstanceStatus {
  return {
    version: 1,
    at,
    program: { version: '1.2.3', pid: 1, host: 'here', startedAt: at },
    configuration: { file: null, sha256: '', lastReload: null },
    state: '/state',
    health: 'well',
    findings: changes.findings ?? [],
    sources: [
      {
        name: 'EX01',
        kind: 'folder',
        folder: '/secret/folder',
        server: 'EX01',
        reachable: true,
        reason: null,
        files: 1,
        bytes: 1,
        filesNotRead: 0,
        oldestFileAt: null,
        newestRecordAt: at,
        newestRecordAgeSeconds: 0,
        rowsPerSecond: 0,
        backlogBytes: 0,
        retention: null,
        ...changes.source,
      },
    ],
    destinations: [
      {
        name: 'siem',
        to: 'tls://one',
        state: 'idle',
        since: null,
        pausedBy: null,
        active: 'tls://one',
        receivers: [
          { to: 'tls://one', state: 'ready', reason: null, lasting: false, since: null },
          { to: 'tls://two', state: 'unavailable', reason: 'secret reason', lasting: true, since: at },
          { to: 'tls://three', state: 'unknown', reason: null, lasting: false, since: null },
        ],
        startedAt: at,
        lastDeliveryAt: null,
        backlog: { ...nothingBehind, sources: [{ source: 'EX01', rowsPerSecond: 0, ...nothingBehind }] },
        rates: { oneMinute: rates, fifteenMinutes: rates },
        counts: {
          read: 21,
          delivered: 1,
          filtered: 2,
          malformed: 3,
          rejected: 4,
          lost: 5,
          held: 0,
          inFlight: 6,
          repeated: 7,
          rewinds: 8,
          failovers: 9,
          failbacks: 10,
          sentBytes: 11,
        },
        mails: null,
        filteredBy: [],
        certificates: [],
        positions: { savedAt: null, reason: null },
        deadLetters: { since: null, reason: null },
        ...changes.destination,
      },
    ],
  }
}

/** An instance with one pipeline, which another one may replace. */
class OnePipeline implements InstanceView {
  readonly config = { sources: [{ name: 'EX01' }] } as unknown as InstanceView['config']
  pipeline = pipelineOf()
  lastReload: InstanceView['lastReload'] = null
  #listener: InstanceListener = {}

  get pipelines(): readonly PipelineView[] {
    return [this.pipeline]
  }

  listen(listener: InstanceListener): void {
    this.#listener = listener
    listener.begins?.(this.pipeline)
  }

  reload(): Promise<never> {
    throw new Error('nobody asks for it')
  }

  replace(): void {
    this.#listener.ended?.(this.pipeline)
    this.pipeline = pipelineOf()
    this.#listener.begins?.(this.pipeline)
  }
}

function pipelineOf(): PipelineView {
  const statistics = new PipelineStatistics()
  // Of the kind of which there is most to be told.
  const settings = { to: `sentinel://x/dcr-${'0'.repeat(32)}/Custom-MessageTrackingLog_CL` }
  return { name: 'siem', settings, statistics, events: new Events(statistics) } as unknown as PipelineView
}

const samplesOf = (status: InstanceStatus): Samples => new InstanceMetrics(new OnePipeline()).samples(status)

test('tells the counts of a status, each as what it is', () => {
  const samples = samplesOf(statusWith())
  const value = (name: keyof Samples) => (samples[name] as readonly { value: number }[])[0]?.value
  expect(
    (
      [
        'msgtrk_events_delivered_total',
        'msgtrk_records_malformed_total',
        'msgtrk_events_rejected_total',
        'msgtrk_records_lost_total',
        'msgtrk_records_in_flight',
        'msgtrk_events_repeated_total',
        'msgtrk_rewinds_total',
        'msgtrk_failovers_total',
        'msgtrk_failbacks_total',
        'msgtrk_sent_bytes_total',
      ] as const
    ).map(value),
  ).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(samples.msgtrk_build_info[0]?.labels).toEqual({ version: '1.2.3', node: process.versions.node })
})

test.each([
  [[], 'well'],
  [['doubt'], 'well'],
  [['behind', 'doubt'], 'behind'],
  [['behind', 'trouble'], 'trouble'],
  [['down', 'trouble'], 'down'],
] as const)('findings of %j are the verdict %s', (severities, verdict) => {
  const findings = severities.map((severity) => {
    return { kind: 'behind', severity, part: '', why: '', remedy: '', since: null } as const
  })
  const told = samplesOf(statusWith({ findings })).msgtrk_verdict
  expect(told.length).toBe(4)
  expect(told.filter(({ value }) => value === 1).map(({ labels }) => labels.verdict)).toEqual([verdict])
})

test('what is not known is not told', () => {
  const samples = samplesOf(statusWith({ source: { newestRecordAt: null } }))
  for (const name of [
    'msgtrk_newest_record_timestamp_seconds',
    'msgtrk_oldest_unsettled_record_timestamp_seconds',
    'msgtrk_backlog_expires_timestamp_seconds',
    'msgtrk_last_delivery_timestamp_seconds',
    'msgtrk_positions_saved',
    'msgtrk_positions_saved_timestamp_seconds',
  ] as const) {
    expect(samples[name], name).toEqual([])
  }
  expect(samples.msgtrk_destination_up).toEqual([
    { labels: { destination: 'siem', receiver: 'tls://one' }, value: 1 },
    { labels: { destination: 'siem', receiver: 'tls://two' }, value: 0 },
  ])
})

test('times are those of records and events, not how long ago they were', () => {
  const samples = samplesOf(
    statusWith({
      destination: {
        lastDeliveryAt: at,
        backlog: { ...behind, sources: [{ source: 'EX01', rowsPerSecond: 0, ...behind }] },
        positions: { savedAt: at, reason: null },
        filteredBy: [{ rule: 'events', records: 2 }],
        certificates: [
          { of: 'authority', subject: 'secret', expiresAt: '2027-01-01T00:00:00.000Z' },
          { of: 'authority', subject: 'secret', expiresAt: '2026-12-01T00:00:00.000Z' },
          { of: 'client', subject: 'secret', expiresAt: at },
        ],
      },
    }),
  )
  const labels = { destination: 'siem', source: 'EX01' }
  expect(samples).toMatchObject({
    msgtrk_backlog_bytes: [{ labels, value: 4096 }],
    msgtrk_oldest_unsettled_record_timestamp_seconds: [{ labels, value: atSeconds - 3600 }],
    msgtrk_backlog_expires_timestamp_seconds: [{ labels, value: atSeconds + 86_400 }],
    msgtrk_last_delivery_timestamp_seconds: [{ value: atSeconds }],
    msgtrk_newest_record_timestamp_seconds: [{ labels: { source: 'EX01' }, value: atSeconds }],
    msgtrk_positions_saved: [{ value: 1 }],
    msgtrk_dead_letters_written: [{ value: 1 }],
    msgtrk_positions_saved_timestamp_seconds: [{ value: atSeconds }],
    msgtrk_records_filtered_total: [{ labels: { destination: 'siem', reason: 'events' }, value: 2 }],
    msgtrk_tls_certificate_expiry_timestamp_seconds: [
      { labels: { certificate: 'authority' }, value: Date.parse('2026-12-01') / 1000 },
      { labels: { certificate: 'client' }, value: atSeconds },
    ],
  })
})

test('dead letters that can not be written', () => {
  const deadLetters = { since: at, reason: 'no space left' }
  expect(samplesOf(statusWith({ destination: { deadLetters } })).msgtrk_dead_letters_written).toMatchObject([
    { labels: { destination: 'siem' }, value: 0 },
  ])
})

test.each([
  [{ savedAt: at, reason: 'no space left' }, 0],
  [{ savedAt: null, reason: 'no space left' }, 0],
] as const)('positions of %j are not saved', (positions, value) => {
  expect(samplesOf(statusWith({ destination: { positions } })).msgtrk_positions_saved[0]?.value).toBe(value)
})

test.each([
  [[], { other: 2 }],
  [[{ rule: 'events', records: 2 }], { events: 2 }],
  [[{ rule: 'events', records: 1 }], { events: 1, other: 1 }],
  [
    [
      { rule: 'filter.senders: ceo@contoso.com', records: 1 },
      { rule: 'noise: monitoring', records: 1 },
    ],
    { 'filter.senders': 1, 'noise: monitoring': 1 },
  ],
  [
    [
      { rule: 'filter.senders: ceo@contoso.com', records: 1 },
      { rule: 'filter.senders: cfo@contoso.com', records: 1 },
    ],
    { 'filter.senders': 2 },
  ],
  // Counted at another moment.
  [[{ rule: 'events', records: 3 }], { events: 3 }],
] as const)('of two records filtered %j are told as %j', (filteredBy, told) => {
  const { msgtrk_records_filtered_total: samples } = samplesOf(
    statusWith({ destination: { filteredBy: [...filteredBy] } }),
  )
  expect(Object.fromEntries(samples.map(({ labels, value }) => [labels.reason, value]))).toEqual(told)
})

test('a reload that failed is told until one succeeds, with the time of the last that did', () => {
  const instance = new OnePipeline()
  const all = new InstanceMetrics(instance)
  const told = () => {
    const samples = all.samples(statusWith())
    return [
      samples.msgtrk_config_last_reload_successful[0]?.value,
      samples.msgtrk_config_last_reload_success_timestamp_seconds[0]?.value,
    ]
  }
  const [success, startedAt = 0] = told()
  expect(success).toBe(1)
  const later = startedAt * 1000 + 5000
  instance.lastReload = { atMs: later, isSuccessful: false }
  expect(told()).toEqual([0, startedAt])
  instance.lastReload = { atMs: later + 5000, isSuccessful: true }
  expect(told()).toEqual([1, (later + 5000) / 1000])
  instance.lastReload = { atMs: later + 9000, isSuccessful: false }
  expect(told()).toEqual([0, (later + 5000) / 1000])
})

test('losses are counted from zero on, by what became of the logs', () => {
  const instance = new OnePipeline()
  const all = new InstanceMetrics(instance)
  const losses = () => {
    const { msgtrk_losses_total: logs, msgtrk_lost_bytes_total: bytes } = all.samples(statusWith())
    return logs.map(({ labels, value }, index) => [labels.source, labels.reason, value, bytes[index]?.value])
  }
  const none = ['deleted', 'replaced', 'shortened'].map((reason) => ['EX01', reason, 0, 0])
  expect(losses()).toEqual(none)
  const loss = { source: 'EX01', path: '/logs/a', fileId: 'EX01/a', offset: 0 } as const
  instance.pipeline.events.lost({ ...loss, cause: 'deleted', bytes: 100 })
  instance.pipeline.events.lost({ ...loss, cause: 'deleted', bytes: null })
  expect(losses()).toEqual([['EX01', 'deleted', 2, 100], ...none.slice(1)])
  instance.replace()
  expect(losses()).toEqual(none)
})

test('rows read are told by their source, and never get fewer', () => {
  const instance = new OnePipeline()
  const all = new InstanceMetrics(instance)
  const read = () => all.samples(statusWith()).msgtrk_records_read_total
  const labels = { destination: 'siem', source: 'EX01' }
  expect(read()).toEqual([{ labels, value: 0 }])
  const counts = { events: 5, filtered: 0, malformed: 0, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
  const { statistics } = instance.pipeline
  statistics.took('EX01/a', counts)
  statistics.rewound()
  statistics.took('EX01/a', counts)
  statistics.rewound()
  statistics.restarted('EX01/a')
  expect(read()).toEqual([{ labels, value: 5 }])
})

test('every metric is told at least once, and nothing of a log or of a peer stands in any of them', async () => {
  const instance = new OnePipeline()
  instance.pipeline.statistics.latency.took(1)
  const status = statusWith({
    destination: {
      lastDeliveryAt: at,
      backlog: {
        ...behind,
        sources: [
          { source: 'EX01', rowsPerSecond: 0, partitions: [{ partition: 0, messages: 1 }], ...behind },
        ],
      },
      positions: { savedAt: at, reason: null },
      filteredBy: [{ rule: 'filter.senders: secret@contoso.com', records: 2 }],
      certificates: [{ of: 'client', subject: 'secret', expiresAt: at }],
      mails: { open: 3, openBytes: 3000, closed: { quiet: 2, long: 1, full: 0, end: 0 } },
    },
  })
  const samples = new InstanceMetrics(instance).samples(status)
  const page = await metricsPage(samples, 'text/plain; version=0.0.4; charset=utf-8')
  const told = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  expect(told).toEqual(Object.keys(metrics))
  expect(page).not.toMatch(/secret|NaN|undefined/)
})
