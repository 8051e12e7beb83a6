/** What is wrong with a destination or late, by what an instance tells of itself: why, and what to do. */
import { diskRemedy } from './disk-remedy.ts'
import type { Backlog, DestinationStatus, Finding } from './snapshot.ts'
import { counted, duration, size } from './words.ts'

/** What the status of a destination is judged by, beside itself. */
export interface DestinationFacts {
  /** Why nothing can be delivered; null when something can. */
  readonly down: Down | null
  readonly lastMalformed: (Incident & Past) | null
  readonly lastLost: (Incident & Past) | null
  /** Why events were rejected last. */
  readonly lastRejected: string | null
  /** Events rejected in the last minutes. */
  readonly rejectedLately: number
  /** When dead letters fell out last, since their files were full, and how many in all. */
  readonly lastDropped: (Past & { readonly lines: number }) | null
  /** Why finished files can't be packed or removed. */
  readonly notTidied: Lasting | null
  /** Mails closed in the last minutes before they were quiet, since there was no room for more. */
  readonly closedEarlyLately: number
  /** For how long its pipeline runs. */
  readonly runsMs: number
}

/** When something happened, and how long ago that is: the clock may have been set meanwhile. */
interface Past {
  readonly atMs: number
  readonly agoMs: number
}

/** Something that is wrong since then. */
interface Lasting {
  readonly reason: string
  readonly sinceMs: number
}

interface Down {
  /** With the advice at its end, if there is one. */
  readonly reason: string
  readonly advice: string | null
  readonly isLasting: boolean
  readonly sinceMs: number
}

/** Something that happened in a log. */
interface Incident {
  readonly file: string
  readonly offset: number
  readonly reason: string
}

const minute = 60
const day = 86_400
/** A record takes seconds to be delivered; later than that is late. */
const lateSeconds = 5 * minute
const recentSeconds = 15 * minute
const lostSeconds = day
const certificateSeconds = 21 * day
/** With less than this share of the time left that Exchange keeps a log. */
const nearShare = 0.2
/** So many records may well be none that are wanted. */
const doubtRecords = 100
const sureRecords = 1_000

/** What is found of a destination. */
export function judgeDestination(
  destination: DestinationStatus,
  facts: DestinationFacts,
  keeps: ReadonlyMap<string, number>,
  nowMs: number,
): readonly Finding[] {
  const { name, counts, backlog, receivers, active, to, positions, certificates, deadLetters } = destination
  const part = `destination ${name}`
  const findings: Finding[] = []
  const add = (finding: NewFinding): void => {
    const { sinceMs, ...rest } = finding
    findings.push({ part, since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(), ...rest })
  }
  const { down } = facts
  if (destination.state === 'paused') {
    add({
      kind: 'destinationPaused',
      severity: 'trouble',
      why: `paused by ${destination.pausedBy}${waiting(backlog)}`,
      remedy: `msgtrk resume ${name}; delivery then goes on from where it stopped`,
      ...(destination.since !== null && { sinceMs: Date.parse(destination.since) }),
    })
  } else if (down !== null) {
    add({
      kind: 'destinationDown',
      severity: 'down',
      why: `${withoutAdvice(down)}${waiting(backlog)}`,
      remedy: remedyOf(down),
      sinceMs: down.sinceMs,
    })
  } else if (active !== to) {
    const reason = receivers.find((each) => each.to === to)?.reason
    add({
      kind: 'onStandby',
      severity: 'trouble',
      why: `its events go to ${active}, since ${to} is not available${reason ? `: ${reason}` : ''}`,
      remedy: 'mend that receiver; delivery to it then goes on by itself',
    })
  }
  for (const { source, retentionLeftSeconds: left, caughtUpInSeconds: ready, bytes } of backlog.sources) {
    const kept = keeps.get(source)
    if (bytes === 0 || left === null || kept === undefined || left >= kept * nearShare) continue
    // What comes in time is only late.
    if (down === null && ready !== null && ready < left) continue
    add({
      kind: 'backlogNearsRetention',
      severity: 'trouble',
      why:
        left > 0
          ? `Exchange deletes the oldest undelivered record of ${source} in about ${duration(left)}: then it is lost`
          : `Exchange may delete the oldest undelivered record of ${source} any moment: then it is lost`,
      remedy: `copy the logs of ${source} aside, or let Exchange keep them longer: Set-TransportService SERVER -MessageTrackingLogMaxAge 60.00:00:00 -MessageTrackingLogMaxDirectorySize 5GB`,
    })
  }
  const age = backlog.oldestRecordAgeSeconds
  if (
    down === null &&
    destination.state !== 'paused' &&
    backlog.bytes > 0 &&
    age !== null &&
    age > lateSeconds
  ) {
    const { caughtUpInSeconds: ready } = backlog
    add({
      kind: 'behind',
      severity: 'behind',
      why: `the oldest undelivered record is ${duration(age)} old; ${size(backlog.bytes)} wait`,
      remedy:
        ready === null && facts.runsMs < minute * 1000
          ? 'it has just begun: look again in a minute'
          : ready === null
            ? 'it does not get less: look what the receiver takes, and maxEventsPerSecond of the destination'
            : `nothing, if it gets less: at this pace it has caught up in about ${duration(ready)}`,
    })
  }
  judgeRecords(destination, facts, add)
  for (const { of, subject, expiresAt } of certificates) {
    const left = (Date.parse(expiresAt) - nowMs) / 1000
    if (left > certificateSeconds) continue
    add({
      kind: 'certificateExpires',
      severity: 'trouble',
      why: `the certificate ${subject} expires in ${duration(left)}, at ${expiresAt}`,
      remedy:
        of === 'client'
          ? 'renew it, put it into tls.cert, and have it taken over: msgtrk reload'
          : 'renew it at the receiver',
    })
  }
  if (positions.reason !== null) {
    add({
      kind: 'positionsNotSaved',
      severity: 'trouble',
      why: `its positions can not be saved: ${positions.reason}; a restart now would repeat events`,
      remedy: diskRemedy(positions.reason, 'the state folder', 'positions are then saved by themselves'),
    })
  }
  if (deadLetters.reason !== null) {
    add({
      kind: 'lettersNotWritten',
      severity: 'trouble',
      why: `its dead letters can not be written: ${deadLetters.reason}; positions wait for them, and in the end delivery does`,
      remedy: diskRemedy(
        deadLetters.reason,
        'the state folder',
        'dead letters are then written by themselves',
      ),
      ...(deadLetters.since !== null && { sinceMs: Date.parse(deadLetters.since) }),
    })
  }
  if (facts.notTidied !== null) {
    add({
      kind: 'filesNotTidied',
      severity: 'trouble',
      why: `finished files can not be packed or removed: ${facts.notTidied.reason}`,
      remedy: 'mend what is said there before the disk is full; it is tried again every minute',
      sinceMs: facts.notTidied.sinceMs,
    })
  }
  // The filter is judged by what it was given.
  const passed = counts.delivered + counts.rejected + counts.inFlight
  if (counts.filtered >= doubtRecords && passed === 0) {
    const by = destination.filteredBy.map(({ rule, records }) => `${rule} (${records.toLocaleString('en')})`)
    add({
      kind: 'filterLetsNothingPass',
      severity: counts.filtered >= sureRecords ? 'trouble' : 'doubt',
      why: `its filter has let none of ${counted(counts.filtered, 'record')} pass${by.length > 0 ? `: ${by.join(', ')}` : ''}`,
      remedy: `if some should, see which rule is not met: msgtrk explain FILE:LINE --config CONFIG --destination ${name}`,
    })
  }
  return findings
}

