/** What `check --live` can tell, and what not, of receivers behind a real proxy. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
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
})
