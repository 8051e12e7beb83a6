import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { AllEventShares } from '../../../src/app/event-shares.ts'
import { pageRoutes } from '../../../src/app/page-routes.ts'
import { RecentEvents } from '../../../src/app/recent-events.ts'
import { StatusHistory } from '../../../src/app/status-history.ts'
import { Tap } from '../../../src/app/tap.ts'
import type { Taps } from '../../../src/app/taps.ts'
import type { Config } from '../../../src/config/schema.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import { Events } from '../../../src/flow/events.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { destination, status } from '../../support/statuses.ts'
import { ask, listen } from '../http/asking.ts'
import { batchOf } from './batches.ts'

let folder: string
beforeEach(async () => {
  changes = []
  looked = []
  made = { statuses: 0, ids: 0 }
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-page-'))
})
afterEach(() => rm(folder, { recursive: true }))

const token = '0123456789abcdef'.repeat(2)
const known = { Authorization: `Bearer ${token}` }
/** Who has paused or resumed something. */
let changes: string[]
/** Who looks on. */
let looked: string[]
/** How often what many ask for was put together: the status as text, and the event ids. */
let made: { statuses: number; ids: number }
/** Such a batch goes out now. */
let send: (batch: Batch) => void
const now = status({ destinations: [destination('siem', [])] })

