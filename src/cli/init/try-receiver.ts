/** Tries a receiver for real: name, connection, TLS, identity, how it ends connections. Nothing is sent to it. */
import { readFile } from 'node:fs/promises'
import { destinationSchema } from '../../config/schema.ts'
import { examineReceivers } from '../../destinations/examine.ts'
import { completeDestination } from '../../destinations/options.ts'
import { type Examined, failure } from '../../mistakes/examined.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { DestinationAnswer, SentinelAnswer } from './answers.ts'
import { kafkaSettings } from './given.ts'

/** What is found of a receiver and of those that stand in for it. Never rejects; its settings were checked. */
export async function tryReceiver(
  { to, failover, tls, sentinel, kafka, preset }: DestinationAnswer,
  signal: AbortSignal,
): Promise<readonly Examined[]> {
  try {
    const settings = destinationSchema.parse({
      name: 'tried',
      to,
      ...(failover !== undefined && { failover }),
      ...(tls !== undefined && { tls }),
      ...(sentinel !== undefined && { sentinel: await withSecret(sentinel) }),
      ...(kafka !== undefined && {
        kafka: {
          ...kafkaSettings(kafka, kafka.passwordFile && (await secretIn(kafka.passwordFile))),
          // It may have no idempotence, which would be tried.
          ...(preset === 'eventhubs' && { idempotent: false }),
        },
      }),
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
  return clientSecretFile === undefined
    ? others
    : { ...others, clientSecret: await secretIn(clientSecretFile) }
}

async function secretIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/(?:\r?\n)+$/, '')
  } catch (error) {
    const where = { file }
    const message = `the file of the secret can't be read: ${(error as Error).message}`
    throw new ProblemsError([{ where, message, remedy: 'check its path' }])
  }
}
