/** Tries a receiver for real: name, connection, TLS, identity, how it ends connections. Nothing is sent to it. */
import { readFile } from 'node:fs/promises'
import { destinationSchema } from '../../config/schema.ts'
import { examineReceivers } from '../../destinations/examine.ts'
import { completeDestination } from '../../destinations/options.ts'
import { type Examined, failure } from '../../mistakes/examined.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { DestinationAnswer, SentinelAnswer } from './answers.ts'

/** What is found of a receiver and of those that stand in for it. Never rejects; its settings were checked. */
export async function tryReceiver(
  { to, failover, tls, sentinel }: DestinationAnswer,
  signal: AbortSignal,
): Promise<readonly Examined[]> {
  try {
    const settings = destinationSchema.parse({
      name: 'tried',
      to,
      ...(failover !== undefined && { failover }),
      ...(tls !== undefined && { tls }),
      ...(sentinel !== undefined && { sentinel: await withSecret(sentinel) }),
    })
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

/** As a configuration has it once its reference is resolved. */
async function withSecret({ clientSecretFile, ...others }: SentinelAnswer) {
  if (clientSecretFile === undefined) return others
  try {
    const text = await readFile(clientSecretFile, 'utf8')
    return { ...others, clientSecret: text.replace(/(?:\r?\n)+$/, '') }
  } catch (error) {
    const where = { file: clientSecretFile }
    const message = `the file of the secret can't be read: ${(error as Error).message}`
    throw new ProblemsError([{ where, message, remedy: 'check its path' }])
  }
}
