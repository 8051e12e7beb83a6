/** Where the parts of the graph stand: sources on the left, destinations on the right, curves between them. */
import type { DestinationStatus, InstanceStatus } from '../status/snapshot.ts'
import { duration } from '../status/words.ts'
import { anchor, findingsOf, lag, perSecond, receiver, stateWord, type Tone, toneOfPart } from './words.ts'

export interface GraphNode {
  readonly name: string
  /** One line below the name. */
  readonly line: string
  readonly tone: Tone
  readonly href: string
  readonly x: number
  readonly y: number
}

interface GraphEdge {
  readonly path: string
  /** Width of the line; wider for more. */
  readonly width: number
  readonly tone: Tone
  /** Nothing moves on it now. */
  readonly isIdle: boolean
  /** What is written on it, and the middle of that; null where there is no room. */
  readonly label: { readonly text: string; readonly x: number; readonly y: number } | null
}

export interface Graph {
  readonly height: number
  readonly nodeWidth: number
  readonly nodeHeight: number
  readonly sources: readonly GraphNode[]
  readonly destinations: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

interface Flow {
  readonly rowsPerSecond: number
  readonly bytes: number
  readonly ageSeconds: number | null
}

interface Part {
  readonly name: string
  readonly line: string
  readonly tone: Tone
  readonly href: string
  /** Names that it stands for. */
  readonly of: readonly string[]
}

const nodeHeight = 54
const rowHeight = 70
/** More are shown together as one. */
const mostSources = 8
const mostDestinations = 6
/** Pixels for rate and lag, and for the rate alone. */
const labelWidth = 104
const shortLabel = 56

/** Puts it together for so many pixels. */
export function layoutGraph(status: InstanceStatus, width: number): Graph {
  const sources = together(sourceParts(status), mostSources, 'sources', '#sources')
  const destinations = together(destinationParts(status), mostDestinations, 'destinations', '#destinations')
  const nodeWidth = Math.round(Math.min(240, Math.max(118, width * 0.28)))
  const rows = Math.max(sources.length, destinations.length, 1)
  const height = rows * rowHeight - (rowHeight - nodeHeight)
  const left = placed(sources, 0, height)
  const right = placed(destinations, width - nodeWidth, height)
  const room = (width - 2 * nodeWidth) / Math.max(1, destinations.length)
  const edges = left.flatMap((source, row) =>
    right.map((destination, column) => {
      const flow = flowBetween(status, sources[row]?.of ?? [], destinations[column]?.of ?? [])
      const isDown = isCut(status, sources[row]?.of ?? [], destinations[column]?.of ?? [])
      const from = { x: nodeWidth, y: source.y + nodeHeight / 2 }
      const to = { x: width - nodeWidth, y: destination.y + nodeHeight / 2 }
      // Curves to different destinations have their words at different places, so that these don't meet.
      const share = right.length === 1 ? 0.5 : 0.2 + (0.36 * (column + 0.5)) / right.length + 0.04
      return {
        path: curve(from, to),
        width: edgeWidth(flow.rowsPerSecond),
        tone: isDown ? 'trouble' : flow.bytes > 0 && isLate(flow) ? 'behind' : 'well',
        isIdle: flow.rowsPerSecond === 0,
        label:
          room < shortLabel ? null : { text: labelOf(flow, room >= labelWidth), ...pointOn(from, to, share) },
      } as const
    }),
  )
  return { height, nodeWidth, nodeHeight, sources: left, destinations: right, edges }
}

/** The same in a sentence, for who does not see it. */
export function graphInWords({ sources, destinations }: InstanceStatus): string {
  const from = sources.map(({ name, rowsPerSecond }) => `${name}, ${perSecond(rowsPerSecond)} rows a second`)
  const to = destinations.map(
    ({ name, rates, backlog }) =>
      `${name}, ${perSecond(rates.oneMinute.delivered)} events a second, ${lag(backlog)}`,
  )
  return `From ${from.join('; ')}. To ${to.join('; ')}.`
}

function sourceParts({ sources, findings }: InstanceStatus): readonly Part[] {
  return sources.map(({ name, reachable, rowsPerSecond }, index) => ({
    name,
    line: reachable ? `${perSecond(rowsPerSecond)} rows/s` : 'unreachable',
    tone: toneOfPart(findingsOf(findings, `source ${name}`)),
    href: `#${anchor('source', index)}`,
    of: [name],
  }))
}

function destinationParts({ destinations, findings }: InstanceStatus): readonly Part[] {
  return destinations.map((destination, index) => {
    const { name, backlog, active } = destination
    const { bytes } = backlog
    const isDown = isStopped(destination.state)
    return {
      name,
      line: isDown ? stateWord(destination) : bytes > 0 ? lag(backlog) : receiver(active),
      tone: toneOfPart(findingsOf(findings, `destination ${name}`)),
      href: `#${anchor('destination', index)}`,
      of: [name],
    }
  })
}

const gravity: readonly Tone[] = ['trouble', 'behind', 'doubt', 'well']

/** All of them, or the gravest and one that stands for the rest. */
function together(parts: readonly Part[], most: number, noun: string, href: string): readonly Part[] {
  if (parts.length <= most) return parts
  const sorted = [...parts].sort((one, other) => gravity.indexOf(one.tone) - gravity.indexOf(other.tone))
  const shown = new Set(sorted.slice(0, most - 1))
  const rest = parts.filter((part) => !shown.has(part))
  const worst = gravity.find((tone) => rest.some((part) => part.tone === tone)) ?? 'well'
  const name = `${rest.length} more ${noun}`
  const of = rest.flatMap((part) => part.of)
  return [...parts.filter((part) => shown.has(part)), { name, line: 'together', tone: worst, href, of }]
}

function placed(parts: readonly Part[], x: number, height: number): readonly GraphNode[] {
  const own = parts.length * rowHeight - (rowHeight - nodeHeight)
  const top = (height - own) / 2
  return parts.map(({ name, line, tone, href }, index) => {
    return { name, line, tone, href, x, y: top + index * rowHeight }
  })
}

/** Nothing can come through. */
function isCut(
  { sources, destinations }: InstanceStatus,
  from: readonly string[],
  to: readonly string[],
): boolean {
  return (
    sources.every(({ name, reachable }) => !from.includes(name) || !reachable) ||
    destinations.every(({ name, state }) => !to.includes(name) || isStopped(state))
  )
}

/** Nothing is delivered. */
function isStopped(state: DestinationStatus['state']): boolean {
  return state === 'unavailable' || state === 'paused'
}

function flowBetween(
  { destinations }: InstanceStatus,
  sources: readonly string[],
  to: readonly string[],
): Flow {
  const flows = destinations
    .filter(({ name }) => to.includes(name))
    .flatMap(({ backlog }) => backlog.sources.filter(({ source }) => sources.includes(source)))
  const ages = flows.flatMap(({ oldestRecordAgeSeconds: age }) => (age === null ? [] : [age]))
  return {
    rowsPerSecond: flows.reduce((sum, { rowsPerSecond }) => sum + rowsPerSecond, 0),
    bytes: flows.reduce((sum, { bytes }) => sum + bytes, 0),
    ageSeconds: ages.length === 0 ? null : Math.max(...ages),
  }
}

const lateSeconds = 300

function isLate({ ageSeconds }: Flow): boolean {
  return ageSeconds !== null && ageSeconds > lateSeconds
}

function labelOf({ rowsPerSecond, bytes, ageSeconds }: Flow, hasRoom: boolean): string {
  const rate = `${perSecond(rowsPerSecond)}/s`
  return bytes === 0 || ageSeconds === null || !hasRoom ? rate : `${rate} · ${duration(ageSeconds)}`
}

function edgeWidth(rowsPerSecond: number): number {
  return Math.min(6, 1.5 + Math.log10(1 + rowsPerSecond))
}

interface Point {
  readonly x: number
  readonly y: number
}

function curve(from: Point, to: Point): string {
  const middle = (from.x + to.x) / 2
  return `M${round(from.x)} ${round(from.y)} C${round(middle)} ${round(from.y)} ${round(middle)} ${round(to.y)} ${round(to.x)} ${round(to.y)}`
}

/** On that curve. */
function pointOn(from: Point, to: Point, share: number): Point {
  const rest = 1 - share
  const [a, b, c, d] = [rest ** 3, 3 * rest ** 2 * share, 3 * rest * share ** 2, share ** 3]
  const middle = (from.x + to.x) / 2
  return {
    x: round(a * from.x + (b + c) * middle + d * to.x),
    y: round((a + b) * from.y + (c + d) * to.y),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
