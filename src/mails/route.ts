/** The way of a mail over the servers, in the order of its hops: clocks of servers differ, so times alone do not tell. */

/** A server with the time of its first row. */
export interface Stop {
  /** Its short name. */
  readonly key: string
  readonly name: string
  readonly time: string
}

/** The servers in their order; hops as `from>to`, by short names. In a circle times decide. */
export function routeOf(stops: readonly Stop[], hops: ReadonlySet<string>): readonly string[] {
  const left = stops.toSorted((a, b) => (a.time < b.time || (a.time === b.time && a.name < b.name) ? -1 : 1))
  const route: string[] = []
  const isReached = ({ key: to }: Stop) =>
    !left.some(({ key: from }) => from !== to && hops.has(`${from}>${to}`))
  while (left.length > 0) {
    const [next] = left.splice(Math.max(left.findIndex(isReached), 0), 1)
    if (next !== undefined) route.push(next.name)
  }
  return route
}

/** How a server is called among others: short, and in lower case. An address stays whole. */
export function shortName(name: string): string {
  return /^[\d.]+$|:/.test(name) ? name : name.toLowerCase().replace(/\..*/s, '')
}
