import { expect, test } from 'vitest'
import { ConnectionEnds } from '../../../../src/destinations/proof/connection-ends.ts'
import { RotationSize } from '../../../../src/destinations/proof/rotation-size.ts'
import type { Connection } from '../../../../src/destinations/stream/connection.ts'

/** A connection whose peer never answers. */
function silent(): Connection {
  let answer: (reason: string) => void
  const ended = new Promise<string>((resolve) => {
    answer = resolve
  })
  return {
    halfClosed: Promise.resolve(),
    finish: () => ended,
    giveUp: (reason: string) => answer(reason),
  } as unknown as Connection
}

test.each([0, 5])('a peer that is asked at the end is not waited for (after %i turns)', async (turns) => {
  const closing = new AbortController()
  const ends = new ConnectionEnds({
    peer: 'siem:514',
    size: new RotationSize({ turnAfterBytes: 1, stallTimeoutMs: 3_600_000 }),
    closeTimeoutMs: 3_600_000,
    stallTimeoutMs: 3_600_000,
    closing: closing.signal,
    open: async () => silent(),
    neverCloses: () => {},
  })
  const asked = ends.leavesFreshOpen()
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  closing.abort()
  expect(await asked).toBe(false)
})
