/** deploy/grafana/msgtrk.json, the dashboard for Grafana, made of its panels. */
import { here, type Panel, rows } from './dashboard-panels.ts'

/** The dashboard, to be imported into Grafana 10 or later. */
export function dashboard(): object {
  const made: object[] = []
  let y = 0
  for (const { title, panels } of rows) {
    made.push({
      id: made.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    })
    y++
    let x = 0
    let high = 0
    for (const panel of panels) {
      if (x + panel.w > 24) {
        x = 0
        y += high
        high = 0
      }
      made.push(asPanel(panel, made.length + 1, { x, y, w: panel.w, h: panel.h }))
      x += panel.w
      high = Math.max(high, panel.h)
    }
    y += high
  }
  return {
    uid: 'msgtrk',
    title: 'msgtrk',
    description: 'Exchange message tracking logs on their way to the SIEM (msgtrk, docs/metrics.md)',
    tags: ['msgtrk', 'exchange'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Data source',
          type: 'datasource',
          query: 'prometheus',
          hide: 0,
          includeAll: false,
          multi: false,
          refresh: 1,
          current: { text: '', value: '' },
        },
        variable('job', 'label_values(msgtrk_build_info, job)'),
        variable('instance', 'label_values(msgtrk_build_info{job=~"$job"}, instance)'),
        variable('destination', `label_values(msgtrk_events_delivered_total{${here}}, destination)`),
        variable('source', `label_values(msgtrk_source_up{${here}}, source)`),
      ],
    },
    annotations: {
      list: [
        {
          name: 'Starts',
          datasource,
          enable: true,
          iconColor: 'blue',
          expr: `changes(process_start_time_seconds{${here}}[2m]) > 0`,
          titleFormat: 'msgtrk started on {{instance}}',
        },
      ],
    },
    panels: made,
  }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const datasource = { type: 'prometheus', uid: '${datasource}' } as const

function variable(name: string, query: string): object {
  return {
    name,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    hide: 0,
    current: { text: 'All', value: '$__all' },
  }
}

function asPanel(
  { type, title, description, unit, queries, words, limits }: Panel,
  id: number,
  gridPos: object,
): object {
  return {
    id,
    type,
    title,
    description,
    gridPos,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      ...(legend !== undefined && { legendFormat: legend }),
      ...(type === 'table' ? { format: 'table', instant: true } : { range: true }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(type === 'timeseries' && { min: 0 }),
        ...(words !== undefined && { mappings: [{ type: 'value', options: words }] }),
        ...(limits !== undefined && { thresholds: { mode: 'absolute', steps: stepsOf(limits) } }),
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
      },
      overrides: [],
    },
    options: optionsOf[type],
    ...(type === 'table' && {
      transformations: [
        { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { Value: 'valid for' } } },
      ],
    }),
  }
}

const tooltip = { mode: 'multi', sort: 'desc' } as const
const legend = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] } as const
/** All that each kind of panel needs, none left to a default of the version that it is read by. */
const optionsOf = {
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'background',
    graphMode: 'none',
    justifyMode: 'auto',
    orientation: 'auto',
    textMode: 'auto',
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: 'standard',
  },
  timeseries: { legend, tooltip },
  'state-timeline': { mergeValues: true, showValue: 'auto', rowHeight: 0.9, legend, tooltip },
  table: { frameIndex: 0, showHeader: true, cellHeight: 'sm' },
} as const

function stepsOf([yellow, red]: readonly [number, number]): readonly object[] {
  return yellow < red
    ? [
        { color: 'green', value: null },
        { color: 'yellow', value: yellow },
        { color: 'red', value: red },
      ]
    : [
        { color: 'red', value: null },
        { color: 'yellow', value: red },
        { color: 'green', value: yellow },
      ]
}
