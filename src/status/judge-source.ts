/** What is wrong with a source or late, by what an instance tells of itself: why, and what to do. */
import type { Finding, SourceStatus } from './snapshot.ts'
import { counted, duration } from './words.ts'

/** What the status of a source is judged by, beside itself. */
export interface SourceFacts {
  /** How long ago rows were seen to be appended, whatever became of the clock since; null for never. */
  readonly appendedAgoMs: number | null
  /** No other source can be read either. */
  readonly isLastReachable: boolean
  /** What to do where it can't be read, if that is known. */
  readonly remedy: string | null
  /** The first of the files that are not read, and why. */
  readonly firstNotRead: FileNotRead | null
}

/** A file that is not read. */
export interface FileNotRead {
  readonly name: string
  readonly reason: string
}

const minute = 60
/** An Exchange server writes several records a minute, if only of its own monitoring. */
const silentSeconds = 60 * minute
/** Exchange writes a record minutes after its time at most. */
const aheadSeconds = 5 * minute
const behindSeconds = 15 * minute
const appendedSeconds = 5 * minute

/** What is found of a source. */
export function judgeSource(
  source: SourceStatus,
  { appendedAgoMs, isLastReachable, remedy, firstNotRead }: SourceFacts,
): readonly Finding[] {
  const about = (
    kind: Finding['kind'],
    severity: Finding['severity'],
    why: string,
    remedy: string,
  ): Finding => ({
    kind,
    severity,
    part: `source ${source.name}`,
    why,
    remedy,
    since: null,
  })
  const isTopic = source.kind === 'topic'
  if (!source.reachable) {
    const why = `its ${isTopic ? 'topic' : 'folder'} ${source.folder} can not be read: ${source.reason ?? 'nobody knows why'}`
    const usual = isTopic
      ? 'see that the brokers run and let this machine in (msgtrk check --live)'
      : 'check the path, the share and the rights of the account that msgtrk runs under'
    return [
      about(
        'sourceUnreachable',
        isLastReachable ? 'down' : 'trouble',
        why,
        `${remedy ?? usual}; reading then goes on by itself`,
      ),
    ]
  }
  const findings: Finding[] = []
  if (source.filesNotRead > 0) {
    const files = counted(source.filesNotRead, 'file')
    const why = `${files} of ${source.folder} ${source.filesNotRead === 1 ? 'is' : 'are'} not read${saidOf(firstNotRead, source.filesNotRead)}`
    findings.push(
      about(
        'filesUnreadable',
        'trouble',
        why,
        'give the account the right to read them, or let the pattern of the source leave them out; the own log names each',
      ),
    )
  }
  if (source.files === 0 && !isTopic) {
    const why = `its folder ${source.folder} holds no file that matches its pattern`
    findings.push(
      about(
        'sourceEmpty',
        'trouble',
        why,
        'check folder and pattern of the source; and that message tracking is on: Get-TransportService | fl MessageTracking*',
      ),
    )
  }
  const { newestRecordAgeSeconds: age } = source
  if (age === null) return findings
  const grew = appendedAgoMs !== null && appendedAgoMs < appendedSeconds * 1000
  if (age < -aheadSeconds) {
    findings.push(clockWrong(about, `its newest record lies ${duration(-age)} in the future`))
  } else if (grew && age > behindSeconds) {
    findings.push(
      clockWrong(about, `records that are written just now say that they are ${duration(age)} old`),
    )
  } else if (age > silentSeconds) {
    const newest = isTopic ? 'the newest message that was read here' : 'its newest record'
    const why = `nothing was written for ${duration(age)}: ${newest} is of ${source.newestRecordAt}`
    findings.push(
      about(
        'sourceSilent',
        'trouble',
        why,
        isTopic
          ? 'look whether those run that write into the topic'
          : `look whether Exchange runs there, writes its logs to ${source.folder}, and has room on its disk`,
      ),
    )
  }
  return findings
}

function saidOf(first: FileNotRead | null, files: number): string {
  if (first === null) return ''
  return `${files === 1 ? ': ' : ', such as '}${first.name}: ${first.reason}`
}

function clockWrong(
  about: (kind: Finding['kind'], severity: Finding['severity'], why: string, remedy: string) => Finding,
  why: string,
): Finding {
  return about(
    'clockWrong',
    'trouble',
    why,
    'set the clock of the server right, or of this machine; correctSeconds of the source corrects the times of its records',
  )
}
