/** The settings of destinations in Microsoft Sentinel, and the identity that they or the environment name. */
import * as z from 'zod'
import { pathSetting } from '../../mistakes/path-setting.ts'
import { Mistaken, said } from '../../mistakes/words.ts'
import { type Group, isGroup } from '../../mistakes/written.ts'
import type { CommonOptions, Report, Unused } from '../kind.ts'
import { readRuleAddress } from './address.ts'

/** The tables that events can be written for. */
const tables = ['MessageTrackingLog_CL', 'CommonSecurityLog'] as const

export type Table = (typeof tables)[number]

const guid = z
  .string()
  .regex(
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    said(
      'is no id of Microsoft Entra',
      'write the GUID that the portal shows, as 00000000-0000-0000-0000-000000000000',
    ),
  )

const settings = z.strictObject({
  table: z
    .enum(tables, `must be one of: ${tables.join(', ')}`)
    .optional()
    .describe(
      'The table that the rule writes into, and whose columns events have: by default CommonSecurityLog when the stream ' +
        'in `to` is called so, and MessageTrackingLog_CL otherwise.',
    ),
  eventTime: z
    .boolean()
    .default(false)
    .describe(
      'Whether the rule and its MessageTrackingLog_CL have the column `eventTime`, as with `msgtrk sentinel template`. ' +
        'What Azure receives more than two days late, it gives the time of receipt as TimeGenerated; without that ' +
        'column its own time is lost, of which `check` and the start warn.',
    ),
  tenantId: guid.optional().describe('Tenant (directory) of the application that msgtrk signs in as.'),
  clientId: guid
    .optional()
    .describe('Id of that application; alone: of the user-assigned managed identity of this machine.'),
  clientSecret: z
    .string()
    .min(1, said('is empty', 'write a secret of the application'))
    .optional()
    .describe('Its secret, by a reference to a file or a variable of the environment.'),
  certificate: pathSetting(said('is empty', 'write the path of a PEM file'))
    .optional()
    .describe('In place of a secret: PEM file of its certificate and private key.'),
  certificatePassword: z
    .string()
    .optional()
    .describe('Password of that key, if it is encrypted, by reference.'),
})

/** The settings under `sentinel`. */
export type SentinelSettings = z.output<typeof settings>

/** The group `sentinel` of a destination. */
export const sentinelShape = {
  sentinel: settings
    .optional()
    .describe(
      'Settings of sentinel:// destinations. Without an application here or in the environment (`AZURE_TENANT_ID`, ' +
        '`AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH`) the managed identity of this ' +
        'machine, of Azure or of Azure Arc, is used.',
    ),
}

/** Those of a destination in Sentinel, with all defaults filled in. */
export type SentinelOptions = CommonOptions & { readonly sentinel?: SentinelSettings | undefined }

/** What is to be filled in: the path of the certificate. */
export function completeSentinel(
  { sentinel }: { readonly sentinel?: SentinelSettings | undefined },
  absolute: (path: string) => string,
) {
  const { certificate } = sentinel ?? {}
  return {
    ...(sentinel && {
      sentinel: { ...sentinel, ...(certificate !== undefined && { certificate: absolute(certificate) }) },
    }),
  }
}

/** The table that events are for. */
export function tableOf({ to, sentinel }: Pick<SentinelOptions, 'to' | 'sentinel'>): Table {
  if (sentinel?.table !== undefined) return sentinel.table
  const address = readRuleAddress(to.replace(/^[a-z]+:\/\//i, ''))
  const isCommon = !(address instanceof Mistaken) && /(?:^|-)CommonSecurityLog$/i.test(address.stream)
  return isCommon ? 'CommonSecurityLog' : 'MessageTrackingLog_CL'
}

/** An application has all that it takes to sign in, in one way. */
export function checkIdentity({ sentinel }: Group, report: Report): void {
  if (!isGroup(sentinel)) return
  const { tenantId, clientId, clientSecret, certificate, certificatePassword } = sentinel
  const proof = clientSecret === undefined ? 'certificate' : 'clientSecret'
  if (clientSecret !== undefined && certificate !== undefined) {
    report(['sentinel', 'certificate'], 'does not go with a secret', 'remove one of the two')
  }
  if (clientSecret !== undefined || certificate !== undefined) {
    for (const [name, value] of Object.entries({ tenantId, clientId })) {
      if (value === undefined) report(['sentinel', proof], `needs ${name}`, `set sentinel.${name}`)
    }
  } else if (tenantId !== undefined) {
    report(
      ['sentinel', 'tenantId'],
      'is for an application with a secret or certificate',
      'set one, or remove it',
    )
  }
  if (certificatePassword !== undefined && certificate === undefined) {
    report(
      ['sentinel', 'certificatePassword'],
      'has no certificate that it would be for',
      'set sentinel.certificate or remove it',
    )
  }
}

const noSyslog = { message: 'is for syslog, and Sentinel takes JSON', remedy: 'remove it' }
const noCef = {
  message: 'is for CEF, and MessageTrackingLog_CL has columns of its own',
  remedy: 'remove it, or write into CommonSecurityLog',
}

/** Settings that do nothing there. */
export function unusedInSentinel(written: Group): Unused {
  const to = typeof written.to === 'string' ? written.to : ''
  const group = settings.safeParse(written.sentinel)
  const table = tableOf({ to, sentinel: group.success ? group.data : undefined })
  const syslog = { syslog: noSyslog, framing: noSyslog, protectHeader: noSyslog, preset: noSyslog }
  if (table === 'CommonSecurityLog') return syslog
  const cef = [
    'mapping',
    'cefVersion',
    'additionalData',
    'labels',
    'categories',
    'rawEvent',
    'organisation',
    'agent',
    'overflow',
  ]
  return {
    ...syslog,
    ...Object.fromEntries(cef.map((name) => [name, noCef])),
    selfReport: {
      message: 'is an event of its own, for which MessageTrackingLog_CL has no columns',
      remedy: 'remove it, or write into CommonSecurityLog',
    },
  }
}
