import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { type Receiver, type ReceiverOptions, startReceiver } from '../../../src/receive/receiver.ts'
import { makeSelfSigned } from '../../../src/receive/self-signed.ts'
import { ending } from './ending.ts'

const certificate = makeSelfSigned()
const event = '<134>Nov 22 00:00:00 EX01 CEF:0|Microsoft|Exchange Server|15|SEND|SEND|3| msg=hello'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Heard {
  readonly receiver: Receiver
  readonly frames: string[]
  readonly problems: string[]
  /** Resolves when there are `count` frames. */
  frameCount(count: number): Promise<void>
  problemCount(count: number): Promise<void>
}

async function start(listen: string, more: Partial<ReceiverOptions> = {}): Promise<Heard> {
  const frames: string[] = []
  const problems: string[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of waiting) check()
  }
  const until = (list: readonly string[], count: number) =>
    new Promise<void>((done) => {
      const check = () => {
        if (list.length < count) return
        waiting.delete(check)
        done()
      }
      waiting.add(check)
      check()
    })
  const receiver = await startReceiver({
    listen,
    onFrame(frame) {
      frames.push(frame.toString())
      wake()
    },
    onProblem({ kind, peer, reason }) {
      expect(peer).toMatch(/^127\.0\.0\.1:[1-9]/)
      problems.push(`${kind}: ${reason}`)
      wake()
    },
    ...more,
  })
  cleanups.push(() => receiver.close())
  return {
    receiver,
    frames,
    problems,
    frameCount: (count) => until(frames, count),
    problemCount: (count) => until(problems, count),
  }
}

async function connected(receiver: Receiver): Promise<Socket> {
  const { protocol } = new URL(receiver.url)
  const { cert } = await certificate
  const socket =
    protocol === 'tls:'
      ? connectTls({ host: '127.0.0.1', port: receiver.port, ca: cert, servername: 'localhost' })
      : connect({ host: '127.0.0.1', port: receiver.port })
  cleanups.push(() => socket.destroy())
  await once(socket, protocol === 'tls:' ? 'secureConnect' : 'connect')
  return socket
}

async function tlsOptions(): Promise<Partial<ReceiverOptions>> {
  const { cert, key } = await certificate
  return { tls: { cert, key } }
}

