// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Instance } from '../../../src/app/instance.ts'
import type { InstanceView } from '../../../src/app/instance-view.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'
import { makeAuthority, makeCertificate } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import { told } from '../../support/told.ts'
import { ask, Said } from '../http/asking.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-http-'))
})
/** Ends what a test has left running, before its folder is removed: `onTestFinished` comes after `afterEach`. */
let end: (() => Promise<unknown>) | undefined
afterEach(async () => {
  await end?.()
  end = undefined
  await rm(folder, { recursive: true })
})

const token = '0123456789abcdef'.repeat(2)

async function configWith(http: string, to = 'udp://127.0.0.1:9') {
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `state: state\nsources: [{ name: EX01, folder: . }]\ndestinations: [{ name: a, to: '${to}' }]\nhttp: ${http}\n`,
  )
  return loadConfig(file, { env: { TOKEN: token } })
}

/** Runs an instance while `work` has the address at which it answers; gives what it logged. */
async function whileRunning(
  http: string,
  work: (url: string, instance: InstanceView) => Promise<void>,
  to?: string,
): Promise<Said> {
  const log = new Said()
  const stop = new AbortController()
  let worked: Promise<void> | undefined
  const onStart = (view: InstanceView) => {
    const { fields } = log.lines.find(({ text }) => text === 'info Listening for HTTP')!
    worked = work((fields as { url: string }).url, view).finally(() => stop.abort())
  }
  const config = await configWith(http, to)
  const read = () => loadConfig(join(folder, 'msgtrk.yaml'), { env: { TOKEN: token } })
  const instance = await Instance.open({ config, log, stop: stop.signal, follow: true, onStart, read })
  expect(await instance.run()).toBe(ExitCode.ok)
  await worked
  return log
}

test('an instance answers as long as it runs', async () => {
  let asked = ''
  await whileRunning('{ listen: 127.0.0.1:0 }', async (url) => {
    asked = url
    expect((await ask(`${url}/livez`)).status).toBe(200)
  })
  await expect(ask(`${asked}/livez`)).rejects.toThrow('ECONNREFUSED')
})

test('an instance answers over HTTPS, and its log does not tell the token', async () => {
  const authority = await makeAuthority()
  const { cert, key } = await makeCertificate({ authority })
  await writeFile(join(folder, 'http.pem'), cert)
  await writeFile(join(folder, 'http.key'), key)
  const http = "{ listen: '127.0.0.1:0', token: '${env:TOKEN}', tls: { cert: http.pem, key: http.key } }"
  const { lines } = await whileRunning(http, async (url) => {
    expect((await ask(`${url}/livez`, { ca: authority.cert, servername: 'localhost' })).status).toBe(200)
  })
  expect(JSON.stringify(lines)).not.toContain(token)
})

/** Nobody listens there. */
async function deadAddress(): Promise<string> {
  return `tcp://127.0.0.1:${await freePort()}`
}

const waiting = { timeout: 150_000, interval: 50 }

test('an instance whose receiver is away is alive and not ready, and says which and why to who is known', async () => {
  const to = await deadAddress()
  await whileRunning(
    "{ listen: '127.0.0.1:0', token: '${env:TOKEN}' }",
    async (url) => {
      const known = { headers: { authorization: `Bearer ${token}` } }
      const finding = await vi.waitFor(async () => {
        const { status, body } = await ask(`${url}/readyz`, known)
        expect(status).toBe(503)
        const { findings } = JSON.parse(body)
        const found = findings.find(({ part }: { part: string }) => part === 'destination a')
        expect(found).toBeDefined()
        return found
      }, waiting)
      expect(finding.why).toMatch(/refused/i)
      expect(finding.remedy).not.toBe('')
      const unknown = await ask(`${url}/readyz`)
      expect(unknown.status).toBe(503)
      expect(Object.keys(JSON.parse(unknown.body))).toEqual(['status'])
      expect((await ask(`${url}/livez`)).status).toBe(200)
      await vi.waitFor(async () => {
        const { body } = await ask(`${url}/metrics`, known)
        expect(body).toContain(`\nmsgtrk_destination_up{destination="a",receiver="${to}"} 0\n`)
      }, waiting)
      expect((await ask(`${url}/metrics`)).status).toBe(401)
    },
    to,
  )
})

