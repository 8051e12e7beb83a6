/** The page that Prometheus reads. */
import { Counter, Gauge, type Histogram, Registry } from 'prom-client'
import type { ContentType } from './content-type.ts'
import {
  type Definition,
  type Distribution,
  type MetricName,
  metrics,
  type Sample,
  type Samples,
} from './definitions.ts'

/**
 * All metrics as text. The registry is made for this page alone: what is gone since the last one, as a destination after a
 * reload, must not stay, and for OpenMetrics prom-client renames counters for good.
 */
export async function metricsPage(samples: Samples, type: ContentType): Promise<string> {
  const registry = new Registry<ContentType>()
  registry.setContentType(type)
  for (const [name, definition] of Object.entries(metrics) as [MetricName, Definition][]) {
    const values: readonly (Sample | Distribution)[] = samples[name]
    if (values.length > 0) register(registry, name, definition, values)
  }
  return registry.metrics()
}

function register(
  registry: Registry<ContentType>,
  name: MetricName,
  { type, help, labels }: Definition,
  values: readonly (Sample | Distribution)[],
): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] }
  switch (type) {
    case 'gauge': {
      const gauge = new Gauge(options)
      for (const sample of values as readonly Sample[]) gauge.set(sample.labels, sample.value)
      break
    }
    case 'counter': {
      const counter = new Counter(options)
      for (const sample of values as readonly Sample[]) counter.inc(sample.labels, sample.value)
      break
    }
    case 'histogram':
      // Its own kind only counts by itself; a registry asks no more of a metric than this.
      registry.registerMetric({
        name,
        get: () => ({
          name,
          help,
          type,
          aggregator: 'sum',
          values: (values as readonly Distribution[]).flatMap((each) => bucketsOf(name, each)),
        }),
      } as unknown as Histogram)
  }
}

function bucketsOf(name: MetricName, { labels, bounds, counts, sum }: Distribution): readonly object[] {
  let count = 0
  const buckets = counts.map((observed, index) => {
    count += observed
    return {
      metricName: `${name}_bucket`,
      labels: { le: String(bounds[index] ?? '+Inf'), ...labels },
      value: count,
    }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
