import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { pageRoutes } from '../../../src/app/page-routes.ts'
import { StatusHistory } from '../../../src/app/status-history.ts'
import type { Config } from '../../../src/config/schema.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { ask, listen } from '../http/asking.ts'
import { destination, status } from '../page/statuses.ts'

let folder: string
beforeEach(async () => {
  changes = []
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-page-'))
})
afterEach(() => rm(folder, { recursive: true }))

const token = '0123456789abcdef'.repeat(2)
const known = { Authorization: `Bearer ${token}` }
/** Who has paused or resumed something. */
let changes: string[]
const now = status({ destinations: [destination('siem', [])] })

/** Where the routes of such an instance are asked for. */
async function opened(options: { token?: string } = {}): Promise<string> {
  const config = {
    state: folder,
    destinations: [{ name: 'siem' }, { name: 'lake' }],
    http: {},
  } as unknown as Config
  const observer = { status: async () => now }
  const told = (destination: string, by: string) => {
    if (destination !== 'siem')
      throw new ProblemsError([{ where: { argument: 'x' }, message: 'is none', remedy: 'siem?' }])
    changes.push(by)
    return { destination, isNew: true, paused: null }
  }
  const pauses = { pause: told, resume: told }
  const history = new StatusHistory({ config }, observer)
  const listener = await listen({ routes: pageRoutes({ config, pauses }, observer, history), ...options })
  onTestFinished(async () => {
    history.close()
    await listener.close()
  })
  return listener.url
}

test('the files of the page are for anyone, under a policy that lets nothing else in', async () => {
  const url = await opened({ token })
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
  ]) {
    const { status, headers, body } = await ask(`${url}${path}`)
    expect([status, headers['content-type']]).toEqual([200, type])
    const policy = headers['content-security-policy']
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/)
    expect(body).not.toMatch(/\son\w+="|<script>|<style/)
  }
})

test('status and history need the token where one is set, dead letters always', async () => {
  const url = await opened({ token })
  const open = await opened()
  const statuses = async (base: string, headers = {}) =>
    Promise.all(
      ['/status', '/history', '/dead-letters'].map(
        async (path) => (await ask(`${base}${path}`, { headers })).status,
      ),
    )
  expect(await statuses(url)).toEqual([401, 401, 401])
  expect(await statuses(url, { Authorization: 'Bearer wrong' })).toEqual([401, 401, 401])
  expect(await statuses(url, known)).toEqual([200, 200, 200])
  expect(await statuses(open)).toEqual([200, 200, 403])
  expect(JSON.parse((await ask(`${open}/status`)).body)).toEqual(now)
  const { atMs } = JSON.parse((await ask(`${open}/history`)).body)
  expect(atMs).toEqual([Date.parse(now.at)])
})

test('dead letters are told of all destinations, the newest first, and nothing that is none', async () => {
  await mkdir(join(folder, 'siem'))
  const letter = (time: string, more: object) =>
    JSON.stringify({ time, file: '/logs/a.LOG', offset: 7, reason: 'no record', ...more })
  const long = 'x'.repeat(300_000)
  await writeFile(
    join(folder, 'siem/dead-letters.ndjson'),
    [
      letter('2026-11-20T00:00:00.000Z', { line: `too far back ${long}` }),
      letter('2026-11-27T00:00:02.000Z', { line: 'y'.repeat(5000), more: 'left out' }),
      'cut sho',
      letter('2026-11-27T00:00:01.000Z', { lineBase64: Buffer.from([0x61, 0xff]).toString('base64') }),
      '[]',
      'null',
      letter('2026-11-27T00:00:03.000Z', { withheldBytes: 12 }),
      '',
    ].join('\n'),
  )
  const url = await opened({ token })
  const { body } = await ask(`${url}/dead-letters`, { headers: known })
  const common = { destination: 'siem', file: '/logs/a.LOG', offset: 7, reason: 'no record' }
  expect(JSON.parse(body)).toEqual([
    { ...common, time: '2026-11-27T00:00:03.000Z', line: null, withheldBytes: 12 },
    { ...common, time: '2026-11-27T00:00:02.000Z', line: 'y'.repeat(2000), withheldBytes: null },
    { ...common, time: '2026-11-27T00:00:01.000Z', line: 'aÿ', withheldBytes: null },
  ])
})

test.each(['/pause', '/resume'])('%s needs the token, and says who did it', async (path) => {
  const url = await opened({ token })
  const post = async (base: string, body: object, headers = {}) => {
    const type = { 'Content-Type': 'application/json' }
    const answer = { method: 'POST', body: JSON.stringify(body), headers: { ...type, ...headers } }
    const { status, body: text } = await ask(`${base}${path}`, answer)
    return [status, JSON.parse(text)]
  }
  const siem = { destination: 'siem' }
  expect((await post(url, siem))[0]).toBe(401)
  expect((await post(await opened(), siem, known))[0]).toBe(403)
  expect((await post(url, siem, { ...known, Origin: 'http://other.example' }))[0]).toBe(403)
  expect((await post(url, { destination: 7 }, known))[0]).toBe(400)
  expect(await post(url, { destination: 'other' }, known)).toEqual([
    404,
    { error: 'is none', remedy: 'siem?' },
  ])
  expect(changes).toEqual([])
  expect(await post(url, siem, known)).toEqual([200, { destination: 'siem', isNew: true, paused: null }])
  expect(changes).toEqual(['the status page, from 127.0.0.1'])
})
