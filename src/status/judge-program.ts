/** What is wrong with what the program itself works with, beside its sources and destinations. */
import type { Wrong } from '../flow/trouble.ts'
import { diskRemedy } from './disk-remedy.ts'
import type { Finding } from './snapshot.ts'

/** What is known of it. */
export interface ProgramFacts {
  /** Why nothing can be written into the file of the own log; null when it can. */
  readonly logWrong: Wrong | null
  /** Whether commands can ask it. */
  readonly isHeard: boolean
}

/** What is found of it. */
export function judgeProgram({ logWrong, isHeard }: ProgramFacts): readonly Finding[] {
  const findings: Finding[] = []
  if (logWrong !== null) {
    findings.push({
      kind: 'logNotWritten',
      severity: 'trouble',
      part: 'own log',
      why: `the file of the own log can not be written, its lines are lost: ${logWrong.reason}`,
      remedy: diskRemedy(logWrong.reason, 'the folder of the own log', 'it is then written by itself'),
      since: new Date(logWrong.sinceMs).toISOString(),
    })
  }
  if (!isHeard) {
    findings.push({
      kind: 'commandsUnheard',
      severity: 'doubt',
      part: 'control socket',
      why: 'it can not be opened: msgtrk status, reload and the like do not find this instance',
      remedy: 'put the state folder on a local disk, under a shorter path',
      since: null,
    })
  }
  return findings
}
