/** The instance that runs on a state folder, if one does: it is asked how it fares, as `msgtrk status` asks. */
import { ask } from '../../control/client.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'

const timeoutMs = 5000

/** What it tells, or why it tells nothing. */
export async function askInstance(state: string): Promise<InstanceStatus | ProblemsError> {
  try {
    return (await ask({ state, method: 'GET', path: '/status', timeoutMs })) as InstanceStatus
  } catch (error) {
    if (error instanceof ProblemsError) return error
    return new ProblemsError([{ where: { file: state }, message: String(error) }], ExitCode.failed)
  }
}

/** Whether it runs, and all that it finds. */
export function examineInstance(status: InstanceStatus | ProblemsError): readonly Examined[] {
  if (status instanceof ProblemsError) {
    if (status.exitCode === ExitCode.notRunning) return [ok('instance', 'none is running on it')]
    return status.problems.map(({ message, remedy = 'ask it: msgtrk status' }) =>
      warning('instance', message, remedy),
    )
  }
  const { program, findings, health } = status
  const runs = `msgtrk ${program.version} runs as process ${program.pid}, since ${program.startedAt}`
  return [
    ok('instance', health === 'well' ? `${runs}, and is well` : runs),
    ...findings.map(({ part, why, remedy, severity }) =>
      severity === 'down'
        ? failure('instance', `${part}: ${why}`, remedy)
        : warning('instance', `${part}: ${why}`, remedy),
    ),
  ]
}
