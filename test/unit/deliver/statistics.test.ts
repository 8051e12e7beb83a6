import { expect, test } from 'vitest'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'

const counts = { events: 3, filtered: 2, malformed: 1, cut: 4, clamped: 5, invalid: 6, brokenHeaders: 7 }

function balance(statistics: PipelineStatistics): void {
  const { read, delivered, filtered, malformed, rejected, lost, inFlight } = statistics.snapshot()
  expect(delivered + filtered + malformed + rejected + lost + inFlight).toBe(read)
}

test('rows move from in flight to their outcome', () => {
  const statistics = new PipelineStatistics()
  statistics.took('a', counts)
  statistics.took('a', counts)
  statistics.settled('a', counts, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({
    read: 12,
    delivered: 3,
    filtered: 2,
    malformed: 1,
    rejected: 0,
    inFlight: 6,
    cut: 4,
    clamped: 5,
    invalid: 6,
    brokenHeaders: 7,
    batches: 1,
  })
  expect(statistics.snapshot().lastDeliveredAt).toBeGreaterThan(0)
  statistics.settled('a', counts, { status: 'rejected', reason: 'no' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, delivered: 3, rejected: 3, inFlight: 0 })
})

test('a rewind counts no row twice and loses none', () => {
  const statistics = new PipelineStatistics()
  for (let i = 0; i < 3; i++) statistics.took('a', counts)
  statistics.settled('a', counts, { status: 'delivered' })
  statistics.rewound()
  expect(statistics.snapshot()).toMatchObject({ read: 18, inFlight: 12, rewinds: 1 })
  statistics.took('a', counts)
  balance(statistics)
  expect(statistics.snapshot().read).toBe(18)
  for (let i = 0; i < 2; i++) statistics.took('a', counts)
  expect(statistics.snapshot().read).toBe(24)
  for (let i = 0; i < 3; i++) statistics.settled('a', counts, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 24, delivered: 12, inFlight: 0 })
})

test('repeated events, failovers and failbacks add up', () => {
  const statistics = new PipelineStatistics()
  expect(statistics.snapshot()).toMatchObject({ repeated: 0, failovers: 0, failbacks: 0 })
  for (const events of [3, 4]) statistics.repeats(events)
  for (let i = 0; i < 2; i++) statistics.failedOver()
  statistics.failedBack()
  expect(statistics.snapshot()).toMatchObject({ repeated: 7, failovers: 2, failbacks: 1 })
})

test('a batch without events is no delivery', () => {
  const statistics = new PipelineStatistics()
  const filtered = { ...counts, events: 0, malformed: 0 }
  statistics.took('a', filtered)
  statistics.settled('a', filtered, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 2, filtered: 2, lastDeliveredAt: null })
})

test('rows that are owed are known by their file', () => {
  const statistics = new PipelineStatistics()
  statistics.took('a', counts)
  statistics.rewound()
  statistics.took('b', counts)
  statistics.settled('b', counts, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, inFlight: 6 })
  const grown = { ...counts, events: 5 }
  statistics.took('a', grown)
  statistics.settled('a', grown, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 14, delivered: 8, inFlight: 0 })
})

test('rows of a file that was shortened, or that nobody knows, are not lost: they may be read again', () => {
  const statistics = new PipelineStatistics()
  statistics.took('a', counts)
  statistics.rewound()
  statistics.lost({ fileId: 'a', cause: 'shortened' })
  statistics.lost({ fileId: null, cause: 'deleted' })
  expect(statistics.snapshot()).toMatchObject({ lost: 0, inFlight: 6 })
  statistics.lost({ fileId: 'a', cause: 'replaced' })
  expect(statistics.snapshot()).toMatchObject({ lost: 6, inFlight: 0 })
  balance(statistics)
})

test('rows that are owed are lost with their file, those of the window only when that is given up', () => {
  const statistics = new PipelineStatistics()
  statistics.took('a', counts)
  statistics.rewound()
  for (const file of ['a', 'b']) statistics.took(file, counts)
  statistics.lost({ fileId: 'a', cause: 'deleted' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, lost: 0, inFlight: 12 })
  statistics.ended()
  statistics.lost({ fileId: 'a', cause: 'deleted' })
  statistics.lost({ fileId: 'a', cause: 'deleted' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, lost: 6, inFlight: 6, rewinds: 1 })
  balance(statistics)
})

test('rows of a file that is read again from its start are counted as far as they come again', () => {
  const statistics = new PipelineStatistics()
  statistics.took('a', counts)
  statistics.rewound()
  statistics.took('a', counts)
  statistics.took('a', counts)
  statistics.restarted('a')
  statistics.took('a', counts)
  expect(statistics.snapshot()).toMatchObject({ read: 18, inFlight: 18 })
  // The first of them is still committed, the others are given up.
  statistics.settled('a', counts, { status: 'delivered' })
  statistics.rewound()
  expect(statistics.snapshot()).toMatchObject({ read: 12, inFlight: 6 })
  statistics.took('a', counts)
  statistics.settled('a', counts, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, inFlight: 0 })
  balance(statistics)
})

test('rows wait in open mails until these go out, and a rewind counts none twice', () => {
  const statistics = new PipelineStatistics()
  const none = { filtered: 0, malformed: 0, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
  statistics.held('EX01/a', 10)
  statistics.leftOut('EX01/a', 2, [2])
  expect(statistics.snapshot()).toMatchObject({ read: 12, held: 10, filtered: 2, inFlight: 0 })
  expect(statistics.readOf('EX01')).toBe(12)
  const mails = { ...none, events: 6, held: 6 }
  statistics.took('mails', mails)
  expect(statistics.snapshot()).toMatchObject({ read: 12, held: 4, inFlight: 6 })
  statistics.rewound()
  statistics.took('mails', mails)
  expect(statistics.snapshot()).toMatchObject({ read: 12, held: 4, inFlight: 6 })
  statistics.settled('mails', mails, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 12, held: 4, delivered: 6, inFlight: 0 })
})

test('rows of what another instance reads on are its own to count, unless they settle here all the same', () => {
  const statistics = new PipelineStatistics()
  for (let i = 0; i < 3; i++) statistics.took('a', counts)
  statistics.took('b', counts)
  statistics.handedOver('a')
  expect(statistics.snapshot()).toMatchObject({ read: 24, inFlight: 24 })
  statistics.settled('a', counts, { status: 'delivered' })
  expect(statistics.snapshot()).toMatchObject({ read: 24, delivered: 3, inFlight: 18 })
  statistics.rewound()
  expect(statistics.snapshot()).toMatchObject({ read: 12, delivered: 3, inFlight: 6 })
  balance(statistics)
  // Those that were given up before are not owed any more, either.
  statistics.handedOver('b')
  expect(statistics.snapshot()).toMatchObject({ read: 6, inFlight: 0 })
  balance(statistics)
})
