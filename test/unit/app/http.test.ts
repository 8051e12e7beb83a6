// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { Instance } from '../../../src/app/instance.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'
import { makeAuthority, makeCertificate } from '../../support/certificates.ts'
import { told } from '../../support/told.ts'
import { ask, Said } from '../http/asking.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-http-'))
})
afterEach(() => rm(folder, { recursive: true }))

const token = '0123456789abcdef'.repeat(2)

async function configWith(http: string) {
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `state: state\nsources: [{ name: EX01, folder: . }]\ndestinations: [{ name: a, to: 'udp://127.0.0.1:9' }]\nhttp: ${http}\n`,
  )
  return loadConfig(file, { env: { TOKEN: token } })
}

/** Runs an instance while `work` has the address at which it answers; gives what it logged. */
async function whileRunning(http: string, work: (url: string) => Promise<void>): Promise<Said> {
  const log = new Said()
  const stop = new AbortController()
  let worked: Promise<void> | undefined
  const onStart = () => {
    const { fields } = log.lines.find(({ text }) => text === 'info Listening for HTTP')!
    worked = work((fields as { url: string }).url).finally(() => stop.abort())
  }
  const config = await configWith(http)
  const instance = await Instance.open({ config, log, stop: stop.signal, follow: true, onStart })
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
