/** What can be told of a rule without storing anything: a token, and an empty array, which it takes as any other. */
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { examineName } from '../../network/names.ts'
import type { Answer } from '../https/client.ts'
import { cloudOf, type RuleAddress } from './address.ts'
import { identityOf } from './identity.ts'
import { logsIngestion } from './logs-ingestion.ts'
import { type SentinelOptions, tableOf } from './options.ts'
import { clientFor } from './sentinel.ts'
import { tokensOf, whoIs } from './tokens.ts'

/** Nothing takes longer than a minute. */
const mostMs = 20_000

/** Signs in, and posts an empty array. */
export async function examineSentinel(
  options: SentinelOptions,
  address: RuleAddress,
  signal: AbortSignal,
): Promise<readonly Examined[]> {
  const { examined, addresses } = await examineName(address)
  // By way of a proxy the name need not be known here.
  const named =
    addresses.length === 0 ? examined.map((each) => ({ ...each, verdict: 'warning' as const })) : examined
  const over = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
  const identity = identityOf(options.sentinel)
  const cloud = cloudOf(address)
  const tokens = tokensOf(identity, cloud, { timeoutMs: mostMs })
  const api = logsIngestion(address, tokens)
  let headers: Readonly<Record<string, string>>
  try {
    headers = await api.headers(over)
  } catch (error) {
    const remedy =
      'check the ids and the secret, whether this machine reaches the sign-in of Azure, and HTTPS_PROXY'
    return [...named, failure('identity', messageOf(error), remedy)]
  }
  const signedIn = ok('identity', `${cloud.name} gave a token for ${whoIs(identity)}`)
  const client = clientFor(address)
  let answer: Answer
  try {
    answer = await client.post(
      api.path,
      { ...headers, 'content-type': 'application/json' },
      Buffer.from('[]'),
      over,
    )
  } catch (error) {
    return [...named, signedIn, failure('endpoint', messageOf(error))]
  } finally {
    client.close()
  }
  const verdict = api.verdictOf(answer)
  if (verdict.is !== 'delivered') return [...named, signedIn, failure('endpoint', verdict.reason)]
  return [...named, signedIn, ok('endpoint', `the stream ${address.stream} takes posts`), ...doubts(options)]
}

/** What no answer tells. */
function doubts(options: SentinelOptions): readonly Examined[] {
  const columns = warning(
    'columns',
    'which columns the rule has nobody can ask: those that it does not declare are dropped without a word',
    'make the rule by msgtrk sentinel template, whose alerts tell of columns and rows that are dropped',
  )
  const isWithoutTime = tableOf(options) === 'MessageTrackingLog_CL' && options.sentinel?.eventTime !== true
  if (!isWithoutTime) return [columns]
  return [
    columns,
    warning(
      'time',
      'without the column eventTime rows that come two days late get the time of receipt, and lose their own',
      'give table and rule that column, and set sentinel.eventTime: true',
    ),
  ]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
