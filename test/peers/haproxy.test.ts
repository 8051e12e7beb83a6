/** What `check --live` can tell, and what not, of receivers behind a real proxy. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { LogsIngestion } from '../support/logs-ingestion.ts'
import { Workplace } from '../support/program.ts'
import { startHaproxy } from './haproxy.ts'
import { describePeer } from './peer.ts'
import { haproxyProgram } from './programs.ts'

interface Line {
  readonly verdict: string
  readonly part: string
  readonly message: string
}

/** The lines on the only destination. */
async function examine(place: Workplace, destination: string): Promise<readonly Line[]> {
  await place.fixture('exchange-2016.log', 'logs/MSGTRK2026112014-1.LOG')
  await place.write(
    'msgtrk.yaml',
    `state: state\nsources: [{ name: EX01, folder: logs }]\ndestinations: [{ name: siem, ${destination} }]\n`,
  )
  const { stdout } = await place.run('check', 'msgtrk.yaml', '--live', '--json')
  const { parts } = JSON.parse(stdout.toString()) as {
    readonly parts: readonly { readonly about: string; readonly examined: readonly Line[] }[]
  }
  return parts.find(({ about }) => about === 'destination')?.examined ?? []
}

describePeer('haproxy', haproxyProgram, () => {
  test('before a receiver that is up, on plain TCP, is not to be told from it, which is said', async () => {
    const place = await Workplace.open(onTestFinished)
    const collector = await place.collect()
    const haproxy = await startHaproxy(place.folder, Number(new URL(collector.url).port))
    onTestFinished(() => haproxy.stop())
    const lines = await examine(place, `to: 'tcp://127.0.0.1:${haproxy.port}'`)
    expect(lines.find(({ part }) => part === 'end')).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('nobody can tell whether it was a proxy'),
    })
  })

  test('before a receiver that is down is found out', async () => {
    const place = await Workplace.open(onTestFinished)
    const haproxy = await startHaproxy(place.folder, await freePort())
    onTestFinished(() => haproxy.stop())
    const lines = await examine(place, `to: 'tcp://127.0.0.1:${haproxy.port}'`)
    expect(lines.find(({ part }) => part === 'end')).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('before anything was sent: a proxy whose receiver is down does so'),
    })
  })

  test('that passes TLS on lets the goodbye of the receiver through', async () => {
    const place = await Workplace.open(onTestFinished)
    const authority = await makeAuthority()
    await writeFile(place.path('ca.pem'), authority.cert)
    const server = createTlsServer(await makeCertificate({ authority }), (socket) => {
      socket.on('error', () => {}).resume()
    })
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const haproxy = await startHaproxy(place.folder, (server.address() as AddressInfo).port)
    onTestFinished(() => haproxy.stop())
    const lines = await examine(place, `to: 'tls://127.0.0.1:${haproxy.port}', tls: { ca: ca.pem }`)
    expect(lines.find(({ part }) => part === 'relay')).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('said goodbye in TLS'),
    })
  })
  test('that closes what rests for a moment repeats nothing on the way to Azure Monitor', async () => {
    const place = await Workplace.open(onTestFinished)
    const rows = 5000
    await place.simulate('logs', rows)
    const standIn = await LogsIngestion.open({
      latencyMs: 5,
      faults: ({ bytes }) => (bytes > 50_000 ? { status: 413 } : undefined),
    })
    onTestFinished(() => standIn.close())
    const authority = await makeAuthority('Authority of the proxy')
    const { cert, key } = await makeCertificate({ authority })
    const haproxy = await startHaproxy(place.folder, standIn.port, {
      pem: `${cert.trim()}\n${key}`,
      idleMs: 15,
    })
    onTestFinished(() => haproxy.stop())
    const ca = await place.write('ca.pem', `${authority.cert.trim()}\n${standIn.ca}`)
    const to = standIn.toBy(haproxy.port)
    const args = ['run', '--once', '--from', 'logs', '--to', to, '--state', 'state']
    const program = place.startWith({ env: { NODE_EXTRA_CA_CERTS: ca, ...standIn.identity } }, ...args)
    expect((await program.ended).code).toBe(0)
    expect(await program.logged('Done')).toMatchObject({ delivered: rows, rewinds: 0 })
    expect(standIn.rows).toHaveLength(rows)
  })
})
