/**
 * The OpenTelemetry Collector: the receiver filelog with its csv_parser, statements of the processor transform, the exporter
 * syslog. No distribution is taken: its builder makes it of these four modules, once, with the Go that is at hand.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { columns, copied, labels } from './mapping.ts'
import type { Peer } from './peer.ts'

const run = promisify(execFile)

/** Of the Collector and of all its modules: they are released together. */
const version = '0.148.0'

/** Where it is once it was built. */
const program = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'msgtrk-bench',
  `otelcol-${version}`,
  'otelcol',
)

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib'
const manifest = {
  dist: { name: 'otelcol', output_path: 'out' },
  receivers: [{ gomod: `${contrib}/receiver/filelogreceiver v${version}` }],
  processors: [{ gomod: `${contrib}/processor/transformprocessor v${version}` }],
  exporters: [{ gomod: `${contrib}/exporter/syslogexporter v${version}` }],
}

/** Builds it when it isn't there, which takes minutes; null where there is no Go. */
export async function findCollector(tell: (text: string) => void): Promise<Peer | null> {
  if (!existsSync(program)) {
    if (!(await hasGo())) return null
    tell('building the OpenTelemetry Collector, once')
    await build()
  }
  return {
    name: 'OpenTelemetry Collector',
    version,
    how:
      'filelog with csv_parser, transform, syslog with batches of 8,192, a blocking queue and endless retries; values are ' +
      'neither cut nor checked',
    async prepare({ folder, log, port }) {
      const file = path.join(folder, 'otelcol.json')
      await writeFile(file, JSON.stringify(configuration(log, port), null, 2))
      return { command: program, args: ['--config', file] }
    },
  }
}

async function hasGo(): Promise<boolean> {
  return run('go', ['version'], { timeout: 15_000 }).then(
    () => true,
    () => false,
  )
}

async function build(): Promise<void> {
  const folder = path.dirname(program)
  // Whole or not at all.
  const making = `${folder}.${process.pid}`
  await mkdir(making, { recursive: true })
  try {
    // JSON is YAML.
    await writeFile(path.join(making, 'builder.yaml'), JSON.stringify(manifest))
    const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`
    await run('go', ['run', builder, '--config', 'builder.yaml'], { cwd: making, timeout: 1_200_000 })
    await mkdir(path.dirname(folder), { recursive: true })
    await rename(path.join(making, 'out'), folder)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

/** Nothing that was read is thrown away: reading waits for the queue, and the queue for the receiver, however long. */
function configuration(log: string, port: number): unknown {
  return {
    receivers: {
      filelog: {
        include: [log],
        start_at: 'beginning',
        include_file_name: false,
        operators: [
          { type: 'filter', expr: 'not (body matches "^[0-9]")' },
          {
            type: 'csv_parser',
            header: columns.join(','),
            timestamp: {
              parse_from: 'attributes["date-time"]',
              layout_type: 'gotime',
              layout: '2006-01-02T15:04:05.000Z',
            },
          },
        ],
        retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
      },
    },
    processors: {
      transform: { log_statements: [{ context: 'log', statements: statements() }] },
    },
    exporters: {
      syslog: {
        endpoint: '127.0.0.1',
        port,
        network: 'tcp',
        protocol: 'rfc3164',
        tls: { insecure: true },
        timeout: '0s',
        sending_queue: {
          enabled: true,
          block_on_overflow: true,
          num_consumers: 1,
          sizer: 'items',
          queue_size: 50_000,
          batch: { min_size: 8192, flush_timeout: '200ms' },
        },
        retry_on_failure: { enabled: true, initial_interval: '1s', max_elapsed_time: '0s' },
      },
    },
    service: {
      telemetry: { logs: { level: 'error' }, metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['filelog'], processors: ['transform'], exporters: ['syslog'] } },
    },
  }
}

/** In the language of the processor transform: the event's text becomes the attribute that the exporter sends. */
function statements(): readonly string[] {
  const of = (column: string) => `log.attributes["${column}"]`
  const event = of('event-id')
  const text = of('message')
  const append = (key: string, column: string, condition: string) => {
    const label = labels.get(key)
    const value = column === 'date-time' ? 'UnixMilli(log.time)' : of(column)
    const rest = label === undefined ? '' : `, " ${key}Label=${label}"`
    return `set(${text}, Concat([${text}, " ${key}=", ${value}${rest}], "")) where ${condition}`
  }
  const head = `"CEF:0|Microsoft|Exchange Server|15.01|", ${event}, "|", ${event}, "|3|"`
  return [
    // `$$` is `$` in a configuration.
    String.raw`replace_all_patterns(log.attributes, "value", "([\\\\=])", "\\$$1")`,
    `set(${text}, Concat([${head}], ""))`,
    append('in', 'total-bytes', `${event} == "RECEIVE"`),
    append('out', 'total-bytes', `${event} != "RECEIVE"`),
    ...[...copied].map(([key, column]) => append(key, column, `${of(column)} != ""`)),
    'set(log.attributes["hostname"], "bench")',
    'set(log.attributes["priority"], 134)',
  ]
}
