/** Events as an instance tells them, over HTTP and on the page. */

/** One that went out, decoded again from what was sent. */
export interface ToldEvent {
  /** Counts up; what comes later has a higher one. */
  readonly number: number
  readonly destination: string
  /** When it went out. */
  readonly at: string
  readonly eventClassId: string
  readonly name: string
  /** 0 to 10; null when it is no correct CEF. */
  readonly severity: number | null
  /** In the order of the event; none when it is no correct CEF. */
  readonly values: readonly ToldValue[]
  /** Why it is no correct CEF; null when it is. */
  readonly mistake: string | null
  /** As it was sent, its beginning where that is long. */
  readonly sent: string
}

/** One of its values. */
interface ToldValue {
  readonly key: string
  /** What it is called: by the label that the event brings, or by the standard. */
  readonly name: string
  readonly value: string
}

/** What went out lately. */
export interface ToldEvents {
  /** The newest last. */
  readonly events: readonly ToldEvent[]
  /** Went out as well since somebody looks on, and is not shown. */
  readonly leftOut: number
}

/** How often each event id went out to a destination in the last hour. */
export interface ToldShares {
  readonly destination: string
  /** The most frequent first; the last may be what is left, as null. */
  readonly ids: readonly { readonly id: string | null; readonly events: number }[]
}

/** The shares, and whether recent events may be asked for. */
export interface ToldEventIds {
  readonly recentEvents: boolean
  readonly destinations: readonly ToldShares[]
}
