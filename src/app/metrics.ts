/** The metrics of a running instance: put together, when they are asked for, from its status and its own counts. */
import { kindOf } from '../destinations/kinds.ts'
import type { HttpRoute } from '../http/routes.ts'
import { type ContentType, typeFor } from '../metrics/content-type.ts'
import type { Distribution, Sample, Samples } from '../metrics/definitions.ts'
import { LossCounter } from '../metrics/losses.ts'
import type { DestinationStatus, InstanceStatus } from '../status/snapshot.ts'
import type { InstanceView } from './instance-view.ts'
import { recent } from './recent.ts'
import type { PipelineView } from './running-pipeline.ts'

/** Watches pipelines for what their status does not tell, and gives the samples. */
export class InstanceMetrics {
  readonly #instance: InstanceView
  readonly #losses = new WeakMap<PipelineView, LossCounter>()
  /** Of destinations that may replace times. */
  readonly #late = new WeakMap<PipelineView, number>()
  /** When the configuration in force was read; at the start, or by a reload. */
  #readAtMs = Date.now()

  constructor(instance: InstanceView) {
    this.#instance = instance
    instance.listen({
      begins: (pipeline) => {
        const losses = new LossCounter(instance.config.sources.map(({ name }) => name))
        pipeline.events.add(losses)
        this.#losses.set(pipeline, losses)
        if (kindOf(pipeline.settings.to).keepsTime !== undefined) {
          this.#late.set(pipeline, 0)
          pipeline.events.add({
            late: (events) => this.#late.set(pipeline, (this.#late.get(pipeline) ?? 0) + events),
          })
        }
      },
      reloads: () => {
        this.#readAtMs = Date.now()
      },
    })
  }

