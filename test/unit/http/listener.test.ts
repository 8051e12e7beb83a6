import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HttpListener, ListenerOptions } from '../../../src/http/listener.ts'
import { livez } from '../../../src/http/probes.ts'
import { type HttpRoute, json } from '../../../src/http/routes.ts'
import { makeAuthority, makeCertificate } from '../../support/certificates.ts'
import { ask, listen, Said, sendRaw } from './asking.ts'

const token = 'a'.repeat(32)
const authorization = `Bearer ${token}`

/** One route of each access, and one that steers and says what it was sent. */
const routes: readonly HttpRoute[] = [
  { method: 'GET', path: '/open', access: 'anyone', handler: ({ isKnown }) => json({ isKnown }) },
  { method: 'GET', path: '/known', access: 'known', handler: ({ isKnown }) => json({ isKnown }) },
  { method: 'GET', path: '/secret', access: 'token', handler: () => json('secret') },
  { method: 'POST', path: '/steer', access: 'token', handler: ({ body }) => json({ body }) },
]

async function opened(options: Partial<ListenerOptions> = {}): Promise<HttpListener> {
  const listener = await listen({ routes, ...options })
  onTestFinished(() => listener.close())
  return listener
}

test('answers that it is alive', async () => {
  const { url } = await opened({ routes: [livez] })
  const { status, body } = await ask(`${url}/livez`)
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ status: 'alive' })
})

test('every answer has the headers that keep browsers from doing harm with it, and no cookie', async () => {
  const { url } = await opened({ token })
  for (const path of ['/open', '/secret', '/nowhere']) {
    const { headers } = await ask(url + path)
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    })
    expect(
      Object.keys(headers).filter((name) => /cookie|access-control|powered|^server$/.test(name)),
    ).toEqual([])
  }
})

