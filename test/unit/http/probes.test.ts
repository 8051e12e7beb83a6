import { expect, onTestFinished, test } from 'vitest'
import { type Readiness, readyz } from '../../../src/http/probes.ts'
import { ask, listen } from './asking.ts'

const token = 'a'.repeat(32)

const finding = {
  kind: 'destinationDown',
  severity: 'down',
  part: 'destination siem',
  why: 'connection refused',
  remedy: 'start the receiver',
  since: '2026-11-20T14:00:00.000Z',
}

async function answerTo(
  path: string,
  readiness: Readiness,
  headers: Record<string, string> = {},
  ownToken?: string,
) {
  const listener = await listen({ routes: [readyz(async () => readiness)], token: ownToken })
  onTestFinished(() => listener.close())
  const { status, body } = await ask(listener.url + path, { headers })
  return { status, body: JSON.parse(body) }
}

test.each([
  ['well', '/readyz', 200],
  ['degraded', '/readyz', 503],
  ['down', '/readyz', 503],
  ['well', '/readyz?fail-on=degraded', 200],
  ['degraded', '/readyz?fail-on=degraded', 503],
  ['degraded', '/readyz?fail-on=down', 200],
  ['down', '/readyz?fail-on=down', 503],
] as const)('what is %s answers %s with %i and names the part', async (health, path, status) => {
  const findings = health === 'well' ? [] : [finding]
  expect(await answerTo(path, { health, findings })).toEqual({ status, body: { status: health, findings } })
})

test('who does not know the token learns whether it is ready, and no more', async () => {
  const readiness: Readiness = { health: 'down', findings: [finding] }
  expect(await answerTo('/readyz', readiness, {}, token)).toEqual({ status: 503, body: { status: 'down' } })
  const known = await answerTo('/readyz', readiness, { authorization: `Bearer ${token}` }, token)
  expect(known.body.findings).toEqual([finding])
})

test.each(['/readyz?fail-on=', '/readyz?fail-on=never', '/readyz?fail-on=toString'])(
  '%s is a mistake, and not ready',
  async (path) => {
    const { status, body } = await answerTo(path, { health: 'well', findings: [] })
    expect([status, body.remedy]).toEqual([400, 'write degraded or down'])
  },
)
