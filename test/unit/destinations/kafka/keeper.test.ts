import { expect, test } from 'vitest'
import { Keeper } from '../../../../src/destinations/kafka/keeper.ts'
import type { Fate } from '../../../../src/destinations/kafka/producer.ts'
import { memoryLog } from '../../tail/logs.ts'

test('a transaction whose positions are too large for their topic is not committed', async () => {
  let fate: Fate = { status: 'delivered', except: [{ reason: 'too large', line: Buffer.alloc(0) }] }
  let commits = 0
  const keeper = new Keeper({
    name: 'hub',
    once: { id: 'hub', positions: 'msgtrk-positions', commitMs: 200 },
    session: { commit: async () => void commits++ } as never,
    topic: { records: () => ({}), isKept: () => undefined } as never,
    producer: { deliver: async () => fate } as never,
    log: memoryLog(),
  })
  const commit = () => keeper.commit(new Map(), new AbortController().signal)
  expect(await commit()).toEqual({
    status: 'unavailable',
    reason: expect.stringMatching(
      /^the topic msgtrk-positions takes no record as large as a position: raise/,
    ),
  })
  expect(commits).toBe(0)
  fate = { status: 'delivered' }
  expect(await commit()).toEqual(fate)
  expect(commits).toBe(1)
})
