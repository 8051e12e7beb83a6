import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { examineReceivers } from '../../../../src/destinations/examine.ts'
import type { DestinationOptions } from '../../../../src/destinations/options.ts'
import { type Certificate, makeAuthority, makeCertificate } from '../../../support/certificates.ts'
import { freePort } from '../../../support/free-port.ts'
import { Relay } from '../../../support/relay.ts'
import { settings, startReceiver } from '../receiver.ts'

/** A receiver that says something has said it by then, as these do at once. */
const briefMs = 300

/** The lines of the only receiver, each as `verdict part: message`. */
async function examine(
  to: string,
  changes: Partial<DestinationOptions> = {},
  listenMs = briefMs,
): Promise<readonly string[]> {
  const options = settings(to, { confirm: 'close', closeTimeoutMs: 10_000, ...changes })
  const all = await Promise.all(examineReceivers(options, new AbortController().signal, listenMs))
  return all.flatMap(({ examined }) =>
    examined.map(({ verdict, part, message, remedy }) => {
      // What is no success says what to do, be it in its message.
      if (verdict === 'warning') expect(remedy, message).toBeTruthy()
      return `${verdict} ${part}: ${message.replaceAll(/\d+ ms/g, 'N ms')}`
    }),
  )
}

/** A server that does `act` with each connection. */
async function serve(act: (socket: Socket) => void, port = 0): Promise<number> {
  const sockets: Socket[] = []
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    act(socket)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe('over TCP', () => {
  test('a receiver that closes after us is in order, is sent nothing, and may be a proxy', async () => {
    const receiver = await startReceiver()
    const lines = await examine(`tcp://127.0.0.1:${receiver.port}`)
    expect(lines).toEqual([
      `ok connection: 127.0.0.1:${receiver.port} in N ms`,
      'ok end: closed N ms after our goodbye, having acknowledged it; on plain TCP nobody can tell whether it was a proxy (then set relay: true)',
    ])
    expect(receiver.received()).toHaveLength(0)
    expect(receiver.sockets).toHaveLength(1)
  })

  test('a name is looked up', async () => {
    const receiver = await startReceiver({ host: 'localhost' })
    const [name = ''] = await examine(`tcp://localhost:${receiver.port}`)
    expect(name).toMatch(/^ok name: localhost is .*(?:127\.0\.0\.1|::1).* \(N ms\)$/)
    expect(await examine('tcp://no-such-host.invalid:514')).toEqual([
      expect.stringMatching(/^failure name: (?:name not found for|the name server does not answer)/),
    ])
  })

  test('nobody there', async () => {
    const port = await freePort()
    expect(await examine(`tcp://127.0.0.1:${port}`)).toEqual([
      `failure connection: connection refused by 127.0.0.1:${port}: nothing listens there, or a firewall rejects it`,
    ])
  })

  test('a receiver that never closes is doubted where it has to close', async () => {
    const port = await serve((socket) => socket.resume())
    const [, end] = await examine(`tcp://127.0.0.1:${port}`, { closeTimeoutMs: 300 })
    expect(end).toBe(
      'warning end: the peer has not closed the connection 0.3 s after our goodbye; after 0.3 s delivery would count by time',
    )
    const [, byTime] = await examine(`tcp://127.0.0.1:${port}`, { confirm: 'time', closeTimeoutMs: 300 })
    expect(byTime).toMatch(/^ok end: .*; with confirm: time it need not$/)
  })

  test('one that resets when we end, and one that resets or closes unasked', async () => {
    const resets = await serve((socket) => socket.on('end', () => socket.resetAndDestroy()).resume())
    expect((await examine(`tcp://127.0.0.1:${resets}`))[1]).toMatch(
      /^warning end: answered our goodbye so that it proves nothing: connection reset/,
    )
    const unasked = await serve((socket) => socket.resetAndDestroy())
    expect((await examine(`tcp://127.0.0.1:${unasked}`, {}, 10_000)).at(-1)).toMatch(
      /^failure (?:end|connection): connection reset by .*/,
    )
    const closes = await serve((socket) => socket.end())
    expect((await examine(`tcp://127.0.0.1:${closes}`, {}, 10_000))[1]).toMatch(
      /^failure end: connection closed by .* before anything was sent, .*set confirm: write$/,
    )
  })

  test('another service that greets is shown, and can not command the terminal', async () => {
    const port = await serve((socket) => {
      socket.write('220 mail.example ESMTP\u001b[2J\r\n')
      socket.on('end', () => socket.end()).resume()
    })
    expect((await examine(`tcp://127.0.0.1:${port}`, {}, 1000))[1]).toBe(
      `warning protocol: 127.0.0.1:${port} speaks first, which no syslog receiver does: "220 mail.example ESMTP [2J"`,
    )
  })

  test('through a relay all looks well, and relay: true says what counts then', async () => {
    const receiver = await startReceiver()
    const relay = await Relay.open(receiver.port)
    onTestFinished(() => relay.close())
    const told = await examine(`tcp://127.0.0.1:${relay.port}`)
    expect(told[1]).toContain('on plain TCP nobody can tell whether it was a proxy')
    const known = await examine(`tcp://127.0.0.1:${relay.port}`, {
      relay: true,
      confirm: 'time',
      confirmAfterMs: 60_000,
    })
    expect(known[2]).toBe('ok relay: relay: true, so that events count 60 s after writing')
  })

  test('one that lets an empty connection go after some seconds, as proxies do, is doubted', async () => {
    const port = await serve((socket) => void setTimeout(() => socket.end(), 2000))
    expect((await examine(`tcp://127.0.0.1:${port}`, {}, 10_000))[1]).toMatch(
      /^warning end: connection closed by .* after \d+\.\d s, before anything was sent: a proxy whose receiver is down/,
    )
  })

  test('what takes long to close an empty connection is doubted', async () => {
    const port = await serve((socket) => {
      socket.on('end', () => setTimeout(() => socket.end(), 2000)).resume()
    })
    expect((await examine(`tcp://127.0.0.1:${port}`, { closeTimeoutMs: 20_000 }))[1]).toMatch(
      /^warning end: closed N ms after our goodbye, .* a proxy whose receiver does not answer does so$/,
    )
  })

  test('each receiver of a failover is tried', async () => {
    const [one, other] = [await startReceiver(), await freePort()]
    const options = settings(`tcp://127.0.0.1:${one.port}`, {
      confirm: 'close',
      failover: [`tcp://127.0.0.1:${other}`],
    })
    const all = await Promise.all(examineReceivers(options, new AbortController().signal, briefMs))
    expect(all.map(({ to }) => to)).toEqual([options.to, ...(options.failover ?? [])])
    expect(all.map(({ examined }) => examined.at(-1)?.verdict)).toEqual(['ok', 'failure'])
  })
})

describe('over TLS', () => {
  let folder: string
  let authority: Certificate
  let receiver: Certificate
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'msgtrk-examine-'))
    authority = await makeAuthority()
    receiver = await makeCertificate({ authority, commonName: 'siem' })
    await writeFile(join(folder, 'ca.pem'), authority.cert)
  })
  afterAll(() => rm(folder, { recursive: true }))
  const trusting = () => ({ tls: { ca: join(folder, 'ca.pem') } })

  test('the chain, its expiry and the goodbye in TLS are told', async () => {
    const { port, received } = await startReceiver({ tls: receiver })
    const lines = await examine(`tls://127.0.0.1:${port}`, trusting())
    expect(lines).toEqual([
      expect.stringMatching(
        /^ok connection: 127\.0\.0\.1:\d+ in N ms, TLSv1\.3 with TLS_\w+, trusted by .*ca\.pem$/,
      ),
      // The certificates of tests are valid for a day.
      expect.stringMatching(/^warning certificate: CN=siem: valid until 20.*Z, \d days$/),
      expect.stringMatching(/^warning certificate: authority, CN=Test authority: valid until 20/),
      'ok end: closed N ms after our goodbye, having acknowledged it',
      'ok relay: said goodbye in TLS: no proxy that passes TLS on can do that in its place',
    ])
    expect(received()).toHaveLength(0)
  })

  test('an end without a goodbye in TLS is doubted', async () => {
    // As a relay does whose receiver is gone: it ends TCP by itself.
    const server = createTlsServer({ ...receiver, allowHalfOpen: true } as object, (socket) => {
      socket.on('error', () => {}).resume()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const port = await serve((client) => {
      import('node:net').then(({ connect }) => {
        const back = connect({
          port: (server.address() as AddressInfo).port,
          host: '127.0.0.1',
          allowHalfOpen: true,
        })
        back.on('error', () => {})
        back.pipe(client, { end: false })
        client.on('data', (bytes) => back.write(bytes))
        client.on('end', () => {
          client.end()
          back.destroy()
        })
      })
    })
    onTestFinished(() => void server.close())
    const lines = await examine(`tls://127.0.0.1:${port}`, { ...trusting(), closeTimeoutMs: 5000 })
    expect(lines.at(-1)).toMatch(/^warning relay: closed without a goodbye in TLS/)
  })

  test('a chain that is not trusted, and a port without TLS, with their remedies', async () => {
    const { port } = await startReceiver({ tls: receiver })
    expect(await examine(`tls://127.0.0.1:${port}`)).toEqual([
      expect.stringMatching(
        /^failure TLS: the certificate of .* has no trusted chain .*sha-256:[0-9A-F:]+.*GMT$/,
      ),
    ])
    const plain = await startReceiver()
    const [line = ''] = await examine(`tls://127.0.0.1:${plain.port}`, {
      ...trusting(),
      connectTimeoutMs: 500,
    })
    expect(line).toMatch(/^failure TLS: .* it may not speak TLS on this port/)
  })
})