describe.each(['tcp', 'tls'])('%s', (protocol) => {
  const listen = `${protocol}://127.0.0.1:0`

  test('reads everything a peer sent before it half-closed, then closes cleanly', async () => {
    const { receiver, frames, problems } = await start(listen, await tlsOptions())
    const socket = await connected(receiver)
    const sent = Array.from({ length: 20_000 }, (_, index) => `${event} ${index}`)
    socket.end(`${sent.join('\n')}\n`)
    expect(await ending(socket)).toBe('clean')
    // The sender has seen the end: by then every frame must have been handed out.
    expect(frames).toEqual(sent)
    expect(problems).toEqual([])
  })

  test('detects the framing of each connection', async () => {
    const heard = await start(listen, await tlsOptions())
    const lines = await connected(heard.receiver)
    const counted = await connected(heard.receiver)
    lines.write('<1>line\n')
    await heard.frameCount(1)
    counted.write('9 <1>\ncount')
    await heard.frameCount(2)
    expect(heard.frames).toEqual(['<1>line', '<1>\ncount'])
    expect(heard.receiver.connections).toBe(2)
  })

  test('takes as many connections as it may, tells once of the others, and takes more when there is room', async () => {
    const { receiver, frames, problems, frameCount, problemCount } = await start(listen, {
      ...(await tlsOptions()),
      maxConnections: 2,
    })
    const [first, second] = [await connected(receiver), await connected(receiver)]
    for (let more = 0; more < 3; more++) {
      const refused = connect({ host: '127.0.0.1', port: receiver.port })
      await ending(refused)
    }
    await problemCount(1)
    second.end()
    await ending(second)
    await vi.waitFor(() => expect(receiver.connections).toBe(1), 150_000)
    const third = await connected(receiver)
    third.write('<1>third\n')
    await frameCount(1)
    first.write('<1>first\n')
    await frameCount(2)
    expect(frames).toEqual(['<1>third', '<1>first'])
    expect(problems).toEqual(['connection: Refused, as are all that follow: 2 connections are open.'])
  })

  test('gives up the longest of the frames that have begun when they are too much together', async () => {
    const { receiver, frames, frameCount, problemCount, problems } = await start(listen, {
      ...(await tlsOptions()),
      maxBegunBytes: 300_000,
    })
    const honest = await connected(receiver)
    honest.write('<1>begun')
    const greedy = await Promise.all([1, 2, 3].map(() => connected(receiver)))
    const ends = greedy.map(ending)
    for (const socket of greedy) socket.write('C'.repeat(150_000))
    await problemCount(1)
    await Promise.race(ends)
    honest.write(' and ended\n')
    await frameCount(1)
    expect(frames).toEqual(['<1>begun and ended'])
    expect(problems[0]).toMatch(/^frame: Closed in the middle of a frame/)
  })

  test('resets a connection it can not read on', async () => {
    const { receiver, frames, problems } = await start(listen, await tlsOptions())
    const socket = await connected(receiver)
    socket.write('1 ax')
    expect(await ending(socket)).toBe('reset')
    expect(frames).toEqual(['a'])
    expect(problems[0]).toMatch(/^frame: An octet count/)
  })

  test('holds senders up while paused, also new ones', async () => {
    const heard = await start(listen, await tlsOptions())
    const before = await connected(heard.receiver)
    before.write('<1>first\n')
    await heard.frameCount(1)
    heard.receiver.pause()
    before.write('<1>second\n')
    const later = await connected(heard.receiver)
    later.end('<1>third\n')
    // What goes through another receiver meanwhile shows that there was time to read.
    const other = await start(listen, await tlsOptions())
    ;(await connected(other.receiver)).write('<1>other\n')
    await other.frameCount(1)
    expect(heard.frames).toEqual(['<1>first'])
    const ended = ending(later)
    heard.receiver.resume()
    expect(await ended).toBe('clean')
    await heard.frameCount(3)
    expect(heard.frames.toSorted()).toEqual(['<1>first', '<1>second', '<1>third'])
  })

  test('destroyed connections are reset; the receiver goes on', async () => {
    const heard = await start(listen, await tlsOptions())
    const first = await connected(heard.receiver)
    first.write('<1>a\n')
    await heard.frameCount(1)
    const ended = ending(first)
    heard.receiver.destroyConnections()
    expect(await ended).toBe('reset')
    const second = await connected(heard.receiver)
    second.write('<1>b\n')
    await heard.frameCount(2)
  })

  test('close ends it although connections are open', async () => {
    const heard = await start(listen, await tlsOptions())
    const socket = await connected(heard.receiver)
    socket.write('<1>a\n')
    await heard.frameCount(1)
    const ended = ending(socket)
    await heard.receiver.close()
    expect(await ended).toBe('reset')
    expect(heard.problems).toEqual([])
    await heard.receiver.close()
  })
})

test('a stream that ends inside a frame is an error', async () => {
  const heard = await start('tcp://127.0.0.1:0')
  const socket = await connected(heard.receiver)
  socket.end('<1>a\n<1>b')
  expect(await ending(socket)).toBe('clean')
  expect(heard.frames).toEqual(['<1>a'])
  expect(heard.problems).toEqual(['frame: The stream ended in the middle of a frame.'])
})

test('says when a peer breaks the connection', async () => {
  const heard = await start('tcp://127.0.0.1:0')
  const socket = await connected(heard.receiver)
  socket.write('<1>a\n')
  await heard.frameCount(1)
  socket.resetAndDestroy()
  await heard.problemCount(1)
  expect(heard.problems[0]).toMatch(/^connection: The connection broke/)
})