type NewFinding = Omit<Finding, 'part' | 'since'> & { readonly sinceMs?: number }

function judgeRecords(
  { name, counts }: DestinationStatus,
  { lastMalformed, lastLost, lastRejected, rejectedLately, lastDropped, closedEarlyLately }: DestinationFacts,
  add: (finding: NewFinding) => void,
): void {
  if (lastLost !== null && lastLost.agoMs < lostSeconds * 1000) {
    add({
      kind: 'dataLost',
      severity: 'trouble',
      why: `${lastLost.file} was ${lastLost.reason} before all of it was delivered, from byte ${lastLost.offset} on`,
      remedy: 'look who deletes logs; if there is a copy, deliver it: msgtrk run --once --from FOLDER',
      sinceMs: lastLost.atMs,
    })
  }
  if (rejectedLately > 0) {
    add({
      kind: 'rejected',
      severity: 'trouble',
      why: `the receiver has rejected ${counted(rejectedLately, 'event')} in the last 15 minutes${lastRejected === null ? '' : `; the last time: ${lastRejected}`}`,
      remedy: `${name}/dead-letters.ndjson in the state folder has each with the reason`,
    })
  }
  if (lastDropped !== null && lastDropped.agoMs < lostSeconds * 1000) {
    add({
      kind: 'lettersDropped',
      severity: 'trouble',
      why: `${counted(lastDropped.lines, 'dead letter')} fell out, the oldest first: their files are full`,
      remedy: 'mend what writes such lines, remove what is done with, or raise deadLetters.maxMegabytes',
      sinceMs: lastDropped.atMs,
    })
  }
  if (closedEarlyLately > 0) {
    add({
      kind: 'mailsClosedEarly',
      severity: 'trouble',
      why: `${counted(closedEarlyLately, 'mail')} ${closedEarlyLately === 1 ? 'was' : 'were'} closed in the last 15 minutes before ${closedEarlyLately === 1 ? 'it was' : 'they were'} quiet, since there was no room for more: what still comes of ${closedEarlyLately === 1 ? 'it' : 'them'} makes further records`,
      remedy: 'raise mails.maxMegabytes, or lower mails.quietMinutes',
    })
  }
  if (lastMalformed !== null && lastMalformed.agoMs < recentSeconds * 1000) {
    const { file, offset, reason, atMs } = lastMalformed
    add({
      kind: 'malformed',
      severity: 'trouble',
      why: `${counted(counts.malformed, 'line')} of logs ${counts.malformed === 1 ? 'is no record' : 'are no records'}; the last one, ${file} byte ${offset}: ${reason}`,
      remedy: `see ${counts.malformed === 1 ? 'it' : 'them'} in ${name}/dead-letters.ndjson in the state folder, and look what else writes into that log`,
      sinceMs: atMs,
    })
  }
}

function withoutAdvice({ reason, advice }: Down): string {
  return advice === null ? reason : reason.slice(0, -advice.length).replace(/[:;.] $/, '')
}

function remedyOf({ advice, isLasting }: Down): string {
  if (advice !== null) {
    return `${advice.charAt(0).toLowerCase()}${advice.slice(1)}; delivery then goes on from where it stopped`
  }
  return isLasting
    ? 'this does not mend itself: set it right, here or at the receiver; delivery then goes on from where it stopped'
    : 'start the receiver, or let the network through; delivery then goes on by itself from where it stopped'
}

function waiting({ bytes, oldestRecordAgeSeconds: age, retentionLeftSeconds: left }: Backlog): string {
  if (bytes === 0) return ''
  const oldest = age === null ? '' : `, the oldest record for ${duration(age)}`
  return `; ${size(bytes)} wait${oldest}${left === null ? '' : `, and Exchange deletes it in about ${duration(left)}`}`
}
