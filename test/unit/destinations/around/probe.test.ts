import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTcp } from '../../../../src/destinations/stream/tcp.ts'
import { createTls } from '../../../../src/destinations/stream/tls.ts'
import { makeAuthority, makeCertificate } from '../../../support/certificates.ts'
import { hostPortOf, recordingLog, settings, startReceiver } from '../receiver.ts'

const never = new AbortController().signal

function tcp(port: number) {
  const options = settings(`tcp://127.0.0.1:${port}`)
  const destination = createTcp(options, hostPortOf(options.to), recordingLog())
  onTestFinished(() => destination.close())
  return destination
}

async function tls(port: number, authority: string) {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-probe-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const ca = join(folder, 'ca.pem')
  await writeFile(ca, authority)
  const options = settings(`tls://127.0.0.1:${port}`, { tls: { ca } })
  const destination = createTls(options, hostPortOf(options.to), recordingLog())
  onTestFinished(() => destination.close())
  return destination
}

describe('a receiver', () => {
  it('that takes connections can be reached; it gets a goodbye and not a byte', async () => {
    const peer = await startReceiver()
    const ended = peer.socket(0).then((socket) => once(socket, 'end'))
    expect(await tcp(peer.port).probe(never)).toBeNull()
    await ended
    expect(peer.received()).toHaveLength(0)
  })

  it('that does not listen can not', async () => {
    const peer = await startReceiver()
    peer.server.close()
    expect(await tcp(peer.port).probe(never)).toMatch(/^connection refused by 127\.0\.0\.1/)
  })

  it.each(['destroy', 'resetAndDestroy'] as const)('that hangs up at once can not (%s)', async (hangUp) => {
    const peer = await startReceiver()
    peer.server.on('connection', (socket) => socket[hangUp]())
    expect(await tcp(peer.port).probe(never)).toMatch(/^connection (closed|reset) by/)
  })

  it('is not waited for when the destination is closed', async () => {
    const peer = await startReceiver()
    const closing = new AbortController()
    const probing = tcp(peer.port).probe(closing.signal)
    await peer.socket(0)
    closing.abort()
    expect(await probing).not.toBeNull()
  })
})

describe('a receiver with TLS', () => {
  it('can be reached when it proves who it is', async () => {
    const authority = await makeAuthority()
    const peer = await startReceiver({ tls: await makeCertificate({ authority }) })
    expect(await (await tls(peer.port, authority.cert)).probe(never)).toBeNull()
  })

  it('can not be reached when somebody else answers', async () => {
    const [authority, stranger] = [await makeAuthority(), await makeAuthority('Stranger')]
    const peer = await startReceiver({ tls: await makeCertificate({ authority: stranger }) })
    expect(await (await tls(peer.port, authority.cert)).probe(never)).toMatch(/no trusted chain/)
  })

  it('can not be reached when it asks for a client certificate, if only after the handshake', async () => {
    const authority = await makeAuthority()
    const server = await makeCertificate({ authority })
    const peer = await startReceiver({
      tls: { ...server, ca: authority.cert, requestCert: true, minVersion: 'TLSv1.3' },
    })
    expect(await (await tls(peer.port, authority.cert)).probe(never)).toMatch(
      /^connection closed by|TLS alert/,
    )
  })
})
