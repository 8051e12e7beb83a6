/** The program into a stand-in for Azure Monitor, signing in at its stand-in for Microsoft Entra. */
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { makeCertificate } from '../support/certificates.ts'
import { ended } from '../support/command.ts'
import { client, LogsIngestion, type LogsIngestionOptions, tenant } from '../support/logs-ingestion.ts'
import { Workplace } from '../support/program.ts'

type OnTestFinished = (put: () => Promise<void>) => void

/** The variables by which Azure's tools are told who they are, and whom to trust. */
async function setUp(onTestFinished: OnTestFinished, options: LogsIngestionOptions = {}) {
  const place = await Workplace.open(onTestFinished)
  const standIn = await LogsIngestion.open(options)
  onTestFinished(() => standIn.close())
  const ca = await place.write('ca.pem', standIn.ca)
  const authority = `https://localhost:${standIn.port}`
  const env = { NODE_EXTRA_CA_CERTS: ca, AZURE_AUTHORITY_HOST: authority, HTTPS_PROXY: '' }
  const secret = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: 'open sesame' }
  return { place, standIn, env, secret }
}

test.concurrent('each record is a row of MessageTrackingLog_CL, from the command line alone', async ({
  onTestFinished,
}) => {
  const { place, standIn, env, secret } = await setUp(onTestFinished)
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  const run = await place.startWith(
    { env: { ...env, ...secret } },
    'run',
    '--once',
    '--from',
    'logs',
    '--to',
    standIn.to,
    '--state',
    'state',
  ).ended
  expect(run.stderr).not.toContain('open sesame')
  expect(run.code).toBe(0)
  expect(standIn.rows.length).toBeGreaterThan(0)
  for (const row of standIn.rows) {
    expect(row).toMatchObject({
      eventId: expect.any(String),
      eventTime: expect.any(String),
      FilePath: place.path('logs', 'MSGTRK2026112014-1.LOG'),
    })
  }
})

test.concurrent('a configuration, with a secret by reference', async ({ onTestFinished }) => {
  const { place, standIn, env } = await setUp(onTestFinished, { stream: 'Custom-CommonSecurityLog' })
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  const config = (secret: string) => `
state: state
sources: [{ name: EX01, folder: logs }]
destinations:
  - name: sentinel
    to: ${standIn.to}
    sentinel: { tenantId: ${tenant}, clientId: ${client}, clientSecret: '${secret}' }
`
  const literal = await ended(checkCommand, await place.write('literal.yaml', config('open sesame')))
  expect(literal.code).toBe(2)
  expect(literal.stderr).toContain('sentinel.clientSecret: must not stand in the file itself')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written
  await place.write('msgtrk.yaml', config('${env:SECRET}'))
  const withSecret = { env: { ...env, SECRET: 'open sesame' } }
  const checked = await place.startWith(withSecret, 'check', '--config', 'msgtrk.yaml').ended
  expect(checked.stdout.toString()).toContain(`as the application ${client} with a secret in Azure`)
  const printed = await place.startWith(withSecret, 'check', '--config', 'msgtrk.yaml', '--print').ended
  expect(printed.stdout.toString() + printed.stderr).not.toContain('open sesame')
  const run = await place.startWith(withSecret, 'run', '--once', '--config', 'msgtrk.yaml').ended
  expect(run.stderr).not.toContain('open sesame')
  expect(run.code).toBe(0)
  expect(standIn.rows[0]).toMatchObject({ DeviceVendor: 'Microsoft', DeviceProduct: 'Exchange Server' })
})

test.concurrent('a certificate signs in as well as a secret', async ({ onTestFinished }) => {
  const { place, standIn, env } = await setUp(onTestFinished)
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'msgtrk' }], {
    keySize: 2048,
    algorithm: 'sha256',
  })
  const elliptic = await makeCertificate()
  const config = `
state: state
sources: [{ name: EX01, folder: logs }]
destinations:
  - { name: sentinel, to: '${standIn.to}', sentinel: { tenantId: ${tenant}, clientId: ${client}, certificate: both.pem } }
`
  const path = await place.write('msgtrk.yaml', config)
  await place.write('both.pem', `${elliptic.cert}\n${elliptic.key}`)
  const refused = await ended(checkCommand, path)
  expect(refused.stderr).toContain('is no RSA key, and Microsoft Entra takes no other')
  await place.write('both.pem', `${cert}\n${key}`)
  const run = await place.startWith({ env }, 'run', '--once', '--config', 'msgtrk.yaml').ended
  expect(run.code).toBe(0)
  expect(standIn.rows.length).toBeGreaterThan(0)
})

test.concurrent('check --live signs in and posts an empty array, and tells what nobody can ask', async ({
  onTestFinished,
}) => {
  const { place, standIn, env, secret } = await setUp(onTestFinished)
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  const config = `state: state\nsources: [{ name: EX01, folder: logs }]\ndestinations: [{ name: sentinel, to: ${standIn.to} }]\n`
  await place.write('msgtrk.yaml', config)
  const check = async (more: Readonly<Record<string, string>> = {}) => {
    const args = ['check', '--live', '--config', 'msgtrk.yaml']
    return (await place.startWith({ env: { ...env, ...secret, ...more } }, ...args).ended).stdout
      .toString()
      .replace(/\s+/g, ' ')
  }
  const well = await check()
  expect(well).toContain(`ok identity Azure gave a token for the application ${client} with its secret`)
  expect(well).toContain('ok endpoint the stream Custom-MessageTrackingLog_CL takes posts')
  expect(well).toContain('warning columns')
  expect(well).toContain('warning time')
  standIn.faults = () => ({ status: 403 })
  expect(await check()).toMatch(/failure endpoint the endpoint answered 403: .* half an hour/)
  expect(
    await check({
      AZURE_CLIENT_SECRET: '',
      IDENTITY_ENDPOINT: '',
      AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1',
    }),
  ).toContain('failure identity no token from Microsoft Entra for the managed identity')
  expect(standIn.rows).toEqual([])
})
