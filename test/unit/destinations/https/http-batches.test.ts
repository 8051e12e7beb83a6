/** Batches by HTTPS, into a stand-in for Azure Monitor: what becomes of them by what it answers. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type ClientTimes, HttpsClient } from '../../../../src/destinations/https/client.ts'
import { HttpBatches } from '../../../../src/destinations/https/http-batches.ts'
import { logsIngestion } from '../../../../src/destinations/sentinel/logs-ingestion.ts'
import { DestinationStatus } from '../../../../src/destinations/status.ts'
import type { Batch } from '../../../../src/flow/batch.ts'
import { countsOf } from '../../../support/batches.ts'
import {
  type Fault,
  LogsIngestion,
  type LogsIngestionOptions,
  type Post,
  rule,
} from '../../../support/logs-ingestion.ts'
import { MemoryLog } from '../../deliver/doubles.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function setUp(options: LogsIngestionOptions = {}, times: Partial<ClientTimes> = {}) {
  const standIn = await LogsIngestion.open(options)
  const target = { host: '127.0.0.1', port: standIn.port }
  const log = new MemoryLog()
  const forgotten: string[] = []
  const tokens = { get: async () => 'secret-token', forget: () => void forgotten.push('token') }
  const stream = 'Custom-MessageTrackingLog_CL'
  const destination = new HttpBatches({
    name: 'sentinel',
    api: logsIngestion({ ...target, rule, stream }, tokens),
    client: new HttpsClient(target, { times, env: {}, ca: standIn.ca }),
    status: new DestinationStatus('sentinel', standIn.to, log),
    closeGraceMs: 50,
  })
  closing.push(
    () => standIn.close(),
    () => destination.close(),
  )
  return { standIn, destination, log, forgotten }
}

/** A batch of lines with these ids, each as long as said. */
function batch(ids: readonly number[], bytes = 0): Batch {
  const lines = ids.map((id) =>
    Buffer.from(
      `${JSON.stringify({ id, TimeGenerated: new Date().toISOString(), text: 'x'.repeat(bytes) })}\n`,
    ),
  )
  let end = 0
  const ends = Uint32Array.from(lines, (line) => (end += line.length))
  return {
    start: 0,
    position: { fileId: 'a', offset: 1, header: 0 },
    file: { id: 'a', source: 'a', path: '/a' },
    frames: Buffer.concat(lines),
    ends,
    counts: countsOf(ids.length),
    malformed: [],
  }
}

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)
const idsOf = ({ rows }: LogsIngestion) => rows.map(({ id }) => id)
const holds =
  (id: number) =>
  ({ rows }: Post) =>
    Array.isArray(rows) && rows.some((row) => row.id === id)

async function fateOf(destination: HttpBatches, sent: Batch) {
  return (await destination.send(sent)).outcome
}

