// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { type Told, told } from '../../support/told.ts'

let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'msgtrk-http-')), 'msgtrk.yaml')
})
afterEach(() => rm(dirname(file), { recursive: true }))

const secret = 'd0f5c8a1b2e34f6789ab'.repeat(2)

async function load(http: string) {
  await writeFile(file, `sources: [{ folder: /logs }]\ndestinations: [{ to: tls://siem }]\nhttp: ${http}\n`)
  return loadConfig(file, { env: { TOKEN: secret, SHORT: 'hunter2', BLANK: `${secret} x` } })
}

/** The problems, with `where` without the file. */
async function problemsIn(http: string): Promise<readonly Told[]> {
  const error = await load(http).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  return told(error.problems).map((problem) => ({ ...problem, where: problem.where.split(' ')[1] ?? '' }))
}

test('is off unless it is set', async () => {
  await writeFile(file, 'sources: [{ folder: /logs }]\ndestinations: [{ to: tls://siem }]\n')
  expect((await loadConfig(file)).http).toBeUndefined()
})

test.each(['127.0.0.1:9464', '[::1]:9464', 'localhost:9464'])(
  'may listen on %s without more',
  async (listen) => {
    expect((await load(`{ listen: '${listen}' }`)).http).toEqual({
      listen,
      allowedHosts: [],
      recentEvents: false,
    })
  },
)

test('may listen elsewhere with a certificate and a token', async () => {
  const config = await load(`
  listen: 0.0.0.0:9464
  tls: { cert: http.pem, key: /etc/http.key, passphrase: '\${env:SHORT}' }
  token: \${env:TOKEN}
  allowedHosts: [msgtrk.example.com]`)
  expect(config.http).toEqual({
    listen: '0.0.0.0:9464',
    tls: { cert: join(dirname(file), 'http.pem'), key: '/etc/http.key', passphrase: 'hunter2' },
    token: secret,
    allowedHosts: ['msgtrk.example.com'],
    recentEvents: false,
  })
})

describe('mistakes', () => {
  test('recent events need a token, also on loopback', async () => {
    const problems = await problemsIn('{ listen: 127.0.0.1:0, recentEvents: true }')
    expect(problems).toEqual([
      {
        where: 'http.recentEvents',
        message: expect.stringContaining('none is set'),
        remedy: expect.stringContaining('token'),
      },
    ])
  })

  test.each(['0.0.0.0:9464', "'[::]:9464'", '10.0.0.1:9464', 'siem.example:9464'])(
    'what other machines reach needs both, and all is told at once: %s',
    async (listen) => {
      const problems = await problemsIn(`{ listen: ${listen}, allowedHosts: ['https://a.example'], prot: 1 }`)
      expect(problems).toEqual([
        {
          where: 'http.allowedHosts.0',
          message: expect.stringContaining('no name'),
          remedy: expect.any(String),
        },
        { where: 'http.prot', message: 'is no setting', remedy: expect.any(String) },
        {
          where: 'http.tls',
          message: expect.stringContaining('other machines'),
          remedy: expect.stringContaining('127.0.0.1'),
        },
        {
          where: 'http.token',
          message: expect.stringContaining('other machines'),
          remedy: expect.stringContaining('${file:'),
        },
      ])
    },
  )

  test('port 9001 is refused with the reason', async () => {
    expect(await problemsIn('{ listen: 127.0.0.1:9001 }')).toEqual([
      {
        where: 'http.listen',
        message: expect.stringContaining('SmartConnector'),
        remedy: 'choose another, such as 9464',
      },
    ])
  })

  test.each(['9464', '127.0.0.1', '{}', "'*:9464'"])('%s is no address', async (listen) => {
    expect(await problemsIn(`{ listen: ${listen} }`)).toMatchObject([{ where: 'http.listen' }])
  })

  test('a token does not stand in the file', async () => {
    const problems = await problemsIn(`{ listen: 127.0.0.1:9464, token: ${secret} }`)
    expect(problems).toMatchObject([{ where: 'http.token', message: 'must not stand in the file itself' }])
    expect(await problemsIn(`{ listen: 127.0.0.1:9464, token: 'x\${env:TOKEN}' }`)).toMatchObject([
      { where: 'http.token', message: 'must not stand in the file itself' },
    ])
  })

  test.each(['SHORT', 'BLANK'])('a token that is too %s is told, and not shown', async (name) => {
    const problems = await problemsIn(`{ listen: 127.0.0.1:9464, token: '\${env:${name}}' }`)
    expect(problems).toMatchObject([{ where: 'http.token', remedy: 'make one: openssl rand -hex 32' }])
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|d0f5/)
  })

  test('a certificate needs its key', async () => {
    expect(await problemsIn('{ listen: 127.0.0.1:9464, tls: { cert: a.pem } }')).toMatchObject([
      { where: 'http.tls.key', message: 'is missing' },
    ])
  })
})

test('files that hold its secrets are known', async () => {
  await writeFile(join(dirname(file), 'token'), `${secret}\n`)
  const { secretFiles } = await load(
    `{ listen: 127.0.0.1:9464, token: '\${file:token}', tls: { cert: a.pem, key: a.key, passphrase: x } }`,
  )
  expect(secretFiles).toEqual([
    { file: join(dirname(file), 'a.key'), path: ['http', 'tls', 'key'] },
    { file, path: ['http', 'tls', 'passphrase'] },
    { file: join(dirname(file), 'token'), path: ['http', 'token'] },
  ])
})
