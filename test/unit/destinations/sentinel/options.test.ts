import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkDestination, destinationShape, unusedSettings } from '../../../../src/destinations/options.ts'
import { cloudOf, formatRuleAddress, readRuleAddress } from '../../../../src/destinations/sentinel/address.ts'
import { identityOf } from '../../../../src/destinations/sentinel/identity.ts'
import { tableOf } from '../../../../src/destinations/sentinel/options.ts'
import { Mistaken } from '../../../../src/mistakes/words.ts'
import { client, rule, tenant } from '../../../support/logs-ingestion.ts'

const endpoint = 'mail-abcd.westeurope-1.ingest.monitor.azure.com'
const to = `sentinel://${endpoint}/${rule}`
const schema = z
  .strictObject({ ...destinationShape, maxMessageBytes: z.int().optional() })
  .superRefine(checkDestination)
const problems = (value: Readonly<Record<string, unknown>>) => [
  ...(schema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  ),
  ...unusedSettings(value).map(({ path, message, remedy }) => `${path.join('.')}: ${message}; ${remedy}`),
]

describe('an address', () => {
  test('has an endpoint, a rule and a stream, the port and the stream by default', () => {
    expect(readRuleAddress(`${endpoint}/${rule}`)).toEqual({
      host: endpoint,
      port: 443,
      rule,
      stream: 'Custom-MessageTrackingLog_CL',
    })
    expect(
      readRuleAddress(`https://${endpoint.toUpperCase()}:8443/${rule.toUpperCase()}/Custom-X/`),
    ).toMatchObject({ port: 8443, rule, stream: 'Custom-X' })
  })

  test('is the same however it is written', () => {
    const all = [`${endpoint}/${rule}`, `${endpoint.toUpperCase()}:443/${rule}/Custom-MessageTrackingLog_CL`]
    const formatted = all.map((text) => {
      const address = readRuleAddress(text)
      return address instanceof Mistaken ? address.message : formatRuleAddress(address)
    })
    expect(new Set(formatted).size).toBe(1)
  })

  test.each([
    [endpoint, /names no data collection rule/],
    [`${endpoint}/my-rule/Custom-X`, /"my-rule", which is no immutable id/],
    [`${endpoint}/${rule}/Custom X`, /has a stream that is none/],
    [`${endpoint}/${rule}/a/b`, /has a stream that is none/],
    [`/${rule}`, /has no host/],
    [`user:pass@${endpoint}/${rule}`, /user or password/],
  ])('%s is none', (text, message) => {
    expect(readRuleAddress(text)).toMatchObject({ message: expect.stringMatching(message) })
  })

  test.each([
    ['x.ingest.monitor.azure.com', 'https://monitor.azure.com/.default', 'https://login.microsoftonline.com'],
    ['x.ingest.monitor.azure.us', 'https://monitor.azure.us/.default', 'https://login.microsoftonline.us'],
    ['X.INGEST.MONITOR.AZURE.CN', 'https://monitor.azure.cn/.default', 'https://login.chinacloudapi.cn'],
  ])('%s says its cloud', (host, scope, authority) => {
    expect(cloudOf({ host, port: 443 })).toMatchObject({ scope, authority })
  })

  test('says the table by its stream, unless the settings do', () => {
    expect(tableOf({ to })).toBe('MessageTrackingLog_CL')
    expect(tableOf({ to: `${to}/Custom-CommonSecurityLog` })).toBe('CommonSecurityLog')
    expect(
      tableOf({ to: `${to}/Custom-Mail`, sentinel: { table: 'CommonSecurityLog', eventTime: false } }),
    ).toBe('CommonSecurityLog')
  })
})

describe('settings', () => {
  const application = { tenantId: tenant, clientId: client }

  test.each([
    [{ ...application, clientSecret: 's' }],
    [{ ...application, certificate: 'c.pem', certificatePassword: 'p' }],
    [{ clientId: client }],
    [{}],
  ])('may be %j', (sentinel) => {
    expect(problems({ to, sentinel })).toEqual([])
  })

  test.each([
    [
      { clientSecret: 's' },
      [
        'sentinel.clientSecret: needs tenantId; set sentinel.tenantId',
        'sentinel.clientSecret: needs clientId; set sentinel.clientId',
      ],
    ],
    [
      { ...application, clientSecret: 's', certificate: 'c' },
      ['sentinel.certificate: does not go with a secret; remove one of the two'],
    ],
    [
      { tenantId: tenant },
      ['sentinel.tenantId: is for an application with a secret or certificate; set one, or remove it'],
    ],
    [{ certificatePassword: 'p' }, [expect.stringContaining('has no certificate')]],
    [{ clientId: 'x' }, [expect.stringContaining('is no id of Microsoft Entra')]],
  ])('%j are told', (sentinel, told) => {
    expect(problems({ to, sentinel })).toEqual(told)
  })

  test('of syslog and CEF do nothing there, and are told', () => {
    const names = (value: Readonly<Record<string, unknown>>) =>
      unusedSettings({ to, ...value }).map(({ path }) => path[0])
    const cef = {
      mapping: 'auto',
      cefVersion: 1,
      labels: 'space',
      rawEvent: 'field',
      selfReport: true,
      overflow: 'split',
    }
    expect(names({ ...cef, syslog: {}, framing: 'lf', confirm: 'write', tls: {} })).toEqual([
      ...Object.keys(cef),
      'syslog',
      'framing',
      'confirm',
      'tls',
    ])
    expect(names({ ...cef, syslog: {}, to: `${to}/Custom-CommonSecurityLog` })).toEqual(['syslog'])
    expect(unusedSettings({ to: 'tls://siem', sentinel: {} })[0]?.message).toContain(
      'belongs to sentinel:// destinations',
    )
  })

  test('know no failover, and no message larger than a post', () => {
    expect(problems({ to, failover: ['tcp://a'] })).toContainEqual(
      expect.stringMatching(/^failover: does not go with sentinel:\/\//),
    )
    expect(problems({ to, maxMessageBytes: 1_048_576 })).toContainEqual(
      expect.stringContaining('must be 999000 or less for Sentinel'),
    )
  })
})

describe('who msgtrk is', () => {
  const AZURE = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client }

  test('the settings say, or the environment, or the machine', () => {
    const secret = { ...AZURE, AZURE_CLIENT_SECRET: 'of the environment' }
    expect(identityOf({ tenantId: tenant, clientId: client, clientSecret: 's' }, secret)).toMatchObject({
      by: 'secret',
      secret: 's',
    })
    expect(identityOf({}, secret)).toMatchObject({
      by: 'secret',
      clientId: client,
      secret: 'of the environment',
    })
    expect(identityOf({ clientId: client }, secret)).toEqual({ by: 'managed identity', clientId: client })
    expect(identityOf({}, {})).toEqual({ by: 'managed identity', clientId: undefined })
    expect(identityOf({}, { AZURE_CLIENT_ID: client })).toEqual({ by: 'managed identity', clientId: client })
  })

  test('a certificate that is not there is a mistake that names it', () => {
    expect(() =>
      identityOf({ ...{ tenantId: tenant, clientId: client }, certificate: '/nowhere.pem' }, {}),
    ).toThrow(/nowhere\.pem/)
  })
})
