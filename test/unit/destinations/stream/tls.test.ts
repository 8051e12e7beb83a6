import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions as ServerOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DestinationOptions } from '../../../../src/destinations/options.ts'
import { createTls } from '../../../../src/destinations/stream/tls.ts'
import type { TlsOptions } from '../../../../src/destinations/stream/tls-options.ts'
import type { Destination } from '../../../../src/flow/delivery.ts'
import type { SeenCertificate } from '../../../../src/flow/events.ts'
import type { Log } from '../../../../src/flow/log.ts'
import {
  type Certificate,
  makeAuthority,
  makeCertificate,
  makeExpired,
} from '../../../support/certificates.ts'
import { batchOf, deliver, hostPortOf, reasonOf, recordingLog, settings, startReceiver } from '../receiver.ts'

let folder: string
let authority: Certificate
let stranger: Certificate
let server: Certificate
let client: Certificate
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-tls-'))
  authority = await makeAuthority()
  stranger = await makeAuthority('Stranger')
  server = await makeCertificate({ authority })
  client = await makeCertificate({ authority, commonName: 'msgtrk' })
  ca = await file('ca.pem', authority.cert)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

function tls(
  port: number,
  own: TlsOptions | undefined,
  changes: Partial<DestinationOptions> = {},
  log: Log = recordingLog(),
): Destination {
  const options = { ...settings(`tls://127.0.0.1:${port}`, changes), tls: own }
  const destination = createTls(options, hostPortOf(options.to), log)
  onTestFinished(() => destination.close())
  return destination
}

const receiver = (own: Certificate, more: ServerOptions = {}) =>
  startReceiver({ tls: { cert: own.cert, key: own.key, ...more } })

const endOf = ({ cert }: Certificate): number => Date.parse(new X509Certificate(cert).validTo)

