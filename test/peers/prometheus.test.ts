/** The metrics, the alerts and the dashboard, judged by Prometheus itself. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { metrics } from '../../src/metrics/definitions.ts'
import { Workplace } from '../support/program.ts'
import { describePeer } from './peer.ts'
import { prometheusProgram } from './programs.ts'
import { type Prometheus, promtool, startPrometheus } from './prometheus.ts'

const root = path.resolve(import.meta.dirname, '../..')
const rules = path.join(root, 'deploy/prometheus/rules.yml')
const token = '0123456789abcdef'.repeat(2)

describePeer('Prometheus', prometheusProgram, () => {
  let prometheus: Prometheus
  let url: string
  let put: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const place = await Workplace.open((close) => put.push(close))
    const collector = await place.collect()
    await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
    await place.fixture('file-malformed-lines.log', 'logs/MSGTRKMD2026112014-1.LOG')
    await place.write('token', token)
    await place.write(
      'msgtrk.yaml',
      `state: state
http: { listen: '127.0.0.1:0', token: '\${file:token}' }
sources: [{ name: EX01, folder: logs }, { name: 'EX02', folder: missing }]
destinations:
  - { name: siem, to: '${collector.url}', confirm: write }
  - { name: lab, to: 'tcp://127.0.0.1:9', events: [SEND] }
`,
    )
    const program = place.start('run', '--config', 'msgtrk.yaml')
    url = String((await program.logged('Listening for HTTP')).url)
    const { host: target } = new URL(url)
    prometheus = await startPrometheus({ folder: place.folder, target, token, rules })
    put = [() => prometheus.stop(), ...put]
  })
  afterAll(async () => {
    for (const away of put) await away()
  })

  const figure = async (expr: string): Promise<number | undefined> => {
    const { data } = await prometheus.query(expr)
    const value = data?.result[0]?.value[1]
    return value === undefined ? undefined : Number(value)
  }

  test('promtool has no finding in the page', async () => {
    const page = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } })
    expect(await promtool(['check', 'metrics'], await page.text())).toEqual({ code: 0, text: '' })
  })

  test('every alert fires where it has to and nowhere else', async () => {
    const { code, text } = await promtool([
      'test',
      'rules',
      path.join(root, 'deploy/prometheus/rules.test.yml'),
    ])
    expect(text).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  test('reads the page, and keeps the types and what they say', async () => {
    await vi.waitFor(
      async () =>
        expect(await figure('msgtrk_events_delivered_total{destination="siem"}')).toBeGreaterThan(0),
      30_000,
    )
    expect(await figure('up{job="msgtrk"}')).toBe(1)
    const { data } = (await prometheus.ask('metadata')) as {
      data: Readonly<Record<string, readonly { readonly type: string; readonly help: string }[]>>
    }
    // OpenMetrics, which it asks for, calls a counter by its name without the end.
    const told = Object.entries(data).flatMap(([name, [first]]) => (first ? [[name, first] as const] : []))
    expect(told.length).toBeGreaterThan(20)
    for (const [name, { type, help }] of told) {
      const all: Readonly<Record<string, { readonly type: string; readonly help: string }>> = metrics
      expect(all[name] ?? all[`${name}_total`], name).toMatchObject({ type, help })
    }
  })

  test('what was read is what it stands for', async () => {
    const balance =
      'sum by (destination) (msgtrk_records_read_total) - on (destination) (msgtrk_events_delivered_total + on (destination) ' +
      'sum by (destination) (msgtrk_records_filtered_total) + on (destination) msgtrk_records_malformed_total + on (destination) ' +
      'msgtrk_events_rejected_total + on (destination) msgtrk_records_lost_total + on (destination) msgtrk_records_in_flight)'
    await vi.waitFor(async () => {
      const { data } = await prometheus.query(balance)
      const values = data?.result.map(({ metric, value }) => [metric.destination, value[1]])
      expect(values).toEqual(
        expect.arrayContaining([
          ['siem', '0'],
          ['lab', '0'],
        ]),
      )
    }, 30_000)
    expect(await figure('msgtrk_records_malformed_total{destination="siem"}')).toBeGreaterThan(0)
    expect(await figure('msgtrk_source_up{source="EX02"}')).toBe(0)
    expect(await figure('msgtrk_source_up{source="EX01"}')).toBe(1)
    expect(await figure('msgtrk_destination_up{destination="siem"}')).toBe(1)
    await vi.waitFor(
      async () => expect(await figure('msgtrk_destination_up{destination="lab"}')).toBe(0),
      30_000,
    )
    expect(await figure('msgtrk_backlog_bytes{destination="lab", source="EX01"}')).toBeGreaterThan(0)
    await vi.waitFor(
      async () => expect(await figure('msgtrk_backlog_bytes{destination="siem", source="EX01"}')).toBe(0),
      30_000,
    )
  })

  test('understands every rule and every question of the dashboard', async () => {
    const { data } = (await prometheus.ask('rules')) as {
      data: { groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[] }
    }
    const names = parse(readFileSync(rules, 'utf8')).groups[0].rules.map(
      ({ alert }: { alert: string }) => alert,
    )
    await vi.waitFor(() => expect(data.groups[0]?.rules.map(({ name }) => name)).toEqual(names))
    const { panels } = JSON.parse(readFileSync(path.join(root, 'deploy/grafana/msgtrk.json'), 'utf8'))
    const queries: readonly string[] = panels.flatMap(
      ({ targets = [] }: { targets?: readonly { expr: string }[] }) => targets.map(({ expr }) => expr),
    )
    expect(queries.length).toBeGreaterThan(20)
    for (const query of queries) {
      const asked = query.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*')
      expect(await prometheus.query(asked), asked).toMatchObject({ status: 'success' })
    }
  })
})