/** Where the routes of such an instance are asked for. */
async function opened({
  recentEvents = false,
  ...options
}: {
  readonly token?: string
  readonly recentEvents?: boolean
} = {}): Promise<string> {
  const config = {
    state: folder,
    destinations: [{ name: 'siem' }, { name: 'lake' }],
    http: { recentEvents },
  } as unknown as Config
  // The same for all who ask within a second.
  const counted = Object.defineProperty({ ...now }, 'toJSON', {
    value: () => {
      made.statuses++
      return now
    },
  })
  const observer = { status: async () => counted }
  const told = (destination: string, by: string) => {
    if (destination !== 'siem')
      throw new ProblemsError([{ where: { argument: 'x' }, message: 'is none', remedy: 'siem?' }])
    changes.push(by)
    return { destination, isNew: true, paused: null }
  }
  const pauses = { pause: told, resume: told }
  const history = new StatusHistory({ config }, observer)
  const events = new Events()
  send = (batch) => events.sending(batch)
  const shares = new AllEventShares(() => true)
  shares.begins({ name: 'siem', events })
  const countedShares = {
    of: (names: readonly string[]) => {
      made.ids++
      return shares.of(names)
    },
  }
  const open: Taps['open'] = ({ by, framesPerSecond }, signal) => {
    looked.push(by)
    const tap = new Tap(() => 0, framesPerSecond)
    const listener = { sending: (batch: Batch) => tap.take('siem', 'datagram', batch) }
    events.add(listener)
    signal.addEventListener('abort', () => events.remove(listener))
    return tap
  }
  const recent = new RecentEvents({ open })
  onTestFinished(() => recent.close())
  const routes = pageRoutes({ config, pauses }, observer, history, { shares: countedShares, recent })
  const listener = await listen({ routes, ...options })
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

test.each<[accepted: string, encoding: string | undefined]>([
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate', 'gzip'],
  ['br;q=1.0, GZIP;q=0.8', 'br'],
  ['br;q=0, GZIP;q=0.8', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.00, identity', undefined],
  ['x-gzip, brotli', undefined],
  ['', undefined],
])('to who accepts %j the files of the page come as %s', async (accepted, encoding) => {
  const url = await opened()
  const answer = await fetch(`${url}/page.js`, { headers: { 'Accept-Encoding': accepted } })
  const plain = await ask(`${url}/page.js`)
  expect(answer.headers.get('content-encoding') ?? undefined).toBe(encoding)
  expect(answer.headers.get('vary')).toBe('Accept-Encoding')
  expect(await answer.text()).toBe(plain.body)
})

test.each([
  ['identity', 100_000],
  ['gzip', 41_000],
  ['br', 37_000],
])('the whole page, as %s, has at most %i bytes on the way', async (accepted, most) => {
  const url = await opened()
  let bytes = 0
  for (const path of ['/', '/page.js', '/page.css', '/icon.svg']) {
    const { headers } = await fetch(`${url}${path}`, { headers: { 'Accept-Encoding': accepted } })
    bytes += Number(headers.get('content-length'))
  }
  expect(bytes).toBeLessThanOrEqual(most)
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

const frameOf = (id: string, values: string) =>
  `<13>1 2026-11-27T00:00:00Z ex01 msgtrk - - - CEF:0|Microsoft|Exchange|15|${id}|mail|3|${values}`

test('event ids and recent events need the token always, recent events a setting as well', async () => {
  const url = await opened({ token })
  const open = await opened()
  for (const path of ['/event-ids', '/events']) {
    expect((await ask(`${url}${path}`)).status).toBe(401)
    expect((await ask(`${open}${path}`)).status).toBe(403)
  }
  const refused = await ask(`${url}/events`, { headers: known })
  expect([refused.status, JSON.parse(refused.body).remedy]).toEqual([
    409,
    'set http.recentEvents: true in the configuration',
  ])
  expect(looked).toEqual([])
  const { body } = await ask(`${url}/event-ids`, { headers: known })
  const nothing = ['siem', 'lake'].map((destination) => ({ destination, ids: [] }))
  expect(JSON.parse(body)).toEqual({ recentEvents: false, destinations: nothing })
})

test('event ids are told of what went out', async () => {
  const url = await opened({ token })
  send(batchOf(frameOf('FAIL', 'act=failed'), frameOf('SEND', 'act=sent'), frameOf('SEND', 'act=sent')))
  const { destinations } = JSON.parse((await ask(`${url}/event-ids`, { headers: known })).body)
  expect(destinations[0]).toEqual({
    destination: 'siem',
    ids: [
      { id: 'SEND', events: 2 },
      { id: 'FAIL', events: 1 },
    ],
  })
})

test('ten pages cost little more than one: what they ask for is put together and written once', async () => {
  const url = await opened({ token })
  const beganMs = performance.now()
  for (let page = 0; page < 10; page++) {
    for (const path of ['/status', '/event-ids']) {
      expect((await ask(`${url}${path}`, { headers: known })).status).toBe(200)
    }
  }
  expect(made.statuses).toBe(1)
  expect(made.ids).toBeLessThanOrEqual(1 + Math.floor((performance.now() - beganMs) / 1000))
})

test('recent events come with what each value is called, from when somebody asks', async () => {
  const url = await opened({ token, recentEvents: true })
  const asked = async (after: number) =>
    JSON.parse((await ask(`${url}/events?after=${after}`, { headers: known })).body)
  send(batchOf(frameOf('SEND', 'suser=before@x.example')))
  expect(await asked(0)).toEqual({ events: [], leftOut: 0 })
  send(batchOf(frameOf('SEND', 'rt=1000 suser=<b>@x.example cs1=7 cs1Label=Message Id'), 'no event'))
  const { events } = await asked(0)
  expect(events).toMatchObject([
    {
      number: 1,
      destination: 'siem',
      eventClassId: 'SEND',
      name: 'mail',
      severity: 3,
      mistake: null,
      values: [
        { key: 'rt', name: 'deviceReceiptTime', value: '1970-01-01T00:00:01.000Z' },
        { key: 'suser', name: 'sourceUserName', value: '<b>@x.example' },
        { key: 'cs1', name: 'Message Id', value: '7' },
      ],
    },
    { number: 2, values: [], severity: null, mistake: expect.stringMatching(/\w/), sent: 'no event' },
  ])
  expect((await asked(1)).events.map(({ number }: { number: number }) => number)).toEqual([2])
  // All pages share one tap.
  expect(looked).toEqual(['the status page, from 127.0.0.1'])
  expect((await ask(`${url}/events?after=x`, { headers: known })).status).toBe(400)
})
