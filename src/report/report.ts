/** A report: one event on the program itself, before it is encoded. */

/** What a report is about; docs/self-report.md describes each. */
interface ReportKind {
  /** Event class id. */
  readonly id: string
  readonly name: string
  /** CEF severity, 0–10. */
  readonly severity: number
  /** Kept as long as possible when there are too many; the others go first. */
  readonly important: boolean
  /** Only for destinations that know the program as an agent: others have it under an id of ours, or as a metric. */
  readonly forAgents?: true
}

/**
 * All kinds. The ids of the `agent:` family are those that SmartConnectors send for the same; the others are
 * our own, since no public ones are known for both halves of their pairs.
 */
export const reportKinds = {
  started: { id: 'agent:030', name: 'Agent started', severity: 3, important: true },
  stopping: { id: 'agent:031', name: 'Agent shutting down', severity: 3, important: true },
  failed: { id: 'agent:031', name: 'Agent shutting down', severity: 8, important: true },
  statistics: { id: 'agent:050', name: 'Agent statistics', severity: 1, important: false },
  reloaded: { id: 'msgtrk:050', name: 'Configuration reloaded', severity: 3, important: true },
  reloadFailed: { id: 'msgtrk:051', name: 'Configuration not reloaded', severity: 6, important: true },
  sourceUnreachable: { id: 'msgtrk:010', name: 'Source unreachable', severity: 7, important: true },
  sourceBack: { id: 'msgtrk:011', name: 'Source reachable again', severity: 3, important: true },
  destinationDown: { id: 'msgtrk:020', name: 'Destination unavailable', severity: 7, important: true },
  destinationBack: { id: 'msgtrk:021', name: 'Destination available again', severity: 3, important: true },
  caching: { id: 'agent:019', name: 'Events are cached', severity: 5, important: true, forAgents: true },
  cacheEmpty: { id: 'agent:020', name: 'Cache emptied', severity: 3, important: true, forAgents: true },
  cacheLost: { id: 'agent:029', name: 'Cached events lost', severity: 9, important: true, forAgents: true },
  dataLost: { id: 'msgtrk:030', name: 'Data lost', severity: 9, important: true },
  test: { id: 'msgtrk:060', name: 'Test event', severity: 1, important: true },
  malformed: { id: 'msgtrk:040', name: 'Records malformed', severity: 5, important: false },
} as const satisfies Readonly<Record<string, ReportKind>>

/** What a report may say beside its kind. Times in milliseconds since 1970. */
export interface ReportValues {
  readonly message: string
  readonly outcome?: 'success' | 'failure'
  readonly reason?: string | undefined
  readonly source?: string | undefined
  readonly file?: string
  readonly destination?: string
  /** URL of the destination. */
  readonly receiver?: string
  /** How many lines a report on malformed ones stands for. */
  readonly count?: number
  /** Rows, as the statistics of a pipeline count them. */
  readonly read?: number
  readonly delivered?: number
  readonly inFlight?: number
  readonly filtered?: number
  readonly malformed?: number
  readonly rejected?: number
  readonly lostBytes?: number | undefined
  readonly offset?: number
  readonly startedMs?: number
  readonly lastDeliveredMs?: number | undefined
}

export interface Report {
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number
  readonly kind: ReportKind
  readonly values: ReportValues
}
