/** Microsoft Sentinel, by the Logs Ingestion API, as a kind of destination. */
import type { Kind } from '../kind.ts'
import { cloudOf, formatRuleAddress, type RuleAddress, readRuleAddress } from './address.ts'
import { examineSentinel } from './examine.ts'
import { mostPostBytes } from './logs-ingestion.ts'
import {
  checkIdentity,
  completeSentinel,
  type SentinelOptions,
  sentinelShape,
  tableOf,
  unusedInSentinel,
} from './options.ts'
import { createSentinel } from './sentinel.ts'

/** A post holds a row, its brackets, and some more. */
const mostRowBytes = mostPostBytes - 1000

/** Two days, less what lies between here and there. */
const keepsTimeMs = 47 * 3_600_000
const losesTime =
  'Azure gives records that come more than two days late the time of receipt, and the rule has no column that keeps ' +
  'their own'
const keepTime =
  'give table and rule the column eventTime, as msgtrk sentinel template does, and set sentinel.eventTime: true; or begin ' +
  'later, by startAt'

export const sentinel = {
  protocol: 'sentinel',
  title: 'Microsoft Sentinel',
  form: 'sentinel://endpoint/dcr-id/stream',
  example: 'sentinel://NAME.REGION.ingest.monitor.azure.com/dcr-ID/STREAM',
  frames: {
    says: 'a JSON object for each event',
    maxMessageBytes: mostRowBytes,
    most: { bytes: mostRowBytes, because: 'for Sentinel: a post holds no more' },
    formatOf: (options: SentinelOptions) =>
      tableOf(options) === 'CommonSecurityLog' ? 'common-security-log' : 'message-tracking-log',
  },
  settings: sentinelShape,
  secrets: {
    texts: [],
    references: [
      ['sentinel', 'clientSecret'],
      ['sentinel', 'certificatePassword'],
    ],
    files: [['sentinel', 'certificate']],
  },
  hasOwnPace: false,
  withoutFailover: 'has no second receiver that would take its events',
  readAddress: readRuleAddress,
  formatAddress: formatRuleAddress,
  check: checkIdentity,
  unused: unusedInSentinel,
  complete: completeSentinel,
  describe: (options) => [
    ['table', tableOf(options)],
    ['signs in', signsIn(options)],
  ],
  describeDelivered: () => 'when the endpoint answered 204: all rows of a post were taken',
  keepsTime: (options) =>
    tableOf(options) === 'CommonSecurityLog' || options.sentinel?.eventTime === true
      ? undefined
      : { ms: keepsTimeMs, message: losesTime, remedy: keepTime },
  unconfirmedRemedy: () =>
    'see in Azure whether the data collection endpoint is well, and whether a proxy on the way cuts its answers off ' +
    '(msgtrk check --live)',
  hostOf: (address) => address,
  examine: examineSentinel,
  create: createSentinel,
} as const satisfies Kind<RuleAddress, SentinelOptions>

function signsIn({
  to,
  sentinel: { clientId, clientSecret, certificate } = { eventTime: false },
}: SentinelOptions): string {
  const address = readRuleAddress(to.replace(/^[a-z]+:\/\//i, ''))
  const cloud = address instanceof Error ? '' : ` in ${cloudOf(address).name}`
  if (clientSecret !== undefined) return `as the application ${clientId} with a secret${cloud}`
  if (certificate !== undefined) return `as the application ${clientId} with ${certificate}${cloud}`
  if (clientId !== undefined) return `as the managed identity ${clientId}${cloud}`
  return `as the environment says, or the managed identity of this machine${cloud}`
}
