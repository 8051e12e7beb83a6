/** Sources, destinations, and what flows between them. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { InstanceStatus } from '../status/snapshot.ts'
import { type GraphNode, graphInWords, layoutGraph } from './graph-layout.ts'
import { Sign } from './sign.tsx'

interface Props {
  readonly status: InstanceStatus
}

export function Graph({ status }: Props) {
  const [box, width] = useWidth()
  const graph = layoutGraph(status, width)
  const { height, nodeWidth, nodeHeight } = graph
  const node = (each: GraphNode) => (
    <li
      key={each.href}
      style={{ left: `${each.x}px`, top: `${each.y}px`, width: `${nodeWidth}px`, height: `${nodeHeight}px` }}
    >
      <a class={`node ${each.tone}`} href={each.href}>
        <span class="name">
          {each.tone !== 'well' && <Sign tone={each.tone} />}
          <span class="text">{each.name}</span>
        </span>
        <span class="line">{each.line}</span>
      </a>
    </li>
  )
  return (
    <section aria-labelledby="flow">
      <h2 id="flow">Flow</h2>
      <div ref={box} class="graph" style={{ height: `${height}px` }}>
        <svg width={width} height={height} role="img" aria-label={graphInWords(status)}>
          {graph.edges.map(({ path, width, tone, isIdle }) => (
            <path key={path} d={path} class={`edge ${tone}${isIdle ? ' idle' : ''}`} stroke-width={width} />
          ))}
        </svg>
        <div aria-hidden="true">
          {graph.edges.map(
            ({ label, path, tone }) =>
              label !== null && (
                <span
                  key={path}
                  class={`label ${tone}`}
                  style={{ left: `${label.x}px`, top: `${label.y}px` }}
                >
                  {label.text}
                </span>
              ),
          )}
        </div>
        <ul aria-label="Sources">{graph.sources.map(node)}</ul>
        <ul aria-label="Destinations">{graph.destinations.map(node)}</ul>
      </div>
    </section>
  )
}

/** How wide an element is, now and whenever that changes. */
export function useWidth() {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [box, width] as const
}
