/** Throughput and lag over the last hour. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { History } from '../status/history.ts'
import { duration } from '../status/words.ts'
import { useWidth } from './graph.tsx'
import { perSecond } from './words.ts'

interface Props {
  readonly history: History
  readonly names: readonly string[]
}

/** More lines than that nobody tells apart. */
const mostLines = 5

export function Charts({ history, names }: Props) {
  const shown = names.slice(0, mostLines)
  const { atMs, destinations } = history.data
  const times = atMs.map((ms) => ms / 1000)
  const lags = shown.map((name) => [
    ...(destinations.find((each) => each.name === name)?.lagSeconds ?? times.map(() => null)),
  ])
  const rates = shown.map((name) => [...history.deliveredPerSecond(name)])
  return (
    <div class="charts">
      <Chart
        id="throughput"
        title="Delivered"
        unit="events a second"
        names={shown}
        hidden={names.length - shown.length}
        data={[times, ...rates]}
        format={perSecond}
        least={10}
        steps={null}
      />
      <Chart
        id="lag"
        title="Lag"
        unit="age of the oldest undelivered record"
        names={shown}
        hidden={names.length - shown.length}
        data={[times, ...lags]}
        format={duration}
        least={30}
        steps={timeSteps}
      />
    </div>
  )
}

interface ChartProps {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly names: readonly string[]
  readonly hidden: number
  readonly data: readonly (readonly (number | null)[])[]
  readonly format: (value: number) => string
  /** The scale reaches up to that at least, so that little looks like little. */
  readonly least: number
  /** Between the lines of the scale; null for round numbers. */
  readonly steps: readonly number[] | null
}

function Chart({ id, title, unit, names, hidden, data, format, least, steps }: ChartProps) {
  const [box, width] = useWidth()
  const plot = useRef<uPlot | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const scheme = useScheme()
  const key = names.join('\n')
  // New data is given to the plot that is there.
  useEffect(() => {
    const target = box.current
    if (target === null || width === 0) return
    const made = new uPlot(
      optionsOf(target, { width, lines: names.length, format, least, steps, point: setPointed }),
      alignedOf(data),
      target,
    )
    plot.current = made
    return () => {
      plot.current = null
      made.destroy()
    }
  }, [width, scheme, key])
  useEffect(() => plot.current?.setData(alignedOf(data)))
  const times = data[0] ?? []
  const index = pointed ?? times.length - 1
  const values = names.map((_, line) => data[line + 1]?.[index] ?? null)
  const said = useMemo(
    () => names.map((name, line) => `${name}: ${wordOf(values[line] ?? null, format)}`).join(', '),
    [names, values, format],
  )
  const at = pointed === null ? 'now' : timeOf(times[pointed] ?? 0)
  return (
    <section class="chart" aria-labelledby={id}>
      <h2 id={id}>
        {title} <span class="unit">{unit}</span>
      </h2>
      <ul class="legend">
        {names.map((name, line) => (
          <li key={name}>
            <span class={`swatch line-${line}`} />
            {names.length > 1 && <span class="text">{name}</span>}
            <strong>{wordOf(values[line] ?? null, format)}</strong>
          </li>
        ))}
        <li class="quiet">{at}</li>
        {hidden > 0 && <li class="quiet">and {hidden} more, not drawn</li>}
      </ul>
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${title}, ${unit}, over the last hour. Now ${said}`}
      />
    </section>
  )
}

function wordOf(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB')
}

/** The plot keeps what it is given. */
function alignedOf(data: ChartProps['data']): uPlot.AlignedData {
  return data.map((values) => [...values]) as unknown as uPlot.AlignedData
}

const height = 168

/** Round ones for people: seconds, minutes, hours, days. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  432_000, 864_000, 1_728_000,
]

interface PlotOptions extends Pick<ChartProps, 'format' | 'least' | 'steps'> {
  readonly width: number
  readonly lines: number
  readonly point: (index: number | null) => void
}

function optionsOf(
  element: HTMLElement,
  { width, lines, format, least, steps, point }: PlotOptions,
): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const font = `12px ${style.fontFamily}`
  const axis = { stroke: colour('quiet'), font, ticks: { show: false }, border: { show: false } } as const
  return {
    width,
    height,
    padding: [10, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: 'time' }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: (_plot, _from, to) => [to - 3600, to] },
      y: { range: (_plot, _from, to) => [0, Math.max(least, (to ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        space: 70,
        values: (_plot, splits) => splits.map((at) => timeOf(at).slice(0, 5)),
      },
      {
        ...axis,
        grid: { stroke: colour('line'), width: 1 },
        size: 62,
        space: 36,
        ...(steps !== null && { incrs: [...steps] }),
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, line) => ({
        stroke: colour(`line-${line}`),
        width: 1.75,
        points: { show: false },
        ...(lines === 1 && { fill: colour('accent-faint') }),
      })),
    ],
    hooks: {
      setCursor: [
        (plot: uPlot) =>
          point(plot.cursor.idx != null && (plot.cursor.left ?? -1) >= 0 ? plot.cursor.idx : null),
      ],
    },
  }
}

/** Changes when the colours do. */
function useScheme(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), [])
  const [isDark, setDark] = useState(query.matches)
  useEffect(() => {
    const change = (): void => setDark(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [query])
  return isDark
}