test('metrics come as the kind of text that is asked for', async () => {
  await whileRunning('{ listen: 127.0.0.1:0 }', async (url) => {
    const plain = await ask(`${url}/metrics`)
    expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(plain.body).toContain('# TYPE msgtrk_events_delivered_total counter\n')
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5'
    const open = await ask(`${url}/metrics`, { headers: { accept } })
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(open.body).toMatch(/# TYPE msgtrk_events_delivered counter\n[\s\S]*\n# EOF\n$/)
  })
})

test('a reload takes another token, and one that failed is told', async () => {
  await whileRunning("{ listen: '127.0.0.1:0', token: '${env:TOKEN}' }", async (url, instance) => {
    const { port } = new URL(url)
    const metrics = (bearer: string) =>
      ask(`${url}/metrics`, { headers: { authorization: `Bearer ${bearer}` } })
    expect((await metrics(token)).body).toContain('\nmsgtrk_config_last_reload_successful 1\n')
    await configWith(`{ listen: 127.0.0.1:9001 }`).catch(() => undefined)
    await expect(instance.reload({ by: 'a test' })).rejects.toThrow('SmartConnector')
    await vi.waitFor(async () => {
      expect((await metrics(token)).body).toContain('\nmsgtrk_config_last_reload_successful 0\n')
    }, waiting)
    const other = 'b'.repeat(40)
    await writeFile(join(folder, 'other'), other)
    // The same port of a name, which is the same address or another one.
    await configWith(`{ listen: 'localhost:${port}', token: '\${file:other}' }`)
    await instance.reload({ by: 'a test' })
    const metricsNow = (bearer: string) =>
      ask(`http://localhost:${port}/metrics`, { headers: { authorization: `Bearer ${bearer}` } })
    expect((await metricsNow(token)).status).toBe(401)
    await vi.waitFor(async () => {
      expect((await metricsNow(other)).body).toContain('\nmsgtrk_config_last_reload_successful 1\n')
    }, waiting)
  })
})

test('a port that is taken ends the start before anything is sent', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const config = await configWith(`{ listen: 127.0.0.1:${port} }`)
  let hasStarted = false
  const onStart = () => {
    hasStarted = true
  }
  const stop = new AbortController().signal
  const instance = await Instance.open({ config, log: new Said(), stop, follow: true, onStart })
  const error = await instance.run().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ProblemsError)
  const { problems, exitCode } = error as ProblemsError
  expect(told(problems)).toEqual([
    {
      where: `${folder}/msgtrk.yaml:4 http.listen`,
      message: 'is taken: another program listens there',
      remedy: expect.stringContaining('another port'),
    },
  ])
  expect([exitCode, hasStarted]).toEqual([ExitCode.failed, false])
})

test('a certificate that is none is told with all other mistakes', async () => {
  await writeFile(join(folder, 'http.pem'), 'not in PEM form')
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `stat: x
sources: [{ folder: . }]
destinations: [{ to: 'tls://siem', tls: { ca: none.pem } }]
http: { listen: '127.0.0.1:0', tls: { cert: http.pem, key: none.key } }
`,
  )
  const error = await readConfig(file).catch((error: unknown) => error)
  expect(told((error as ProblemsError).problems).map(({ where }) => where.replace(file, ''))).toEqual([
    ':1 stat',
    ':3 destinations.0.tls.ca',
    ':4 http.tls.key',
    ':4 http.tls.cert',
  ])
})

test('a reload listens elsewhere, or with another token, or not at all', async () => {
  const log = new Said()
  const stop = new AbortController()
  const urls = () =>
    log.lines.flatMap(({ text, fields }) =>
      text === 'info Listening for HTTP' ? [(fields as { url: string }).url] : [],
    )
  const config = await configWith('{ listen: 127.0.0.1:0 }')
  const read = () => readConfig(join(folder, 'msgtrk.yaml'), { env: { TOKEN: token } })
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const instance = await Instance.open({
    config,
    log,
    stop: stop.signal,
    follow: true,
    read,
    onStart: () => begin(),
  })
  const running = instance.run()
  end = () => {
    stop.abort()
    return running
  }
  await begun
  const [first = ''] = urls()

  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  await configWith(`{ listen: 127.0.0.1:${(taken.address() as AddressInfo).port} }`)
  await expect(instance.reload({ by: 'test' })).rejects.toThrow('is taken')
  expect((await ask(`${first}/livez`)).status).toBe(200)

  await configWith('{ listen: localhost:0 }')
  expect(await instance.reload({ by: 'test' })).toMatchObject({ changed: ['http.listen'], kept: ['a'] })
  const second = urls().at(-1) ?? ''
  expect((await ask(`${second}/livez`)).status).toBe(200)
  await expect(ask(`${first}/livez`)).rejects.toThrow('ECONNREFUSED')

  await configWith(`{ listen: localhost:0, token: '\${env:TOKEN}' }`)
  expect(await instance.reload({ by: 'test' })).toMatchObject({ changed: ['http.token'] })
  const third = urls().at(-1) ?? ''
  expect((await ask(`${third}/metrics`)).status).toBe(401)

  const withHttp = await readFile(join(folder, 'msgtrk.yaml'), 'utf8')
  await writeFile(join(folder, 'msgtrk.yaml'), withHttp.replace(/^http:.*$/m, ''))
  expect(await instance.reload({ by: 'test' })).toMatchObject({ changed: ['http'], kept: ['a'] })
  await expect(ask(`${third}/livez`)).rejects.toThrow('ECONNREFUSED')
  stop.abort()
  expect(await running).toBe(ExitCode.ok)
})
