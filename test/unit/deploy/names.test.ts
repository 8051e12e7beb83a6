/** Alerts and dashboard ask only for what there is. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Definition, metrics } from '../../../src/metrics/definitions.ts'

const root = path.join(import.meta.dirname, '../../..')
const read = (name: string) => readFileSync(path.join(root, name), 'utf8')

const suffixes = { histogram: ['_bucket', '_sum', '_count'], counter: [''], gauge: [''] }
const names = new Set(
  Object.entries(metrics).flatMap(([name, { type }]) => suffixes[type].map((suffix) => name + suffix)),
)
/** Those that Prometheus adds are among them. */
const labels = new Set([
  ...Object.values(metrics).flatMap((metric: Definition) => metric.labels),
  'job',
  'instance',
  'le',
])

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

const rules: readonly Rule[] = parse(read('deploy/prometheus/rules.yml')).groups[0].rules
const tested = parse(read('deploy/prometheus/rules.test.yml'))

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[]
}
interface Dashboard {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}
const dashboard: Dashboard = JSON.parse(read('deploy/grafana/msgtrk.json'))
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? [])
const queries = [
  ...rules.map(({ expr }) => expr),
  ...targets.map(({ expr }) => expr),
  ...dashboard.annotations.list.map(({ expr }) => expr),
  ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
  ...tested.tests.flatMap((one: { input_series: readonly { series: string }[] }) =>
    one.input_series.map(({ series }) => series),
  ),
]

test('every metric that is asked for is there', () => {
  const asked = queries.flatMap((query) => query.match(/\b(?:msgtrk|process)_\w+/g) ?? [])
  expect(asked.length).toBeGreaterThan(40)
  expect(asked.filter((name) => !names.has(name))).toEqual([])
})

test('every label that is asked for is there', () => {
  const grouped = queries.flatMap((query) => [...query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)])
  const matched = queries.flatMap((query) => [...query.matchAll(/[{,] *(\w+) *=~?"/g)])
  const named = [
    ...targets.map(({ legendFormat = '' }) => legendFormat),
    ...rules.flatMap(({ annotations }) => Object.values(annotations)),
  ].flatMap((text) => [...text.matchAll(/\{\{ *(?:\$labels\.)?(\w+) *\}\}/g)])
  const asked = [...grouped, ...matched, ...named].flatMap(([, list = '']) => list.split(/, */))
  expect(asked.length).toBeGreaterThan(60)
  expect(asked.filter((label) => !labels.has(label))).toEqual([])
})

test('every variable of the dashboard is there', () => {
  const known = new Set(dashboard.templating.list.map(({ name }) => `$${name}`))
  const asked = JSON.stringify(dashboard).match(/\$(?!__)\w+/g) ?? []
  expect(asked.filter((name) => !known.has(name))).toEqual([])
})

test('panels have places of their own', () => {
  const taken = new Set<string>()
  for (const { title, gridPos } of dashboard.panels) {
    const { x, y, w, h } = gridPos
    expect(x + w, title).toBeLessThanOrEqual(24)
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) {
        expect(taken.has(`${row} ${column}`), title).toBe(false)
        taken.add(`${row} ${column}`)
      }
    }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
})

describe('alerts', () => {
  test('are those that are told of', () => {
    const told = [...read('docs/parts/metrics.md').matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, name]) => name)
    expect(rules.map(({ alert }) => alert)).toEqual(told)
  })

  test.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s is tested to fire and not to fire',
    (alert) => {
      const cases: readonly { alertname: string; exp_alerts?: readonly unknown[] }[] = tested.tests.flatMap(
        ({ alert_rule_test: all }: { alert_rule_test: readonly { alertname: string }[] }) =>
          all.filter(({ alertname }) => alertname === alert),
      )
      expect(cases.some(({ exp_alerts = [] }) => exp_alerts.length > 0)).toBe(true)
      // With all being well, and next to the limit.
      expect(cases.filter(({ exp_alerts = [] }) => exp_alerts.length === 0).length).toBeGreaterThan(1)
    },
  )
})