  /** All at this moment; `status` is of this moment, too. */
  samples(status: InstanceStatus): Samples {
    const { lastReload } = this.#instance
    // One that found nothing to change has read it, too.
    if (lastReload?.isSuccessful) this.#readAtMs = Math.max(this.#readAtMs, lastReload.atMs)
    const { user, system } = process.cpuUsage()
    return {
      ...ofInstance(status),
      ...ofSources(status),
      ...ofDestinations(status.destinations, Date.parse(status.at)),
      ...this.#ofPipelines(),
      msgtrk_config_last_reload_successful: alone(Number(lastReload?.isSuccessful ?? true)),
      msgtrk_config_last_reload_success_timestamp_seconds: alone(this.#readAtMs / 1000),
      process_cpu_seconds_total: alone((user + system) / 1e6),
      process_resident_memory_bytes: alone(process.memoryUsage.rss()),
      process_start_time_seconds: alone(performance.timeOrigin / 1000),
    }
  }

  #ofPipelines(): Pick<
    Samples,
    | 'msgtrk_records_read_total'
    | 'msgtrk_events_late_total'
    | 'msgtrk_lost_bytes_total'
    | 'msgtrk_losses_total'
    | 'msgtrk_delivery_latency_seconds'
  > {
    const { pipelines, config } = this.#instance
    const lost = pipelines.flatMap((pipeline) =>
      (this.#losses.get(pipeline)?.counts() ?? []).map((count) => {
        const { source, cause: reason } = count
        return { labels: { destination: pipeline.name, source, reason }, count }
      }),
    )
    return {
      msgtrk_records_read_total: pipelines.flatMap(({ name: destination, statistics }) =>
        config.sources.map(({ name: source }) => {
          return { labels: { destination, source }, value: statistics.readOf(source) }
        }),
      ),
      msgtrk_events_late_total: pipelines.flatMap((pipeline) =>
        sampleOf({ destination: pipeline.name }, this.#late.get(pipeline) ?? null),
      ),
      msgtrk_lost_bytes_total: lost.map(({ labels, count }) => ({ labels, value: count.bytes })),
      msgtrk_losses_total: lost.map(({ labels, count }) => ({ labels, value: count.logs })),
      msgtrk_delivery_latency_seconds: pipelines.map(
        ({ name, statistics }): Distribution<'destination'> => ({
          labels: { destination: name },
          ...statistics.latency.snapshot(),
        }),
      ),
    }
  }
}

/** `/metrics`, from the samples of this moment, or of the last second. */
export function metricsRoute(samples: () => Promise<Samples>): HttpRoute {
  const pages = new Map<ContentType, () => Promise<Buffer>>()
  const pageOf = (type: ContentType): Promise<Buffer> => {
    const page =
      pages.get(type) ??
      recent(async () => {
        // Loaded once somebody asks: it would be felt at every start.
        const { metricsPage } = await import('../metrics/page.ts')
        return Buffer.from(await metricsPage(await samples(), type))
      })
    pages.set(type, page)
    return page()
  }
  return {
    method: 'GET',
    path: '/metrics',
    access: 'known',
    async handler({ headers: { accept = '' } }) {
      const type = typeFor(String(accept))
      return { status: 200, type, body: await pageOf(type) }
    },
  }
}

const verdicts = ['well', 'behind', 'trouble', 'down'] as const

function ofInstance({
  program,
  findings,
}: InstanceStatus): Pick<Samples, 'msgtrk_build_info' | 'msgtrk_verdict'> {
  const worst = findings.reduce(
    (worst, { severity }) => Math.max(worst, verdicts.indexOf(severity === 'doubt' ? 'well' : severity)),
    0,
  )
  return {
    msgtrk_build_info: [{ labels: { version: program.version, node: process.versions.node }, value: 1 }],
    msgtrk_verdict: verdicts.map((verdict, index) => ({
      labels: { verdict },
      value: Number(index === worst),
    })),
  }
}

function ofSources({
  sources,
}: InstanceStatus): Pick<Samples, 'msgtrk_source_up' | 'msgtrk_newest_record_timestamp_seconds'> {
  const each = (value: (source: InstanceStatus['sources'][number]) => number | null) =>
    sources.flatMap((source) => sampleOf({ source: source.name }, value(source)))
  return {
    msgtrk_source_up: each(({ reachable }) => Number(reachable)),
    msgtrk_newest_record_timestamp_seconds: each(({ newestRecordAt }) => seconds(newestRecordAt)),
  }
}

function ofDestinations(destinations: readonly DestinationStatus[], atMs: number) {
  const each = (value: (of: DestinationStatus) => number | null) =>
    destinations.flatMap((of) => sampleOf({ destination: of.name }, value(of)))
  const count = (name: keyof DestinationStatus['counts']) => each(({ counts }) => counts[name])
  const queue = (value: (of: DestinationStatus['backlog']['sources'][number]) => number | null) =>
    destinations.flatMap(({ name: destination, backlog }) =>
      backlog.sources.flatMap((of) => sampleOf({ destination, source: of.source }, value(of))),
    )
  return {
    msgtrk_events_delivered_total: count('delivered'),
    msgtrk_records_filtered_total: destinations.flatMap(filtered),
    msgtrk_records_malformed_total: count('malformed'),
    msgtrk_events_rejected_total: count('rejected'),
    msgtrk_records_lost_total: count('lost'),
    msgtrk_records_held: each(({ mails, counts }) => (mails === null ? null : counts.held)),
    msgtrk_mails_open: each(({ mails }) => mails?.open ?? null),
    msgtrk_mails_open_bytes: each(({ mails }) => mails?.openBytes ?? null),
    msgtrk_mails_closed_total: destinations.flatMap(({ name: destination, mails }) =>
      Object.entries(mails?.closed ?? {}).map(([reason, value]) => ({
        labels: { destination, reason },
        value,
      })),
    ),
    msgtrk_records_in_flight: count('inFlight'),
    msgtrk_events_repeated_total: count('repeated'),
    msgtrk_rewinds_total: count('rewinds'),
    msgtrk_failovers_total: count('failovers'),
    msgtrk_failbacks_total: count('failbacks'),
    msgtrk_sent_bytes_total: count('sentBytes'),
    msgtrk_backlog_bytes: queue(({ bytes }) => bytes),
    msgtrk_topic_lag_messages: destinations.flatMap(({ name: destination, backlog }) =>
      backlog.sources.flatMap(({ source, partitions = [] }) =>
        partitions.flatMap(({ partition, messages }) =>
          sampleOf({ destination, source, partition: String(partition) }, messages),
        ),
      ),
    ),
    msgtrk_oldest_unsettled_record_timestamp_seconds: queue(({ oldestRecordAt }) => seconds(oldestRecordAt)),
    msgtrk_backlog_expires_timestamp_seconds: queue(({ retentionLeftSeconds: left }) =>
      left === null ? null : atMs / 1000 + left,
    ),
    msgtrk_last_delivery_timestamp_seconds: each(({ lastDeliveryAt }) => seconds(lastDeliveryAt)),
    msgtrk_destination_up: destinations.flatMap(({ name: destination, receivers }) =>
      receivers.flatMap(({ to: receiver, state }) =>
        sampleOf({ destination, receiver }, state === 'unknown' ? null : Number(state === 'ready')),
      ),
    ),
    msgtrk_destination_paused: each(({ state }) => Number(state === 'paused')),
    msgtrk_tls_certificate_expiry_timestamp_seconds: destinations.flatMap(expiries),
    msgtrk_dead_letters_written: each(({ deadLetters: { reason } }) => Number(reason === null)),
    msgtrk_positions_saved_timestamp_seconds: each(({ positions }) => seconds(positions.savedAt)),
    msgtrk_positions_saved: each(({ positions: { savedAt, reason } }) =>
      savedAt === null && reason === null ? null : Number(reason === null),
    ),
  } as const satisfies Partial<Samples>
}

/** All that were filtered, those of which nobody says by what among them. */
function filtered({
  name: destination,
  counts,
  filteredBy,
}: DestinationStatus): readonly Sample<'destination' | 'reason'>[] {
  const others = filteredBy.reduce((left, { records }) => left - records, counts.filtered)
  const all =
    others > 0 || filteredBy.length === 0 ? [...filteredBy, { rule: 'other', records: others }] : filteredBy
  const byReason = new Map<string, number>()
  for (const { rule, records } of all) {
    const reason = reasonOf(rule)
    byReason.set(reason, (byReason.get(reason) ?? 0) + records)
  }
  return [...byReason].map(([reason, value]) => ({ labels: { destination, reason }, value }))
}

/** The setting alone, `filter.senders`: what it asks for may be addresses. What is called noise has a name. */
function reasonOf(rule: string): string {
  const [setting = rule] = rule.split(':', 1)
  return setting === 'noise' ? rule : setting
}

/** Of each kind of certificate the one that ends first. */
function expiries({
  name: destination,
  certificates,
}: DestinationStatus): readonly Sample<'destination' | 'certificate'>[] {
  const first = new Map<string, number>()
  for (const { of, expiresAt } of certificates) {
    first.set(of, Math.min(first.get(of) ?? Number.POSITIVE_INFINITY, Date.parse(expiresAt) / 1000))
  }
  return [...first].map(([certificate, value]) => ({ labels: { destination, certificate }, value }))
}

/** What is not known is not told. */
function sampleOf<Label extends string>(
  labels: Readonly<Record<Label, string>>,
  value: number | null,
): readonly Sample<Label>[] {
  return value === null ? [] : [{ labels, value }]
}

function alone(value: number): readonly Sample<never>[] {
  return [{ labels: {}, value }]
}

function seconds(time: string | null): number | null {
  return time === null ? null : Date.parse(time) / 1000
}
