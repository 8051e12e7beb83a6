/**
 * Delivery into a stand-in for Azure Monitor that fails in one way after the other. Every row of the logs is stored, as
 * it is there; what comes twice is counted, and never more than what was under way.
 */
import { readdir } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../src/transform/event-transform.ts'
import { type Fault, LogsIngestion, type Post, type StoredRow } from '../support/logs-ingestion.ts'
import { Workplace } from '../support/program.ts'

const rows = 20_000

/** The logs that are read in all cases, and what they hold as rows of the table. */
const shared = await Workplace.open(afterAll)
await shared.simulate('logs', rows)
const logs = shared.path('logs')
const expected = await expectedRows()

/** Of the first posts every other one, and then some in a row. */
const sometimes =
  (fault: Fault) =>
  ({ number }: Post) =>
    number < 12 && (number % 2 === 1 || number > 8) ? fault : undefined
const holdsOften = ({ rows }: Post) =>
  Array.isArray(rows) &&
  rows.some(({ internalMessageId }: StoredRow) => String(internalMessageId).endsWith('77'))

/** Posts that are to come again. */
const seen = new Set<string>()

interface Case {
  readonly name: string
  readonly faults: (post: Post) => Fault | undefined
  /** Nothing that failed was stored, so that nothing comes twice as long as it is in time. */
  readonly isSure?: boolean
  /** Rows that are refused by themselves. */
  readonly rejects?: boolean
}

const cases: readonly Case[] = [
  { name: '401', faults: sometimes({ status: 401 }) },
  { name: '403 at first', faults: ({ number }) => (number < 3 ? { status: 403 } : undefined), isSure: true },
  { name: '404', faults: sometimes({ status: 404 }) },
  { name: '408', faults: sometimes({ status: 408 }) },
  { name: '429 with Retry-After', faults: sometimes({ status: 429, headers: { 'retry-after': '1' } }) },
  { name: '500', faults: sometimes({ status: 500 }) },
  { name: '503 with Retry-After', faults: sometimes({ status: 503, headers: { 'retry-after': '1' } }) },
  { name: '200 of a portal', faults: sometimes({ status: 200 }) },
  { name: 'connections that are reset', faults: sometimes('reset') },
  { name: 'answers that are lost', faults: sometimes('reset when stored') },
  {
    name: '413 over 100 KB',
    faults: ({ bytes }) => (bytes > 100_000 ? { status: 413 } : undefined),
    isSure: true,
  },
  {
    name: '413 over 100 KB, each post reset once',
    faults: ({ bytes, rows }) => {
      if (bytes > 100_000) return { status: 413 }
      const key = JSON.stringify(rows)
      return key === '[]' || seen.delete(key) || !seen.add(key) ? undefined : 'reset'
    },
    isSure: true,
  },
  {
    name: '400 for some rows',
    faults: (post) => (holdsOften(post) ? { status: 400, code: 'InvalidRow' } : undefined),
    isSure: true,
    rejects: true,
  },
  {
    name: '400 for everything at first',
    faults: ({ number }) => (number < 4 ? { status: 400, code: 'Other' } : undefined),
    isSure: true,
  },
]

test.concurrent.for(cases)(
  '$name: nothing is lost',
  async ({ faults, isSure = false, rejects = false }, { onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const standIn = await LogsIngestion.open({ faults, latencyMs: 5 })
    onTestFinished(() => standIn.close())
    const env = await environmentOf(place, standIn)
    const args = ['run', '--once', '--from', logs, '--to', standIn.to, '--state', 'state']
    const program = place.startWith({ env }, ...args)
    expect((await program.ended).code).toBe(0)

    const refused = rejects ? expected.filter((row) => holdsOften({ number: 0, rows: [row], bytes: 0 })) : []
    const verdict = judge(standIn.rows)
    const stopped = await program.logged('Done')
    expect(verdict).toMatchObject({ unknown: 0, lost: refused.length })
    expect(stopped).toMatchObject({
      read: rows,
      delivered: rows - refused.length,
      rejected: refused.length,
      inFlight: 0,
    })
    if (rejects) expect(refused.length).toBeGreaterThan(0)
    expect(verdict.twice).toBeLessThanOrEqual(Number(stopped.repeated))
    const isInTime = !/ within \d+ s/.test(program.stderr)
    if (isSure && isInTime) expect(verdict.twice, program.stderr).toBe(0)
  },
)

test.concurrent('killed twice, and its connections broken, it goes on from what was saved', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const standIn = await LogsIngestion.open({ latencyMs: 50 })
  onTestFinished(() => standIn.close())
  const env = await environmentOf(place, standIn)
  const args = ['run', '--from', logs, '--to', standIn.to, '--state', 'state']
  for (const share of [0.2, 0.5]) {
    const program = place.startWith({ env }, ...args)
    await standIn.has(rows * share)
    expect((await program.stop('SIGKILL')).signal).toBe('SIGKILL')
  }
  const last = place.startWith({ env }, ...args, '--once')
  await standIn.has(rows * 0.8)
  standIn.breakConnections()
  expect((await last.ended).code).toBe(0)
  expect(judge(standIn.rows)).toMatchObject({ unknown: 0, lost: 0 })
})

/** By which the program finds the stand-in, and trusts it. */
async function environmentOf(place: Workplace, { ca, identity }: LogsIngestion) {
  return { NODE_EXTRA_CA_CERTS: await place.write('ca.pem', ca), ...identity }
}

async function expectedRows(): Promise<readonly StoredRow[]> {
  const transform = createEventTransform({
    format: 'message-tracking-log',
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    unicodeControls: 'breaks',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: 999_000,
  })
  const found: StoredRow[] = []
  for (const name of (await readdir(logs)).filter((name) => /^MSGTRK/i.test(name))) {
    for await (const chunk of fileChunks(shared.path('logs', name))) {
      for (const { frames } of transform(chunk)) {
        const lines = frames.toString('utf8').split('\n').slice(0, -1)
        found.push(...lines.map((line) => JSON.parse(line) as StoredRow))
      }
    }
  }
  return found
}

/** A row is what it says, but for the time that Azure may replace. */
function judge(stored: readonly StoredRow[]) {
  const keyOf = ({ TimeGenerated: _, ...row }: StoredRow) => JSON.stringify(row)
  const counts = new Map<string, number>()
  for (const row of stored) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1)
  let lost = 0
  let twice = 0
  for (const key of new Set(expected.map(keyOf))) {
    const count = counts.get(key) ?? 0
    if (count === 0) lost++
    twice += Math.max(0, count - 1)
    counts.delete(key)
  }
  return { lost, twice, unknown: counts.size }
}
