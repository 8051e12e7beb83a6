import { describe, expect, test } from 'vitest'
import { typeFor } from '../../../src/metrics/content-type.ts'
import { type Definition, metrics, type Samples } from '../../../src/metrics/definitions.ts'
import { metricsPage } from '../../../src/metrics/page.ts'

const text = 'text/plain; version=0.0.4; charset=utf-8'
const open = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Nothing of anything but of what is given. */
function samples(given: Partial<Samples> = {}): Samples {
  const none = Object.fromEntries(Object.keys(metrics).map((name) => [name, []]))
  return { ...none, ...given } as unknown as Samples
}

test.each([
  ['', text],
  ['*/*', text],
  ['text/html, application/xhtml+xml', text],
  ['application/openmetrics-text', open],
  ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3', open],
  ['text/plain;q=0.5, application/openmetrics-text; version=0.0.1', open],
  ['application/openmetrics-textual', text],
])('who accepts %j gets %s', (accept, type) => expect(typeFor(accept)).toBe(type))

test('what a configuration names is written so that nothing gets out of its label', async () => {
  const destination = 'a"} 1\nmsgtrk_b{x="\\'
  const page = await metricsPage(
    samples({ msgtrk_records_in_flight: [{ labels: { destination }, value: 3 }] }),
    text,
  )
  expect(page).toBe(
    `# HELP msgtrk_records_in_flight ${metrics.msgtrk_records_in_flight.help}\n` +
      '# TYPE msgtrk_records_in_flight gauge\n' +
      'msgtrk_records_in_flight{destination="a\\"} 1\\nmsgtrk_b{x=\\"\\\\"} 3\n',
  )
})

test('a distribution is told by its buckets, each with those before it', async () => {
  const distribution = { labels: { destination: 'siem' }, bounds: [0.1, 1], counts: [2, 0, 3], sum: 12.5 }
  const page = await metricsPage(samples({ msgtrk_delivery_latency_seconds: [distribution] }), text)
  expect(page.split('\n').slice(2)).toEqual([
    'msgtrk_delivery_latency_seconds_bucket{le="0.1",destination="siem"} 2',
    'msgtrk_delivery_latency_seconds_bucket{le="1",destination="siem"} 2',
    'msgtrk_delivery_latency_seconds_bucket{le="+Inf",destination="siem"} 5',
    'msgtrk_delivery_latency_seconds_sum{destination="siem"} 12.5',
    'msgtrk_delivery_latency_seconds_count{destination="siem"} 5',
    '',
  ])
})

describe('one page after the other', () => {
  const counted = samples({ msgtrk_rewinds_total: [{ labels: { destination: 'siem' }, value: 7 }] })

  test('has the names that belong to its type', async () => {
    for (let again = 0; again < 2; again++) {
      expect(await metricsPage(counted, open)).toMatch(
        /# TYPE msgtrk_rewinds counter\nmsgtrk_rewinds_total\{destination="siem"\} 7\n# EOF\n$/,
      )
      expect(await metricsPage(counted, text)).toMatch(
        /# TYPE msgtrk_rewinds_total counter\nmsgtrk_rewinds_total\{destination="siem"\} 7\n$/,
      )
    }
  })

  test('has nothing of the one before', async () => {
    await metricsPage(counted, text)
    expect(await metricsPage(samples(), text)).not.toContain('siem')
  })
})

test('help is one line', () => {
  for (const { help } of Object.values(metrics) as Definition[]) expect(help).toMatch(/^[^\n]+[.]$/)
})