test.each(['127.0.0.1', '[::1]', 'localhost'])('listens on %s', async (host) => {
  const { receiver } = await start(`tcp://${host}:0`)
  expect(receiver.url).toBe(`tcp://${host}:${receiver.port}`)
  expect(receiver.port).toBeGreaterThan(0)
})

test('a datagram is a frame', async () => {
  const heard = await start('udp://127.0.0.1:0')
  const socket = createSocket('udp4')
  cleanups.push(() => socket.close())
  socket.send('<1>a\nb\n', heard.receiver.port, '127.0.0.1')
  await heard.frameCount(1)
  expect(heard.frames).toEqual(['<1>a\nb\n'])
})

describe('tls', () => {
  test('requires a client certificate when a CA is given', async () => {
    const { cert, key } = await certificate
    const heard = await start('tls://127.0.0.1:0', { tls: { cert, key, ca: cert } })
    const stranger = connectTls({ host: '127.0.0.1', port: heard.receiver.port, ca: cert })
    expect(await ending(stranger)).toBe('reset')
    await heard.problemCount(1)
    expect(heard.problems[0]).toMatch(/^connection: The TLS handshake failed/)
    const known = connectTls({ host: '127.0.0.1', port: heard.receiver.port, ca: cert, cert, key })
    known.end('<1>a\n')
    expect(await ending(known)).toBe('clean')
    expect(heard.frames).toEqual(['<1>a'])
  })

  test('the certificate made on the spot is for localhost and has a fingerprint', async () => {
    const { receiver } = await start('tls://127.0.0.1:0', await tlsOptions())
    const { cert, fingerprint } = await certificate
    for (const name of ['localhost', '127.0.0.1', '::1']) {
      const socket = connectTls({ host: '127.0.0.1', port: receiver.port, ca: cert, ...nameOf(name) })
      await once(socket, 'secureConnect')
      expect(socket.authorized).toBe(true)
      expect(socket.getPeerCertificate().fingerprint256).toBe(fingerprint)
      socket.destroy()
    }
    expect(fingerprint).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/)
  })
})

/** An IP address is no name for SNI: it is checked against the certificate alone. */
function nameOf(name: string): object {
  if (name === 'localhost') return { servername: name }
  return { checkServerIdentity: (_: string, seen: { subjectaltname?: string }) => checkAddress(name, seen) }
}

function checkAddress(address: string, { subjectaltname = '' }: { subjectaltname?: string }) {
  const written = address === '::1' ? '0:0:0:0:0:0:0:1' : address
  return subjectaltname.includes(`IP Address:${written}`) ? undefined : new Error(subjectaltname)
}

describe('what can be mended is said with its remedy', () => {
  test.each(['tcp://127.0.0.1', 'http://127.0.0.1:80', '127.0.0.1:5514', 'tcp://a b:1', 'tcp://x:70000'])(
    'the address %s',
    async (listen) => {
      await expect(start(listen)).rejects.toThrow(/is no address to listen on.\n {2}→ Write tcp:/)
    },
  )

  test('a port that is taken', async () => {
    const { receiver } = await start('tcp://127.0.0.1:0')
    const again = start(receiver.url)
    await expect(again).rejects.toBeInstanceOf(ProblemsError)
    await expect(again).rejects.toThrow(/EADDRINUSE[\s\S]*Another program listens there/)
  })

  test('an address of another machine', async () => {
    await expect(start('udp://192.0.2.1:0')).rejects.toThrow(/Choose an address of this machine/)
  })

  test('a certificate that is none', async () => {
    const tls = { cert: 'no', key: 'no' }
    await expect(start('tls://127.0.0.1:0', { tls })).rejects.toThrow(/can't be used/)
    await expect(start('tls://127.0.0.1:0')).rejects.toThrow(/needs a certificate/)
  })
})