describe('a peer that proves who it is', () => {
  it('gets every frame in order', async () => {
    const peer = await receiver(server)
    const destination = tls(peer.port, { ca })
    const texts = Array.from({ length: 50 }, (_, i) => `event ${i} ${'x'.repeat(i * 100)}\n`)
    for (const text of texts)
      expect(await deliver(destination, batchOf(text))).toEqual({ status: 'delivered' })
    await peer.has(texts.join('').length)
    expect(peer.received().toString()).toBe(texts.join(''))
    expect(peer.sockets).toHaveLength(1)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('may speak %s', async (version) => {
    const peer = await receiver(server, { minVersion: version, maxVersion: version })
    const destination = tls(peer.port, { ca }, { confirm: 'time' })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
  })

  it('may have another name that the settings give', async () => {
    const named = await makeCertificate({ authority, names: ['siem.example'], addresses: [] })
    const peer = await receiver(named)
    const destination = tls(peer.port, { ca, serverName: 'siem.example' })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
    expect(await peer.socket(0)).toMatchObject({ servername: 'siem.example' })
  })

  it('may be pinned instead of signed by an authority', async () => {
    const self = await makeCertificate({ names: ['elsewhere.example'], addresses: [] })
    const peer = await receiver(self)
    const destination = tls(peer.port, { fingerprint: `sha-256:${self.fingerprint.toLowerCase()}` })
    expect(await deliver(destination, batchOf('a'))).toEqual({ status: 'delivered' })
  })

  it('has certificates that end some day, as ours does; who listens is told', async () => {
    const peer = await receiver(server, { ca: authority.cert, requestCert: true, rejectUnauthorized: true })
    const own = { ca, cert: await file('client.pem', client.cert), key: await file('client.key', client.key) }
    const options = { ...settings(`tls://127.0.0.1:${peer.port}`), tls: own }
    const told: (readonly SeenCertificate[] | undefined)[] = []
    const destination = createTls(options, hostPortOf(options.to), recordingLog(), {
      receiverChanged: ({ certificates }) => told.push(certificates),
    })
    onTestFinished(() => destination.close())
    expect(await destination.connect()).toBeNull()
    const seen = told.flatMap((certificates) => certificates ?? [])
    expect(seen.filter(({ of }) => of !== 'authority')).toEqual([
      { of: 'receiver', subject: 'CN=localhost', expiresAtMs: endOf(server) },
      { of: 'client', subject: expect.stringContaining('CN='), expiresAtMs: endOf(client) },
    ])
  })

  it('is told who we are when it asks', async () => {
    const peer = await receiver(server, { ca: authority.cert, requestCert: true, rejectUnauthorized: true })
    const own = { ca, cert: await file('client.pem', client.cert), key: await file('client.key', client.key) }
    expect(await deliver(tls(peer.port, own, { confirm: 'time' }), batchOf('a'))).toEqual({
      status: 'delivered',
    })
  })
})

describe('a peer that does not', () => {
  const refused = async (own: Certificate, options: TlsOptions | undefined, expected: RegExp) => {
    const peer = await receiver(own)
    const log = recordingLog()
    const destination = tls(peer.port, options, {}, log)
    const reason = reasonOf(await deliver(destination, batchOf('secret')))
    expect(reason).toMatch(expected)
    expect(reasonOf(await deliver(destination, batchOf('secret')))).toBe(reason)
    // A person has to mend it.
    expect(log.at('error')).toHaveLength(1)
    expect([...log.at('warn'), ...log.at('info')]).toEqual([])
    await Promise.all(peer.sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')))
    expect(peer.received()).toHaveLength(0)
    return reason
  }

  it('is refused with what was seen and what to do when no known authority signed it', async () => {
    const reason = await refused(server, undefined, /has no trusted chain/)
    expect(reason).toContain('subject CN=localhost, issuer CN=Test authority')
    expect(reason).toContain(`sha-256:${server.fingerprint}`)
    expect(reason).toMatch(/valid from .* to .*\. Set tls\.ca .*, or tls\.fingerprint to this fingerprint/)
  })

  it('is refused when another authority signed it than `ca` names', async () => {
    await refused(server, { ca: await file('stranger.pem', stranger.cert) }, /has no trusted chain/)
  })

  it('is refused when nobody signed it', async () => {
    await refused(await makeCertificate(), { ca }, /has no trusted chain/)
  })

  it('is refused when the certificate is for another name', async () => {
    const named = await makeCertificate({ authority, names: ['other.example'], addresses: [] })
    await refused(named, { ca }, /is not for 127\.0\.0\.1 but for DNS:other\.example.*set tls\.serverName/)
    await refused(server, { ca, serverName: 'siem.example' }, /is not for siem\.example but for/)
  })

  it('is refused when the certificate has expired', async () => {
    await refused(await makeExpired(authority), { ca }, /has expired: .*Renew it there/)
  })

  it('is refused when the certificate is not valid yet', async () => {
    const [notBefore, notAfter] = [86_400_000, 2 * 86_400_000].map((ms) => new Date(Date.now() + ms))
    const early = await makeCertificate({ authority, notBefore: notBefore!, notAfter: notAfter! })
    await refused(early, { ca }, /is not valid yet/)
  })

  it('is refused when it is not the pinned one, however well signed', async () => {
    const reason = await refused(
      server,
      { ca, fingerprint: client.fingerprint },
      /another certificate than tls/,
    )
    expect(reason).toContain(server.fingerprint)
  })

  it('can not smuggle line breaks into the log by its names', async () => {
    const self = await makeCertificate({ commonName: 'a\u001b[31m\u0085b' })
    const reason = await refused(self, undefined, /has no trusted chain/)
    expect(reason).not.toMatch(/\p{Cc}/u)
  })
})

describe('a peer that refuses us', () => {
  it.each([
    ['TLSv1.2', /TLS alert "handshake failure": it may ask for a client certificate/],
    // The alert comes after the handshake and races with the reset that follows it.
    ['TLSv1.3', /TLS alert "certificate required": it may ask|connection (closed|reset) by/],
  ] as const)('for lack of a client certificate is understood (%s)', async (version, expected) => {
    const peer = await receiver(server, {
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    })
    const destination = tls(peer.port, { ca }, { confirm: 'time', confirmAfterMs: 600_000 })
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(expected)
    expect(peer.received()).toHaveLength(0)
  })

  it('with a protocol that is too old is told so', async () => {
    const peer = await receiver(server, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const reason = reasonOf(await deliver(tls(peer.port, { ca }), batchOf('a')))
    expect(reason).toBe(`127.0.0.1:${peer.port} offers no TLS 1.2 or newer`)
  })
})

describe('a peer that speaks no TLS', () => {
  const plainPeer = async (greeting: string | undefined) => {
    const peer = createServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      if (greeting !== undefined) socket.end(greeting)
    })
    peer.listen(0, '127.0.0.1')
    await once(peer, 'listening')
    onTestFinished(() => void peer.close())
    return (peer.address() as AddressInfo).port
  }

  it('is named when it answers in plain text', async () => {
    for (const greeting of ['220 mail.example ESMTP\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
      const destination = tls(await plainPeer(greeting), { ca })
      expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(/does not speak TLS on this port/)
    }
  })

  it('is named when it hangs up', async () => {
    const reason = reasonOf(await deliver(tls(await plainPeer(''), { ca }), batchOf('a')))
    expect(reason).toMatch(/closed the connection during the TLS handshake: it may not speak TLS/)
  })

  it('is named when it says nothing', async () => {
    const destination = tls(await plainPeer(undefined), { ca }, { connectTimeoutMs: 200 })
    expect(reasonOf(await deliver(destination, batchOf('a')))).toMatch(
      /did not answer the TLS handshake within 0.2 s/,
    )
  })
})

it('a handshake on its way is given up when the destination is closed', async () => {
  const peer = await startReceiver()
  const destination = tls(peer.port, { ca }, { connectTimeoutMs: 600_000 })
  const sent = deliver(destination, batchOf('a'))
  await peer.has(1)
  await destination.close()
  expect(reasonOf(await sent)).toBe('the destination is closed')
})

describe('stall and break', () => {
  it('gives up a receiver that takes nothing any more', async () => {
    const peer = await startReceiver({ tls: { cert: server.cert, key: server.key }, read: false })
    const destination = tls(peer.port, { ca }, { stallTimeoutMs: 100 })
    const reason = reasonOf(await deliver(destination, batchOf(Buffer.alloc(64 * 1024 * 1024))))
    expect(reason).toMatch(/takes nothing any more/)
  })

  it.each(['end', 'destroy'] as const)(
    'notices the peer leaving by %s before the time is up',
    async (act) => {
      const peer = await receiver(server)
      const destination = tls(peer.port, { ca }, { confirm: 'time', confirmAfterMs: 600_000 })
      const { outcome } = await destination.send(batchOf('a'))
      await peer.has(1)
      ;(await peer.socket(0))[act]()
      expect(reasonOf(await outcome)).toMatch(/connection (closed|reset) by/)
    },
  )
})