describe('a batch', () => {
  test('is delivered by 204, as an array of its rows, in gzip', async () => {
    const { destination, standIn } = await setUp()
    expect(await fateOf(destination, batch([1, 2, 3]))).toEqual({ status: 'delivered' })
    expect(idsOf(standIn)).toEqual([1, 2, 3])
  })

  test('over 1 MB goes in several posts, none of which is larger', async () => {
    const { destination, standIn } = await setUp()
    expect(await fateOf(destination, batch(range(300), 10_000))).toEqual({ status: 'delivered' })
    expect(idsOf(standIn)).toEqual(range(300))
    expect(standIn.posts.length).toBeGreaterThan(2)
    expect(Math.max(...standIn.posts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1_000_000)
  })

  test('that is too large for the endpoint is halved until it fits', async () => {
    const faults = ({ bytes }: Post): Fault | undefined => (bytes > 3000 ? { status: 413 } : undefined)
    const { destination, standIn } = await setUp({ faults })
    expect(await fateOf(destination, batch(range(9), 1000))).toEqual({ status: 'delivered' })
    expect(idsOf(standIn)).toEqual(range(9))
  })

  test('is delivered but for a row that alone is too large', async () => {
    const { destination, standIn } = await setUp({
      faults: (post) => (holds(4)(post) ? { status: 413 } : undefined),
    })
    const fate = await fateOf(destination, batch(range(9)))
    expect(idsOf(standIn)).toEqual(range(9).filter((id) => id !== 4))
    expect(fate).toMatchObject({
      status: 'delivered',
      except: [{ reason: 'the endpoint answered 413: it is too large' }],
    })
    const [{ line }] = (fate as unknown as { except: [{ line: Uint8Array }] }).except
    expect(JSON.parse(Buffer.from(line).toString())).toMatchObject({ id: 4 })
  })

  test('is delivered but for the rows that are not acceptable, which are found by halving', async () => {
    const isBad = (post: Post) => holds(3)(post) || holds(60)(post)
    const { destination, standIn } = await setUp({
      faults: (post) => (isBad(post) ? { status: 400, code: 'InvalidRow' } : undefined),
    })
    const fate = await fateOf(destination, batch(range(100)))
    expect(idsOf(standIn)).toEqual(range(100).filter((id) => id !== 3 && id !== 60))
    expect(fate).toMatchObject({ status: 'delivered', except: [{}, {}] })
  })

  test('is not thrown away when the endpoint takes nothing at all', async () => {
    const { destination, standIn } = await setUp({ faults: () => ({ status: 400, code: 'SomethingElse' }) })
    const fate = await fateOf(destination, batch(range(100)))
    expect(fate).toMatchObject({ status: 'unavailable', unsent: true })
    expect(standIn.posts).toHaveLength(2)
  })

  const statuses = [401, 403, 404, 408, 429, 500, 502, 503, 504, 200, 202, 301, 302, 405, 407, 415]
  test.each(statuses)('is unavailable by %i, and nothing of it is thrown away', async (status) => {
    const { destination, standIn } = await setUp({ faults: () => ({ status }) })
    const fate = await fateOf(destination, batch([1]))
    expect(fate).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining(`answered ${status}`),
    })
    expect(standIn.posts).toHaveLength(1)
  })

  test('is known not to have gone out where that is sure', async () => {
    const { destination, standIn } = await setUp({ faults: () => ({ status: 403 }) })
    expect(await fateOf(destination, batch([1]))).toMatchObject({ unsent: true })
    standIn.faults = () => ({ status: 500 })
    expect(await fateOf(destination, batch([1]))).toMatchObject({ unsent: false })
    await standIn.close()
    expect(await fateOf(destination, batch([1]))).toMatchObject({ unsent: true })
  })

  test('of which a part was taken is unavailable as a whole', async () => {
    const { destination } = await setUp({
      faults: ({ number }) => (number === 1 ? { status: 429 } : undefined),
    })
    expect(await fateOf(destination, batch(range(200), 10_000))).toMatchObject({
      status: 'unavailable',
      unsent: false,
    })
  })

  test('that is asked to wait is not tried before', async () => {
    const { destination } = await setUp({ faults: () => ({ status: 429, headers: { 'retry-after': '7' } }) })
    expect(await fateOf(destination, batch([1]))).toMatchObject({ next: { afterMs: 7000 } })
  })

  test('without an answer is unavailable when its time is over, and the next one has another connection', async () => {
    const { destination, standIn } = await setUp(
      { faults: ({ number }) => (number === 0 ? 'no answer' : undefined) },
      { answerMs: 100 },
    )
    expect(await fateOf(destination, batch([1]))).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/^no answer from/),
    })
    // On a busy machine the answer may come late again.
    await vi.waitFor(
      async () => expect(await fateOf(destination, batch([1]))).toEqual({ status: 'delivered' }),
      150_000,
    )
    expect(standIn.connections).toBeGreaterThanOrEqual(2)
  })

  test.each(['reset', 'reset when stored'] as const)('is unavailable after a %s', async (fault) => {
    const { destination } = await setUp({ faults: () => fault })
    expect(await fateOf(destination, batch([1]))).toMatchObject({
      status: 'unavailable',
      reason: expect.stringMatching(/^connection reset by 127\.0\.0\.1:\d+$/),
      unsent: false,
    })
  })
})

