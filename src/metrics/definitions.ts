/**
 * Every metric there is. Names, types and labels are an interface: alerts and dashboards elsewhere stand on them, and a test
 * keeps them. Labels are only what a configuration names, and reasons of a fixed set: never a file, an address in a log or
 * a subject.
 */

/** What is said of a metric. */
export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

const perDestination = ['destination'] as const
const perQueue = ['destination', 'source'] as const

/** By name, in the order of the page. Counters count from the start of the process. */
export const metrics = {
  msgtrk_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels tell the versions of msgtrk and of Node.js.',
    labels: ['version', 'node'],
  },
  msgtrk_verdict: {
    type: 'gauge',
    help: 'How it fares altogether, by the worst that `msgtrk status` finds: 1 for well, behind (late), trouble (wrong, and delivery goes on) or down (nothing moves somewhere), 0 for the others.',
    labels: ['verdict'],
  },
  msgtrk_records_read_total: {
    type: 'counter',
    help: 'Records read: delivered, filtered, malformed, rejected, lost, held in open mails and in flight together.',
    labels: perQueue,
  },
  msgtrk_events_delivered_total: {
    type: 'counter',
    help: 'Records whose events were delivered.',
    labels: perDestination,
  },
  msgtrk_records_filtered_total: {
    type: 'counter',
    help: 'Records that the settings of the destination do not want, by what left them out.',
    labels: ['destination', 'reason'],
  },
  msgtrk_records_malformed_total: {
    type: 'counter',
    help: 'Lines that are no record; they are in the dead letters.',
    labels: perDestination,
  },
  msgtrk_events_rejected_total: {
    type: 'counter',
    help: 'Records that the receiver refused for good; they are in the dead letters.',
    labels: perDestination,
  },
  msgtrk_events_late_total: {
    type: 'counter',
    help: 'Events taken so late that the receiver gives them its own time, as Azure does after two days; only of destinations that do so.',
    labels: perDestination,
  },
  msgtrk_records_lost_total: {
    type: 'counter',
    help: 'Records that were read and went with their log before they were delivered.',
    labels: perDestination,
  },
  msgtrk_lost_bytes_total: {
    type: 'counter',
    help: 'Bytes of logs that went before they were delivered, as far as their number is known, by what became of the log.',
    labels: ['destination', 'source', 'reason'],
  },
  msgtrk_losses_total: {
    type: 'counter',
    help: 'Logs of which something went before it was delivered, also where nobody saw how much.',
    labels: ['destination', 'source', 'reason'],
  },
  msgtrk_records_held: {
    type: 'gauge',
    help: 'Records read that wait in open mails; only where `records: mail` delivers mails, as the next three.',
    labels: perDestination,
  },
  msgtrk_mails_open: {
    type: 'gauge',
    help: 'Mails of which more rows are waited for.',
    labels: perDestination,
  },
  msgtrk_mails_open_bytes: {
    type: 'gauge',
    help: 'What open mails take of memory, about.',
    labels: perDestination,
  },
  msgtrk_mails_closed_total: {
    type: 'counter',
    help: 'Mails that were closed, by why: quiet, long (open for as long as they may be), full (there was no room for more), end.',
    labels: ['destination', 'reason'],
  },
  msgtrk_records_in_flight: {
    type: 'gauge',
    help: 'Records read whose fate is not known yet.',
    labels: perDestination,
  },
  msgtrk_events_repeated_total: {
    type: 'counter',
    help: 'Events sent again since nothing confirmed them: the receiver may have them twice.',
    labels: perDestination,
  },
  msgtrk_rewinds_total: {
    type: 'counter',
    help: 'How often reading went back to what was settled last, since the destination was unavailable.',
    labels: perDestination,
  },
  msgtrk_failovers_total: {
    type: 'counter',
    help: 'How often the next receiver took over.',
    labels: perDestination,
  },
  msgtrk_failbacks_total: {
    type: 'counter',
    help: 'How often a preferred receiver took over again.',
    labels: perDestination,
  },
  msgtrk_sent_bytes_total: {
    type: 'counter',
    help: 'Bytes of frames that went out, repeats among them.',
    labels: perDestination,
  },
  msgtrk_delivery_latency_seconds: {
    type: 'histogram',
    help: 'From a batch being handed to the destination to its delivery being confirmed and committed, one observation a batch.',
    labels: perDestination,
  },
  msgtrk_backlog_bytes: {
    type: 'gauge',
    help: 'Bytes of the logs that are not settled yet.',
    labels: perQueue,
  },
  msgtrk_topic_lag_messages: {
    type: 'gauge',
    help: 'Messages of a partition of a topic that this instance reads and that are not settled yet.',
    labels: ['destination', 'source', 'partition'],
  },
  msgtrk_oldest_unsettled_record_timestamp_seconds: {
    type: 'gauge',
    help: 'Time of the oldest record that is not settled; absent when all is.',
    labels: perQueue,
  },
  msgtrk_backlog_expires_timestamp_seconds: {
    type: 'gauge',
    help: 'When Exchange is expected to delete the log with the oldest record that is not settled; absent when all is, or when that can not be told.',
    labels: perQueue,
  },
  msgtrk_last_delivery_timestamp_seconds: {
    type: 'gauge',
    help: 'When something was delivered last; absent before the first time.',
    labels: perDestination,
  },
  msgtrk_destination_up: {
    type: 'gauge',
    help: 'Whether the receiver can be delivered to, as far as known; absent for one that was not tried yet.',
    labels: ['destination', 'receiver'],
  },
  msgtrk_destination_paused: {
    type: 'gauge',
    help: 'Whether a person has paused it, so that nothing is delivered.',
    labels: perDestination,
  },
  msgtrk_source_up: {
    type: 'gauge',
    help: 'Whether the folder can be read.',
    labels: ['source'],
  },
  msgtrk_newest_record_timestamp_seconds: {
    type: 'gauge',
    help: 'Time of the newest record in the folder; absent while none is known.',
    labels: ['source'],
  },
  msgtrk_tls_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When a certificate that connections depend on ends, the first of its kind: receiver, authority (above that of a receiver), client (our own).',
    labels: ['destination', 'certificate'],
  },
  msgtrk_positions_saved_timestamp_seconds: {
    type: 'gauge',
    help: 'When positions were saved last; absent before the first time.',
    labels: perDestination,
  },
  msgtrk_positions_saved: {
    type: 'gauge',
    help: 'Whether positions could be saved the last time; absent before it.',
    labels: perDestination,
  },
  msgtrk_dead_letters_written: {
    type: 'gauge',
    help: 'Whether dead letters could be written the last time there were some; positions wait for them.',
    labels: perDestination,
  },
  msgtrk_config_last_reload_successful: {
    type: 'gauge',
    help: 'Whether the configuration that was read last, at the start or by a reload, is in force.',
    labels: [],
  },
  msgtrk_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the configuration in force was read.',
    labels: [],
  },
  process_cpu_seconds_total: {
    type: 'counter',
    help: 'Processor time of the process, user and system, in seconds.',
    labels: [],
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of the process that is resident, in bytes.',
    labels: [],
  },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'When the process started.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Definition>>

export type MetricName = keyof typeof metrics
type NamesOf<Type> = {
  [Name in MetricName]: (typeof metrics)[Name]['type'] extends Type ? Name : never
}[MetricName]

/** A value of one set of labels. */
export interface Sample<Label extends string = string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

/** Observations of one set of labels: how many were at most each bound and above the one before, then those above all. */
export interface Distribution<Label extends string = string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** Values of all metrics at one moment. A metric without any is not told. */
export type Samples = {
  readonly [Name in NamesOf<'counter' | 'gauge'>]: readonly Sample<(typeof metrics)[Name]['labels'][number]>[]
} & {
  readonly [Name in NamesOf<'histogram'>]: readonly Distribution<(typeof metrics)[Name]['labels'][number]>[]
}
