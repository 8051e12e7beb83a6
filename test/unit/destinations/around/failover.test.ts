import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failover } from '../../../../src/destinations/around/failover.ts'
import type { Outcome } from '../../../../src/flow/delivery.ts'
import { batch, delivered, idle, ScriptedDestination } from '../../deliver/doubles.ts'
import { recordingLog } from '../receiver.ts'

const everyMs = 30_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const down = (reason: string): Outcome => ({ status: 'unavailable', reason })

/** Receivers a, b, … behind one failover. None can be reached by a probe until the test says so. */
function setUp(count = 2) {
  const names = ['a', 'b', 'c'].slice(0, count)
  const log = recordingLog()
  const receivers = names.map(() => new ScriptedDestination())
  const reachable = new Set<string>()
  const probed: string[] = []
  const targets = names.map((to, index) => ({
    to,
    destination: receivers[index] as ScriptedDestination,
    probe: async () => {
      probed.push(to)
      return reachable.has(to) ? null : 'connection refused'
    },
  }))
  const taken: string[] = []
  const failover = new Failover('siem', targets, { probes: 3, everyMs }, log, {
    failedOver: () => taken.push('over'),
    failedBack: () => taken.push('back'),
  })
  const [a, b, c] = receivers as [ScriptedDestination, ScriptedDestination, ScriptedDestination]
  let offset = 0
  return {
    failover,
    log,
    taken,
    reachable,
    probed,
    a,
    b,
    c,
    /** Sends one batch to a receiver that answers so. */
    async deliver(receiver: ScriptedDestination, outcome: Outcome): Promise<Outcome> {
      receiver.answer = () => outcome
      return (await failover.send(batch(++offset))).outcome
    },
    /** Time for so many probes. */
    async probes(count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        await vi.advanceTimersByTimeAsync(everyMs)
        await idle()
      }
    },
    said: () =>
      log.entries
        .filter(({ level }) => level !== 'debug')
        .map(({ level, fields }) => `${level} ${fields.from ?? ''}→${fields.to}: ${fields.reason ?? ''}`),
  }
}

describe('failing over', () => {
  it('makes the next one active, says so once and lets the pipeline come back at once', async () => {
    const { failover, a, b, deliver, said } = setUp()
    expect(await deliver(a, delivered)).toEqual(delivered)
    expect(failover.active).toBe('a')
    expect(await deliver(a, down('reset'))).toEqual({ ...down('reset'), next: 'at once' })
    expect(failover.active).toBe('b')
    expect(await deliver(b, delivered)).toEqual(delivered)
    expect(a.sent).toHaveLength(2)
    expect(b.sent).toHaveLength(1)
    expect(said()).toEqual(['warn a→b: reset'])
    await failover.close()
  })

  it('happens once for all batches that were in flight', async () => {
    const { failover, a } = setUp(3)
    const sendings = [await failover.send(batch(1)), await failover.send(batch(2))]
    for (const { settle } of a.sent) settle(down('reset'))
    for (const { outcome } of sendings) expect(await outcome).toMatchObject({ status: 'unavailable' })
    expect(failover.active).toBe('b')
    await failover.close()
  })

  it('is not caused by what is still in flight at the one that was left', async () => {
    const { failover, a, b, deliver, said } = setUp()
    const first = await failover.send(batch(1))
    const second = await failover.send(batch(2))
    a.sent[1]?.settle(down('reset'))
    await second.outcome
    await deliver(b, delivered)
    a.sent[0]?.settle(down('late'))
    expect(await first.outcome).toEqual(down('late'))
    expect(failover.active).toBe('b')
    expect(said()).toEqual(['warn a→b: reset'])
    await failover.close()
  })

  it('is not caused by a rejected batch', async () => {
    const { failover, a, deliver } = setUp()
    const rejected: Outcome = { status: 'rejected', reason: 'too long' }
    expect(await deliver(a, rejected)).toEqual(rejected)
    expect(failover.active).toBe('a')
    await failover.close()
  })

  it('goes round all of them, then lets the pipeline wait as usual, and says each state once', async () => {
    const { failover, log, taken, a, b, c, deliver, said } = setUp(3)
    const all = 'none of the receivers is available: a: A; b: B; c: C'
    expect(await deliver(a, down('A'))).toEqual({ ...down('A'), next: 'at once' })
    expect(await deliver(b, down('B'))).toEqual({ ...down('B'), next: 'at once' })
    expect(await deliver(c, { ...down('C'), next: { afterMs: 5 } } as Outcome)).toEqual({
      ...down(all),
      next: { afterMs: 5 },
    })
    expect(await deliver(a, down('A'))).toEqual({ ...down(all), next: 'at once' })
    expect(await deliver(b, down('B'))).toEqual({ ...down(all), next: 'at once' })
    expect(await deliver(c, down('C'))).toEqual(down(all))
    expect(await deliver(a, down('A'))).toEqual({ ...down(all), next: 'at once' })
    expect(await deliver(b, delivered)).toEqual(delivered)
    expect(await deliver(b, down('B2'))).toEqual({ ...down('B2'), next: 'at once' })
    expect(said()).toEqual(['warn a→b: A', 'warn b→c: B', `warn c→a: ${all}`, 'info →b: ', 'warn b→c: B2'])
    expect(taken).toEqual(['over', 'over', 'over'])
    expect(log.at('warn')).toContain('None of the receivers is available; each is tried in turn')
    await failover.close()
  })
})

