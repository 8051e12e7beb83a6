import { describe, expect, test } from 'vitest'
import { Backoff } from '../../../src/deliver/backoff.ts'

describe('Backoff', () => {
  test('doubles up to 30 s', () => {
    const backoff = new Backoff({ random: () => 0.999_999, now: () => 0 })
    const delays = Array.from({ length: 10 }, () => Math.ceil(backoff.failed() / 100) * 100)
    expect(delays).toEqual([400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000])
  })

  test('stays within bounds however long it fails', () => {
    const backoff = new Backoff({ random: () => 0.5, now: () => 0 })
    for (let i = 0; i < 5_000; i++) backoff.failed()
    expect(backoff.failed()).toBe(15_100)
  })

  test('never waits less than 0.2 s, and uses the whole range above', () => {
    expect(new Backoff({ random: () => 0 }).failed()).toBe(200)
    expect(new Backoff({ random: () => 0.5 }).failed()).toBe(300)
  })

  test('waits at least as long as the peer asked for', () => {
    const backoff = new Backoff({ random: () => 0.5 })
    expect(backoff.failed({ afterMs: 120_000 })).toBe(120_000)
    expect(backoff.failed({ afterMs: 1 })).toBe(500)
  })

  test('waits not at all while something else is there to be tried', () => {
    const backoff = new Backoff({ random: () => 0.5 })
    expect([backoff.failed('at once'), backoff.failed('at once'), backoff.failed()]).toEqual([0, 0, 300])
  })

  test('starts over after a success that lasted', () => {
    let now = 0
    const backoff = new Backoff({ random: () => 0.5, now: () => now })
    backoff.failed()
    now = backoff.failed() + 1_000
    backoff.succeeded()
    expect(backoff.failed()).toBe(300)
  })

  test('does not start over when the success is followed by a failure at once', () => {
    let now = 0
    const backoff = new Backoff({ random: () => 0.5, now: () => now })
    backoff.failed()
    now = backoff.failed() + 999
    backoff.succeeded()
    expect(backoff.failed()).toBe(900)
  })
})
