/** The panels of the dashboard for Grafana, and the questions they ask. */

/** A query and how its lines are named. */
interface Query {
  readonly expr: string
  readonly legend?: string
}

/** Of 24 columns: how wide, and how high. */
interface Size {
  readonly w: number
  readonly h: number
}

export interface Panel extends Size {
  readonly type: 'stat' | 'timeseries' | 'state-timeline' | 'table'
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly queries: readonly Query[]
  /** Names of values. */
  readonly words?: Readonly<Record<string, Word>>
  /** From which value on a figure is yellow, then red; the other way round when the first is larger. */
  readonly limits?: readonly [yellow: number, red: number]
}

interface Word {
  readonly text: string
  readonly color: 'green' | 'yellow' | 'orange' | 'red'
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** The series of the instances that were chosen; with names and labels as in src/metrics/definitions.ts. */
export const here = 'job=~"$job", instance=~"$instance"'
const ofDestination = `${here}, destination=~"$destination"`
const ofSource = `${here}, source=~"$source"`
const ofBoth = `${ofDestination}, source=~"$source"`

const day = 86_400
const verdicts = ['well', 'behind', 'trouble', 'down']
const upDown: Panel['words'] = {
  0: { text: 'down', color: 'red' },
  1: { text: 'up', color: 'green' },
}
const yesNo: Panel['words'] = {
  0: { text: 'no', color: 'red' },
  1: { text: 'yes', color: 'green' },
}

/** From the top to the bottom. */
export const rows: readonly Row[] = [
  {
    title: 'How it fares',
    panels: [
      {
        type: 'stat',
        title: 'Verdict',
        description: 'As `msgtrk status` says it; there it also says which part, why, and what to do.',
        unit: 'none',
        w: 6,
        h: 5,
        queries: [
          {
            expr: `max by (instance) (${verdicts.map((verdict, index) => `(msgtrk_verdict{${here}, verdict="${verdict}"} == 1) * ${index}`).join(' or ')})`,
            legend: '{{instance}}',
          },
        ],
        words: {
          0: { text: 'well', color: 'green' },
          1: { text: 'behind', color: 'yellow' },
          2: { text: 'trouble', color: 'orange' },
          3: { text: 'down', color: 'red' },
        },
      },
      {
        type: 'stat',
        title: 'Oldest undelivered record',
        description: 'Its age, of all destinations and sources. Empty when all is delivered.',
        unit: 's',
        w: 6,
        h: 5,
        queries: [{ expr: `max(time() - msgtrk_oldest_unsettled_record_timestamp_seconds{${ofBoth}})` }],
        limits: [900, 3600],
      },
      {
        type: 'stat',
        title: 'Until records are lost',
        description:
          'When Exchange is expected to delete the log with the oldest undelivered record. Empty when all is delivered.',
        unit: 's',
        w: 6,
        h: 5,
        queries: [{ expr: `min(msgtrk_backlog_expires_timestamp_seconds{${ofBoth}} - time())` }],
        limits: [7 * day, day],
      },
      {
        type: 'stat',
        title: 'Next certificate to end',
        description: 'Of all that connections depend on.',
        unit: 's',
        w: 6,
        h: 5,
        queries: [
          { expr: `min(msgtrk_tls_certificate_expiry_timestamp_seconds{${ofDestination}} - time())` },
        ],
        limits: [21 * day, 7 * day],
      },
    ],
  },
  {
    title: 'Destinations',
    panels: [
      {
        type: 'timeseries',
        title: 'Delivered',
        description: 'Records whose events were delivered, a second.',
        unit: 'eps',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination) (rate(msgtrk_events_delivered_total{${ofDestination}}[$__rate_interval]))`,
            legend: '{{destination}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Backlog',
        description: 'Bytes of the logs that are not delivered, by destination and source.',
        unit: 'bytes',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination, source) (msgtrk_backlog_bytes{${ofBoth}})`,
            legend: '{{source}} → {{destination}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Age of the oldest undelivered record',
        description: 'By destination and source.',
        unit: 's',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `time() - min by (destination, source) (msgtrk_oldest_unsettled_record_timestamp_seconds{${ofBoth}})`,
            legend: '{{source}} → {{destination}}',
          },
        ],
      },
      {
        type: 'state-timeline',
        title: 'Receivers',
        description: 'Whether each can be delivered to, as far as known.',
        unit: 'none',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `min by (destination, receiver) (msgtrk_destination_up{${ofDestination}})`,
            legend: '{{destination}} {{receiver}}',
          },
        ],
        words: upDown,
      },
      {
        type: 'timeseries',
        title: 'Until delivery is confirmed',
        description:
          'Of batches, from the hand-over to the confirmation. With confirm: close a connection takes turns every five seconds.',
        unit: 's',
        w: 8,
        h: 8,
        queries: [0.5, 0.99].map((quantile) => ({
          expr: `histogram_quantile(${quantile}, sum by (destination, le) (rate(msgtrk_delivery_latency_seconds_bucket{${ofDestination}}[$__rate_interval])))`,
          legend: `{{destination}} ${quantile * 100} %`,
        })),
      },
      {
        type: 'timeseries',
        title: 'Sent',
        description: 'Bytes of frames that went out, repeats among them.',
        unit: 'Bps',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination) (rate(msgtrk_sent_bytes_total{${ofDestination}}[$__rate_interval]))`,
            legend: '{{destination}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Sources',
    panels: [
      {
        type: 'timeseries',
        title: 'Read',
        description: 'Records read of each source, for each destination, a second.',
        unit: 'eps',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination, source) (rate(msgtrk_records_read_total{${ofBoth}}[$__rate_interval]))`,
            legend: '{{source}} → {{destination}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Age of the newest record',
        description: 'It grows where a server is silent, or its folder is out of reach.',
        unit: 's',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `time() - max by (source) (msgtrk_newest_record_timestamp_seconds{${ofSource}})`,
            legend: '{{source}}',
          },
        ],
      },
      {
        type: 'state-timeline',
        title: 'Folders',
        description: 'Whether each can be read.',
        unit: 'none',
        w: 8,
        h: 8,
        queries: [{ expr: `min by (source) (msgtrk_source_up{${ofSource}})`, legend: '{{source}}' }],
        words: upDown,
      },
    ],
  },
  {
    title: 'Left out and gone wrong',
    panels: [
      {
        type: 'timeseries',
        title: 'Filtered',
        description: 'Records that a destination does not want, by what left them out, a second.',
        unit: 'eps',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination, reason) (rate(msgtrk_records_filtered_total{${ofDestination}}[$__rate_interval]))`,
            legend: '{{destination}}: {{reason}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Malformed, rejected, repeated',
        description:
          'In each interval: lines that are no record, events refused for good, events sent again.',
        unit: 'short',
        w: 8,
        h: 8,
        queries: [
          ['msgtrk_records_malformed_total', 'malformed'],
          ['msgtrk_events_rejected_total', 'rejected'],
          ['msgtrk_events_repeated_total', 'repeated'],
        ].map(([name, word]) => ({
          expr: `sum by (destination) (increase(${name}{${ofDestination}}[$__rate_interval])) > 0`,
          legend: `{{destination}}: ${word}`,
        })),
      },
      {
        type: 'timeseries',
        title: 'Lost',
        description:
          'In each interval: logs of which something went before it was delivered; the own log names them.',
        unit: 'short',
        w: 8,
        h: 8,
        queries: [
          {
            expr: `sum by (destination, source, reason) (increase(msgtrk_losses_total{${ofBoth}}[$__rate_interval])) > 0`,
            legend: '{{source}} → {{destination}}: {{reason}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Certificates, positions, configuration and process',
    panels: [
      {
        type: 'table',
        title: 'Certificates',
        description: 'How long each is still valid.',
        unit: 's',
        w: 12,
        h: 8,
        queries: [
          {
            expr: `sort(min by (destination, certificate) (msgtrk_tls_certificate_expiry_timestamp_seconds{${ofDestination}} - time()))`,
          },
        ],
        limits: [21 * day, 7 * day],
      },
      {
        type: 'stat',
        title: 'Positions saved',
        description: 'Whether they could be saved the last time.',
        unit: 'none',
        w: 6,
        h: 8,
        queries: [
          {
            expr: `min by (destination) (msgtrk_positions_saved{${ofDestination}})`,
            legend: '{{destination}}',
          },
        ],
        words: yesNo,
      },
      {
        type: 'stat',
        title: 'Configuration in force',
        description: 'Whether the one that was read last is.',
        unit: 'none',
        w: 6,
        h: 8,
        queries: [
          {
            expr: `min by (instance) (msgtrk_config_last_reload_successful{${here}})`,
            legend: '{{instance}}',
          },
        ],
        words: yesNo,
      },
      {
        type: 'timeseries',
        title: 'Processor',
        description: 'Of one processor.',
        unit: 'percentunit',
        w: 12,
        h: 8,
        queries: [
          { expr: `rate(process_cpu_seconds_total{${here}}[$__rate_interval])`, legend: '{{instance}}' },
        ],
      },
      {
        type: 'timeseries',
        title: 'Memory',
        description: 'Resident.',
        unit: 'bytes',
        w: 12,
        h: 8,
        queries: [{ expr: `process_resident_memory_bytes{${here}}`, legend: '{{instance}}' }],
      },
    ],
  },
]
