/** The way through a proxy, and which one it is. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { HttpsClient } from '../../../../src/destinations/https/client.ts'
import { proxyFor } from '../../../../src/destinations/https/proxy.ts'
import { LogsIngestion, rule } from '../../../support/logs-ingestion.ts'

const target = { host: 'mail.westeurope-1.ingest.monitor.azure.com', port: 443 }

describe('the proxy of the environment', () => {
  test.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'proxy:3128'],
    [{ https_proxy: 'proxy:3128' }, 'proxy:3128'],
    [{ ALL_PROXY: 'http://all:1' }, 'all:1'],
    [{ HTTPS_PROXY: 'http://proxy:3128', https_proxy: 'http://small:1' }, 'small:1'],
    [{ HTTPS_PROXY: '' }, undefined],
    [{}, undefined],
  ])('%j', (env, host) => {
    expect(proxyFor(target, env)?.host).toBe(host)
  })

  test.each([
    '*',
    'azure.com',
    '.azure.com',
    '*.monitor.azure.com',
    `x, ${target.host}:443`,
    target.host.toUpperCase(),
  ])('is passed by with NO_PROXY=%s', (NO_PROXY) => {
    expect(proxyFor(target, { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY })).toBeNull()
  })

  test.each(['zure.com', 'monitor.azure.com:80', 'com.example'])('is taken with NO_PROXY=%s', (NO_PROXY) => {
    expect(proxyFor(target, { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY })).not.toBeNull()
  })

  test('has to be an address, and its password is not told', () => {
    const error = (() => {
      try {
        return proxyFor(target, { HTTPS_PROXY: 'socks5://user:hunter2@proxy' })
      } catch (thrown) {
        return String(thrown)
      }
    })()
    expect(error).toContain('check HTTPS_PROXY')
    expect(error).not.toContain('hunter2')
  })
})

describe('through a proxy', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  /** One that connects, or answers with a status. */
  async function openProxy(status: number) {
    const seen: { path: string | undefined; authorization: string | undefined }[] = []
    const sockets = new Set<Socket>()
    const server: Server = createServer()
    server.on('connect', ({ url, headers }, socket: Socket) => {
      seen.push({ path: url, authorization: headers['proxy-authorization'] })
      sockets.add(socket)
      if (status !== 200) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
        return
      }
      const [host = '', port] = url?.split(':') ?? []
      const there = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(there).pipe(socket)
      })
      sockets.add(there)
      for (const each of [socket, there]) each.on('error', () => there.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resolve())
        }),
    )
    return { seen, port: (server.address() as AddressInfo).port }
  }

  async function post(status: number) {
    const standIn = await LogsIngestion.open()
    const proxy = await openProxy(status)
    const env = { HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` }
    const client = new HttpsClient({ host: 'localhost', port: standIn.port }, { env, ca: standIn.ca })
    closing.push(
      () => standIn.close(),
      async () => client.close(),
    )
    const path = `/dataCollectionRules/${rule}/streams/Custom-MessageTrackingLog_CL?api-version=2023-01-01`
    const answer = client.post(
      path,
      { authorization: 'Bearer x' },
      Buffer.from('[{"a":"b"}]'),
      new AbortController().signal,
    )
    return { answer, standIn, proxy }
  }

  test('posts arrive, and the certificate is that of the endpoint', async () => {
    const { answer, standIn, proxy } = await post(200)
    expect((await answer).status).toBe(204)
    expect(standIn.rows).toHaveLength(1)
    const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(proxy.seen).toEqual([{ path: `localhost:${standIn.port}`, authorization }])
  })

  test('that refuses, the reason names it, and no password', async () => {
    const { answer } = await post(407)
    const reason = await answer.then(() => '', String)
    expect(reason).toMatch(/the proxy 127\.0\.0\.1:\d+ answered 407: it asks for a user and password/)
    expect(reason).not.toContain('p@ss')
  })
})

test('an endpoint whose authority is not known is not posted to, and the reason says what to do', async () => {
  const standIn = await LogsIngestion.open()
  const client = new HttpsClient({ host: 'localhost', port: standIn.port }, { env: {} })
  const answer = client.post('/', {}, Buffer.from('[]'), new AbortController().signal)
  await expect(answer).rejects.toThrow(/has no trusted chain .*NODE_EXTRA_CA_CERTS/)
  expect(standIn.posts).toEqual([])
  client.close()
  await standIn.close()
})
