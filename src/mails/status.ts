/** What a row says of its recipients: how far the mail got with each, and how final that is. */
import { splitList } from '../records/list.ts'

/**
 * Of two that are said of one recipient the more final one holds, of equals the later one: rows of several servers do
 * not come in the order of their times.
 */
export interface Status {
  readonly finality: 0 | 1 | 2 | 3
  readonly kind: 'open' | 'deferred' | 'done' | 'failed'
  readonly text: string
}

/** What of a row decides it. */
export interface RowFacts {
  readonly event: string
  readonly connector: string
  /** The other side, where mail went. */
  readonly nextHop: string
  /** Whether logs of this version have SENDEXTERNAL, so that SEND stays inside. */
  readonly tellsExternal: boolean
}

const failing = new Set([
  'BADMAIL', 'DELIVERFAIL', 'FAIL', 'MODERATIONEXPIRE', 'MODERATORREJECT', 'MODERATORSALLNDR', 'POISONMESSAGE',
  'RESUBMITFAIL', 'SUBMITFAIL',
]) // biome-ignore format: a list of words
const waiting = new Set(['DEFER', 'RESUBMITDEFER', 'SUBMITDEFER', 'THROTTLE'])
/** Events that put their recipients in place of the related one, and what has become of that. */
const replacing: Readonly<Record<string, string>> = {
  EXPAND: 'expanded',
  REDIRECT: 'redirected',
  RESOLVE: 'resolved',
}
/** By it mail stays inside. */
export const withinConnector = 'Intra-Organization SMTP Send Connector'

const open: Status = { finality: 0, kind: 'open', text: 'received' }
const delivered: Status = { finality: 3, kind: 'done', text: 'delivered' }
const deliveredBefore: Status = { finality: 2, kind: 'done', text: 'delivered before' }

/** Those that nearly all recipients have. */
export const usualStatuses: readonly Status[] = [
  open,
  delivered,
  deliveredBefore,
  ...Object.values(replacing).map((text): Status => ({ finality: 2, kind: 'done', text })),
]

/** Of each recipient, from the list of replies beside the list of recipients. */
export function statusOf(facts: RowFacts, reply: string): Status {
  const { event, connector, nextHop, tellsExternal } = facts
  const said = reply === '' ? '' : `: ${reply}`
  const sent = nextHop === '' ? 'sent' : `sent to ${nextHop}`
  if (failing.has(event)) return { finality: 3, kind: 'failed', text: `failed${said}` }
  if (waiting.has(event)) return { finality: 1, kind: 'deferred', text: `deferred${said}` }
  if (event === 'DROP' && reply.startsWith('2')) return { finality: 2, kind: 'done', text: `replaced${said}` }
  if (event === 'DROP') return { finality: 3, kind: 'failed', text: `dropped${said}` }
  if (event === 'DELIVER') return delivered
  if (event === 'DUPLICATEDELIVER') return deliveredBefore
  if (event !== 'SEND' && event !== 'SENDEXTERNAL') return open
  if (reply.startsWith('5')) return { finality: 3, kind: 'failed', text: `failed${said}` }
  if (reply.startsWith('4')) return { finality: 1, kind: 'deferred', text: `deferred${said}` }
  if (event === 'SENDEXTERNAL') return { finality: 3, kind: 'done', text: sent }
  return tellsExternal || connector === withinConnector ? open : { finality: 2, kind: 'done', text: sent }
}

/** What has become of the related recipient of this event; null where it has none. */
export function relatedStatus(event: string): Status | null {
  const text = replacing[event]
  return text === undefined ? null : { finality: 2, kind: 'done', text }
}

/** The replies to `count` recipients, empty where there is none: one by one, or one for all. */
export function repliesOf(status: string, count: number): readonly string[] {
  const replies = splitList(status).map(replyIn)
  if (replies.length === count) return replies
  return new Array<string>(count).fill(replies.length === 1 ? (replies[0] ?? '') : '')
}

function replyIn(member: string): string {
  const last = /LED=([^}]*)/.exec(member)?.[1]
  return last ?? (/^[245]\d\d[ -]/.test(member) ? member : '')
}
