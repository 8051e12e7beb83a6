/** Tries a receiver for real: name, connection, TLS, identity, how it ends connections. Nothing is sent to it. */
import { destinationSchema } from '../../config/schema.ts'
import { examineReceivers } from '../../destinations/examine.ts'
import { completeDestination } from '../../destinations/options.ts'
import { type Examined, failure } from '../../mistakes/examined.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { DestinationAnswer } from './answers.ts'

/** What is found of a receiver and of those that stand in for it. Never rejects; its settings were checked. */
export async function tryReceiver(
  { to, failover, tls }: DestinationAnswer,
  signal: AbortSignal,
): Promise<readonly Examined[]> {
  const settings = destinationSchema.parse({
    name: 'tried',
    to,
    ...(failover !== undefined && { failover }),
    ...(tls !== undefined && { tls }),
  })
  try {
    const options = completeDestination({ ...settings, name: 'tried' }, (path) => path)
    const tried = await Promise.all(examineReceivers(options, signal))
    return tried.flatMap(({ to, examined }) =>
      tried.length === 1 ? examined : examined.map((one) => ({ ...one, message: `${to}: ${one.message}` })),
    )
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    return error.problems.map(({ message, remedy }) => failure('TLS', message, remedy))
  }
}
