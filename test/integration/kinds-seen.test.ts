/** Status, metrics and explain of destinations that are no syslog, while the program delivers to them. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { client, LogsIngestion, tenant } from '../support/logs-ingestion.ts'
import { Workplace } from '../support/program.ts'

test('files, standard output and Sentinel are seen as receivers of syslog are', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const standIn = await LogsIngestion.open()
  onTestFinished(() => standIn.close())
  const ca = await place.write('ca.pem', standIn.ca)
  // Its records are of days ago.
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  await place.write('out/.keep', '')
  const destinations = [
    { name: 'lake', to: `file://${place.path('out')}/all.cef` },
    { name: 'pipe', to: 'stdout:' },
    {
      name: 'sentinel',
      to: standIn.to,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
      sentinel: { tenantId: tenant, clientId: client, clientSecret: '${env:SECRET}' },
    },
  ]
  const sources = [{ name: 'EX01', folder: 'logs' }]
  const http = { listen: '127.0.0.1:0' }
  await place.write('msgtrk.yaml', stringify({ state: 'state', sources, destinations, http }))
  const env = {
    NODE_EXTRA_CA_CERTS: ca,
    AZURE_AUTHORITY_HOST: `https://localhost:${standIn.port}`,
    HTTPS_PROXY: '',
    SECRET: 'open sesame',
  }
  const program = place.startWith({ env }, 'run', '--config', 'msgtrk.yaml')
  const { url } = await program.logged('Listening for HTTP')
  const figures = async (): Promise<ReadonlyMap<string, number>> => {
    const page = await (await fetch(`${url}/metrics`)).text()
    const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    )
  }
  let told: ReadonlyMap<string, number> = new Map()
  const of = (name: string, destination: string) => told.get(`${name}{destination="${destination}"}`)
  const names = destinations.map(({ name }) => name)
  await expect
    .poll(
      async () => {
        told = await figures()
        return names.map((name) => [
          (of('msgtrk_events_delivered_total', name) ?? 0) > 0,
          told.get(`msgtrk_backlog_bytes{destination="${name}",source="EX01"}`),
          of('msgtrk_positions_saved', name),
        ])
      },
      { timeout: 180_000 },
    )
    .toEqual(names.map(() => [true, 0, 1]))

  const written = await readFile(place.path('out', 'all.cef'))
  const events = written.toString().split('\n').length - 1
  expect(names.map((name) => of('msgtrk_events_delivered_total', name))).toEqual(names.map(() => events))
  expect(of('msgtrk_sent_bytes_total', 'lake')).toBe(written.length)
  expect(of('msgtrk_sent_bytes_total', 'pipe')).toBe(Buffer.byteLength(program.stdout))
  // What the service does without a word is known all the same.
  expect(standIn.silently.times).toBe(events)
  expect(names.map((name) => of('msgtrk_events_late_total', name))).toEqual([undefined, undefined, events])
  for (const { name, to } of destinations) {
    expect(told.get(`msgtrk_destination_up{destination="${name}",receiver="${to}"}`)).toBe(1)
    expect(of('msgtrk_delivery_latency_seconds_count', name)).toBeGreaterThan(0)
  }

  const status = JSON.parse((await place.run('status', '--state', 'state', '--json')).stdout.toString())
  expect(status.destinations).toMatchObject(
    destinations.map(({ name, to }) => {
      const counts = { read: events, delivered: events, inFlight: 0 }
      return { name, to, state: 'idle', active: to, receivers: [{ to, state: 'ready' }], counts }
    }),
  )
  for (const [name, holds] of [
    ['lake', /^CEF:0\|/m],
    ['pipe', /^CEF:0\|/m],
    ['sentinel', /"TimeGenerated": ?"/],
  ] as const) {
    const args = ['--config', 'msgtrk.yaml', '--destination', name]
    const ended = await place.startWith({ env }, 'explain', 'logs/MSGTRK2026112014-1.LOG', ...args).ended
    expect(ended.stdout.toString(), name).toMatch(holds)
  }
})