describe('a post whose connection breaks', () => {
  test.each([
    { fault: 'reset', comesTwice: false },
    { fault: 'reset when stored', comesTwice: true },
  ] as const)('goes once more, and nothing else of its batch does: $fault', async ({ fault, comesTwice }) => {
    const { destination, standIn } = await setUp({
      faults: ({ number }) => (number === 1 ? fault : undefined),
    })
    const fate = await fateOf(destination, batch(range(300), 10_000))
    const broken = standIn.posts[1]?.rows as readonly { readonly id: number }[] | undefined
    const ids = broken?.map(({ id }) => id) ?? []
    const reason = expect.stringMatching(/^connection reset by 127\.0\.0\.1:\d+$/)
    expect(fate).toEqual({ status: 'delivered', repeats: { events: ids.length, reason } })
    const more = comesTwice ? ids : []
    expect(idsOf(standIn).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      [...range(300), ...more].sort((a, b) => a - b),
    )
  })

  test('leaves those that are idle to themselves', async () => {
    const { destination, standIn } = await setUp({ latencyMs: 20 })
    await fateOf(destination, batch([0]))
    const sent = await Promise.all(range(4, 1).map((id) => destination.send(batch([id]))))
    await Promise.all(sent.map(({ outcome }) => outcome))
    const before = standIn.connections
    standIn.faults = ({ number }) => (number === 5 ? 'reset' : undefined)
    expect(await fateOf(destination, batch([5]))).toMatchObject({ status: 'delivered' })
    expect(standIn.connections).toBe(before + 1)
  })

  test('does not once it took its time to answer', async () => {
    const { destination, standIn } = await setUp({ faults: () => 'no answer' }, { answerMs: 100 })
    expect(await fateOf(destination, batch([1]))).toMatchObject({ status: 'unavailable', unsent: false })
    expect(standIn.posts.length).toBeLessThanOrEqual(1)
  })

  test('tells of both when the second is in vain', async () => {
    const { destination, standIn } = await setUp({
      faults: ({ number }) => (number === 0 ? 'reset when stored' : { status: 503 }),
    })
    expect(await fateOf(destination, batch([1, 2]))).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('answered 503'),
      unsent: false,
      repeats: { events: 2 },
    })
    standIn.faults = ({ number }) => (number === 2 ? 'reset when stored' : { status: 403 })
    const fate = await fateOf(destination, batch([1, 2]))
    expect(fate).toMatchObject({ status: 'unavailable', unsent: false })
    expect(fate).not.toHaveProperty('repeats')
  })
})

describe('the posts', () => {
  test('go one by one until one is taken, then four at a time, on connections that stay', async () => {
    const { destination, standIn } = await setUp({ latencyMs: 20 })
    await fateOf(destination, batch([0]))
    expect(standIn.mostAtOnce).toBe(1)
    const outcomes: Promise<unknown>[] = []
    for (const id of range(16, 1)) outcomes.push((await destination.send(batch([id]))).outcome)
    await Promise.all(outcomes)
    expect(standIn.mostAtOnce).toBe(4)
    expect(standIn.connections).toBeLessThanOrEqual(4)
    expect(idsOf(standIn).sort((a, b) => Number(a) - Number(b))).toEqual(range(17))
  })

  test('are over after a failure: what waited for its turn is not sent', async () => {
    const { destination, standIn } = await setUp()
    await fateOf(destination, batch([0]))
    standIn.faults = () => ({ status: 503 })
    const sent = await Promise.all(range(8, 1).map((id) => destination.send(batch([id]))))
    const fates = await Promise.all(sent.map(({ outcome }) => outcome))
    expect(fates.every(({ status }) => status === 'unavailable')).toBe(true)
    expect(standIn.posts.length).toBeLessThanOrEqual(5)
  })

  test('are given up when it closes, as far as they are not answered soon', async () => {
    const { destination, standIn } = await setUp({ faults: () => 'no answer' })
    const { outcome } = await destination.send(batch([1]))
    await standIn.hasPosts(1)
    await destination.close()
    expect(await outcome).toMatchObject({ status: 'unavailable' })
    expect(await fateOf(destination, batch([2]))).toMatchObject({ status: 'unavailable', unsent: true })
  })
})

describe('the log', () => {
  test('tells once that delivery fails, why, and that it goes on', async () => {
    const { destination, standIn, log, forgotten } = await setUp()
    await fateOf(destination, batch([1]))
    standIn.faults = () => ({ status: 401, code: 'InvalidToken' })
    for (let tries = 0; tries < 3; tries++) await fateOf(destination, batch([2]))
    standIn.faults = () => undefined
    await fateOf(destination, batch([2]))
    expect(log.lines).toEqual([
      expect.stringMatching(/^info: Destination ready/),
      expect.stringMatching(/^error: Destination unavailable; delivery goes on when it is back/),
      expect.stringMatching(/^debug: Still unavailable/),
      expect.stringMatching(/^debug: Still unavailable/),
      expect.stringMatching(/^debug: Destination ready again/),
      expect.stringMatching(/^info: Delivering again/),
    ])
    expect(log.lines.join()).not.toContain('secret-token')
    expect(forgotten).toHaveLength(3)
  })

  test('tells before anything is there to be sent whether it could be', async () => {
    const { destination, standIn } = await setUp()
    expect(await destination.connect()).toBeNull()
    standIn.faults = () => ({ status: 403 })
    expect(await destination.connect()).toContain('takes up to half an hour to count')
    expect(standIn.rows).toEqual([])
  })
})