describe('a name that it is asked for by', () => {
  test.each([
    '127.0.0.1:80',
    'localhost',
    'LocalHost:9464',
    '[::1]:9464',
    '10.1.2.3',
    'logs.example.com.:443',
  ])('%s is known', async (host) => {
    const { url } = await opened({ allowedHosts: ['Logs.example.com'] })
    expect((await ask(`${url}/open`, { headers: { host } })).status).toBe(200)
  })

  test.each([
    'evil.example',
    'evil.example:9464',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'x@127.0.0.1',
    '[evil]',
  ])('%j is not: a page could have made it point here', async (host) => {
    const { url } = await opened({ allowedHosts: ['logs.example.com'] })
    const { status, body } = await ask(`${url}/open`, { headers: { host } })
    expect(status).toBe(421)
    expect(JSON.parse(body).remedy).toContain('allowedHosts')
  })

  test('is asked for: without one nothing is answered', async () => {
    const { url } = await opened()
    expect(await sendRaw(url, 'GET /open HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await sendRaw(url, 'GET /open HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /)
    expect(await sendRaw(url, 'GET /open HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(/ 421 /)
  })
})

describe('a page of another site', () => {
  const crossSite = { 'sec-fetch-site': 'cross-site' }

  test.each([
    ['fetches', { ...crossSite, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    [
      'fetches from a neighbouring name',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ],
    ['frames', { ...crossSite, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['fetches with an older browser', { origin: 'https://evil.example' }],
    ['fetches from a sandbox', { origin: 'null' }],
  ])('%s in vain', async (_, headers) => {
    const { url } = await opened()
    expect((await ask(`${url}/open`, { headers })).status).toBe(403)
  })

  test('may have a link that leads here', async () => {
    const { url } = await opened()
    const headers = { ...crossSite, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(`${url}/open`, { headers })).status).toBe(200)
  })

  test.each([
    ['a form', { ...crossSite, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['a form of an older browser', { origin: 'http://evil.example' }],
    ['a form on another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
  ])('can not steer, not even with the token: %s', async (_, headers) => {
    const { url } = await opened({ token })
    const all = { ...headers, authorization, 'content-type': 'application/json' }
    expect((await ask(`${url}/steer`, { method: 'POST', headers: all, body: '{}' })).status).toBe(403)
  })

  test('is told nothing of what it may send', async () => {
    const { url } = await opened({ token })
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    const answer = await ask(`${url}/steer`, { method: 'OPTIONS', headers })
    expect(answer.status).toBe(403)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('the token', () => {
  test('opens what it is for', async () => {
    const { url } = await opened({ token })
    for (const path of ['/known', '/secret']) {
      expect((await ask(url + path, { headers: { authorization } })).status).toBe(200)
      expect((await ask(url + path, { headers: { authorization: `bearer  ${token}` } })).status).toBe(200)
    }
    expect((await ask(`${url}/open`, { headers: { authorization } })).body).toContain('true')
  })

  test.each(['', 'Bearer', `Bearer ${token}a`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token])(
    '%j is another one',
    async (wrong) => {
      const log = new Said()
      const { url } = await opened({ token, log })
      for (const path of ['/known', '/secret']) {
        const { status, headers } = await ask(url + path, { headers: { authorization: wrong } })
        expect(status).toBe(401)
        expect(headers['www-authenticate']).toMatch(/^Bearer /)
      }
      expect((await ask(`${url}/open`, { headers: { authorization: wrong } })).body).toContain('false')
      expect(log.lines.map(({ text }) => text)).toContain('warn Asked over HTTP with a wrong token')
      expect(JSON.stringify(log.lines)).not.toContain('aaaa')
    },
  )

  test('that nobody set opens nothing, and is not needed where nobody else reaches the address', async () => {
    const { url } = await opened()
    expect((await ask(`${url}/known`)).body).toContain('true')
    const secret = await ask(`${url}/secret`, { headers: { authorization } })
    expect(secret.status).toBe(403)
    expect(JSON.parse(secret.body).remedy).toBe('set http.token')
  })
})

describe('what is sent along', () => {
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const { url } = await opened({ token })
    const all = { authorization, 'content-type': 'application/json; charset=utf-8', ...headers }
    return ask(`${url}/steer`, { method: 'POST', headers: all, body })
  }

  test('is JSON, or nothing', async () => {
    expect((await post('{"a":1}')).body).toBe('{"body":{"a":1}}\n')
    expect((await post('', { 'content-type': 'text/plain' })).status).toBe(200)
    expect((await post('{"a":')).status).toBe(400)
  })

  test('is not taken as what a form could send', async () => {
    expect((await post('{"a":1}', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('is bounded', async () => {
    expect((await post(JSON.stringify('x'.repeat(16_000)))).status).toBe(200)
    expect((await post(JSON.stringify('x'.repeat(17_000)))).status).toBe(413)
  })
})

test('says what there is where nothing is, and which methods', async () => {
  const { url } = await opened()
  const nowhere = await ask(`${url}/nowhere`)
  expect(nowhere.status).toBe(404)
  expect(JSON.parse(nowhere.body).remedy).toContain('/open, /known')
  for (const [method, path] of [
    ['POST', '/open'],
    ['DELETE', '/open'],
    ['TRACE', '/open'],
  ]) {
    const { status, headers } = await ask(url + path, { method })
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  }
  const head = await ask(`${url}/open`, { method: 'HEAD' })
  expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '17'])
})

test('what is asked for elsewhere is not here', async () => {
  const { url } = await opened()
  for (const target of [
    'http://evil.example/open',
    '//evil.example/open',
    '*',
    '/open/',
    '/OPEN',
    '/%6fpen',
  ]) {
    const text = await sendRaw(url, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    expect(text, target).toMatch(/^HTTP\/1\.1 404 /)
  }
})

describe('bounds', () => {
  test('headers of more than 8 KiB are refused', async () => {
    const { url } = await opened()
    const headers = { 'x-long': 'x'.repeat(9000) }
    expect((await ask(`${url}/open`, { headers })).status).toBe(431)
  })

  test('a connection that asks nothing is ended, and one that asks very slowly', async () => {
    const { url } = await opened()
    const [silent, slow] = await Promise.all([
      sendRaw(url, ''),
      sendRaw(url, 'GET /open HTTP/1.1\r\nHost: local'),
    ])
    expect(silent).toMatch(/^(HTTP\/1\.1 408 |$)/)
    expect(slow).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  test('more than 64 connections are turned away, and others go on', async () => {
    const { url } = await opened()
    const { hostname, port } = new URL(url)
    const held = Array.from({ length: 64 }, () => connect(Number(port), hostname))
    onTestFinished(() => void held.map((socket) => socket.destroy()))
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const first = held[0]!
    const answered = once(first, 'data')
    first.write('GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /)
    await expect(ask(`${url}/open`)).rejects.toThrow(/ECONNRESET|socket hang up/)
  })
})

test('many questions at a time are no reason for a warning', async () => {
  const warnings: string[] = []
  const warned = ({ message }: Error) => void warnings.push(message)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  let asked = 0
  let allCame = () => {}
  const come = new Promise<void>((resolve) => {
    allCame = resolve
  })
  const handler = async () => {
    if (++asked === 20) allCame()
    await come
    return json('done')
  }
  const { url } = await opened({ routes: [{ method: 'GET', path: '/slow', access: 'anyone', handler }] })
  await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/slow`)))
  // Warnings are told in a later turn.
  await new Promise((resolve) => setImmediate(resolve))
  expect(warnings).toEqual([])
})

test('an answer that fails is said here, not there', async () => {
  const log = new Said()
  const fails: HttpRoute = {
    method: 'GET',
    path: '/fails',
    access: 'anyone',
    handler: () => Promise.reject(new Error('the secret reason')),
  }
  const { url } = await opened({ routes: [fails], log })
  const { status, body } = await ask(`${url}/fails?q=1`)
  expect(status).toBe(500)
  expect(body).not.toContain('reason')
  expect(log.lines).toEqual([
    {
      text: 'error An answer over HTTP failed',
      fields: { path: '/fails', error: expect.stringContaining('the secret reason') },
    },
  ])
})

test('who goes amid the question is no fault', async () => {
  const log = new Said()
  const listener = await listen({ routes, token, log })
  const { hostname, port } = new URL(listener.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /steer HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nExpect: 100-continue\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  // It is let in, and its body waited for.
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 100 /)
  socket.destroy()
  await once(socket, 'close')
  expect((await ask(`${listener.url}/open`)).status).toBe(200)
  await listener.close()
  expect(log.lines).toEqual([])
})

describe('an answer in parts', () => {
  /** Sends a part, then waits until nobody listens any more. */
  function endless(): { readonly route: HttpRoute; readonly ended: Promise<void> } {
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    async function* parts(gone: AbortSignal): AsyncGenerator<string> {
      try {
        yield 'first'
        await once(gone, 'abort')
      } finally {
        end()
      }
    }
    const handler: HttpRoute['handler'] = ({ signal }) => ({
      status: 200,
      type: 'text/event-stream',
      body: parts(signal),
    })
    return { route: { method: 'GET', path: '/parts', access: 'anyone', handler }, ended }
  }

  test('ends when whoever asked has gone, without a word', async () => {
    const log = new Said()
    const { route, ended } = endless()
    const { url } = await opened({ routes: [route], log })
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.write('GET /parts HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    await ended
    expect(log.lines).toEqual([])
  })

  test('ends with the listener', async () => {
    const { route, ended } = endless()
    const listener = await listen({ routes: [route] })
    const { hostname, port } = new URL(listener.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.write('GET /parts HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    await listener.close()
    await ended
  })
})

test('answers over HTTPS, and not without it', async () => {
  const authority = await makeAuthority()
  const { cert, key } = await makeCertificate({ authority })
  const { url } = await opened({ tls: { cert, key } })
  expect(url).toMatch(/^https:/)
  expect((await ask(`${url}/open`, { ca: authority.cert, servername: 'localhost' })).status).toBe(200)
  await expect(ask(`${url.replace('https', 'http')}/open`)).rejects.toThrow()
})

test('a port that is taken is the error of the system', async () => {
  const { url } = await opened()
  const port = Number(new URL(url).port)
  await expect(listen({ address: { host: '127.0.0.1', port } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