describe('failing back', () => {
  it('comes after three successful probes in a row and is said once', async () => {
    const { failover, a, b, deliver, probes, probed, reachable, said, taken } = setUp()
    await deliver(a, down('reset'))
    await deliver(b, delivered)
    await probes(5)
    reachable.add('a')
    await probes(2)
    reachable.clear()
    await probes(1)
    reachable.add('a')
    await probes(2)
    expect(failover.active).toBe('b')
    await probes(1)
    expect(failover.active).toBe('a')
    expect(await deliver(a, delivered)).toEqual(delivered)
    expect(said()).toEqual(['warn a→b: reset', 'info b→a: 3 successful probes in a row'])
    expect(taken).toEqual(['over', 'back'])
    probed.length = 0
    await probes(5)
    expect(probed).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    await failover.close()
  })

  it('waits until all that was sent to the other is settled', async () => {
    const { failover, a, b, deliver, probes, reachable } = setUp()
    await deliver(a, down('reset'))
    b.answer = undefined
    reachable.add('a')
    const last = await failover.send(batch(10))
    await probes(3)
    expect(failover.active).toBe('b')
    a.answer = () => delivered
    const next = failover.send(batch(20))
    await idle()
    expect(a.offsets).not.toContain(20)
    b.sent[0]?.settle(delivered)
    expect(await last.outcome).toEqual(delivered)
    expect(await (await next).outcome).toEqual(delivered)
    expect(b.offsets).toEqual([10])
    expect(a.offsets).toContain(20)
    expect(failover.active).toBe('a')
    await failover.close()
  })

  it('sends nothing of a window that breaks meanwhile', async () => {
    const { failover, a, b, deliver, probes, reachable, said } = setUp(3)
    await deliver(a, down('reset'))
    b.answer = undefined
    reachable.add('a')
    const last = await failover.send(batch(10))
    await probes(3)
    const next = failover.send(batch(20))
    await idle()
    b.sent[0]?.settle(down('stalled'))
    expect(await last.outcome).toEqual({ ...down('stalled'), next: 'at once' })
    expect(await (await next).outcome).toMatchObject({ status: 'unavailable', unsent: true })
    expect([...a.offsets, ...b.offsets]).not.toContain(20)
    // The one that was to be returned to is the best to go to.
    expect(failover.active).toBe('a')
    expect(said()).toEqual(['warn a→b: reset', 'warn b→a: stalled'])
    expect(await deliver(a, delivered)).toEqual(delivered)
    await failover.close()
  })

  it('goes to the most preferred one that can be reached', async () => {
    const { failover, a, b, c, deliver, probes, reachable } = setUp(3)
    await deliver(a, down('A'))
    await deliver(b, down('B'))
    await deliver(c, delivered)
    reachable.add('b')
    await probes(3)
    expect(failover.active).toBe('b')
    reachable.add('a')
    await probes(3)
    expect(failover.active).toBe('a')
    await failover.close()
  })

  it('takes longer each time the receiver fails soon after, and no longer once it held', async () => {
    const { failover, a, b, deliver, probes, reachable } = setUp()
    const probesNeeded = async (): Promise<number> => {
      await deliver(a, down('stalled'))
      await deliver(b, delivered)
      let count = 0
      for (; failover.active === 'b'; count++) await probes(1)
      return count
    }
    reachable.add('a')
    expect(await probesNeeded()).toBe(3)
    expect(await probesNeeded()).toBe(6)
    expect(await probesNeeded()).toBe(12)
    await vi.advanceTimersByTimeAsync(12 * everyMs)
    expect(await probesNeeded()).toBe(3)
    await failover.close()
  })
})

it('closing closes all of them, ends the probes and lets nobody wait', async () => {
  const { failover, a, b, deliver, probes, reachable } = setUp()
  await deliver(a, down('reset'))
  b.answer = undefined
  reachable.add('a')
  const last = await failover.send(batch(10))
  await probes(3)
  const waiting = failover.send(batch(20))
  await idle()
  await failover.close()
  expect(await last.outcome).toMatchObject({ status: 'unavailable' })
  expect(await (await waiting).outcome).toMatchObject({ status: 'unavailable', unsent: true })
  expect(await (await failover.send(batch(30))).outcome).toMatchObject({
    status: 'unavailable',
    unsent: true,
  })
  expect([a.closed, b.closed]).toEqual([1, 1])
  expect(b.offsets).toEqual([10])
})
