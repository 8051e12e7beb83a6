import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Loss } from '../../../src/flow/events.ts'
import { Trouble } from '../../../src/flow/trouble.ts'
import type { Report } from '../../../src/report/report.ts'
import { Reporter } from '../../../src/report/reporter.ts'

const counts = {
  read: 10,
  delivered: 5,
  filtered: 1,
  malformed: 1,
  rejected: 1,
  lost: 0,
  held: 0,
  inFlight: 2,
  rewinds: 3,
  repeated: 7,
  failovers: 2,
  failbacks: 1,
  sentBytes: 4000,
  lastDeliveredAt: 1_700_000_000_000,
}

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 10) }))
afterEach(() => void vi.useRealTimers())

function setUp() {
  const reports: Report[] = []
  const reporter = new Reporter({
    version: '1.2.3',
    sources: ['EX01', 'EX02'],
    destinations: ['siem', 'archive'].map((name) => ({
      name,
      to: `tcp://${name}:514`,
      counts: () => (name === 'siem' ? counts : { ...counts, lastDeliveredAt: null }),
    })),
    emit: (report) => reports.push(report),
  })
  /** What was reported since the last look. */
  const news = () => reports.splice(0).map(({ kind, values }) => ({ ...values, id: kind.id }))
  return { reporter, news, ids: () => news().map(({ id }) => id) }
}

type Told = ReturnType<typeof toldOf>

/** What a pipeline sees of its destination, told as it is told there. */
function toldOf(reporter: Reporter, name: string) {
  const trouble = new Trouble()
  return {
    unavailable: (reason: string) => {
      const news = trouble.is(reason)
      if (news !== null) reporter.unavailable(name, news)
    },
    available: () => {
      const was = trouble.over()
      if (was !== null) reporter.available(name, was)
    },
  }
}

const line = (offset: number) => ({
  path: 'a.log',
  offset,
  reason: `reason ${offset}`,
  line: new Uint8Array(9),
})

test('says that it started, with what and where to', () => {
  const { reporter, news } = setUp()
  reporter.started()
  expect(news()).toEqual([
    {
      id: 'agent:030',
      outcome: 'success',
      message: 'msgtrk 1.2.3 started; sources: EX01, EX02; destinations: siem, archive',
    },
  ])
})

test('gives the statistics of each destination every five minutes, until it stops', () => {
  const { reporter, news, ids } = setUp()
  reporter.started()
  ids()
  vi.advanceTimersByTime(299_999)
  expect(ids()).toEqual([])
  vi.advanceTimersByTime(1)
  const { lost, held, rewinds, repeated, failovers, failbacks, sentBytes, lastDeliveredAt, ...rows } = counts
  expect(news()).toEqual([
    {
      ...rows,
      id: 'agent:050',
      destination: 'siem',
      receiver: 'tcp://siem:514',
      message:
        'read 10, delivered 5, filtered 1, malformed 1, rejected 1, lost 0, in flight 2, rewinds 3, ' +
        'repeated 7, failovers 2, failbacks 1, bytes sent 4000',
      startedMs: Date.UTC(2026, 10, 22, 10),
      lastDeliveredMs: lastDeliveredAt,
    },
    expect.objectContaining({ destination: 'archive', lastDeliveredMs: undefined }),
  ])
  reporter.stopping()
  ids()
  vi.advanceTimersByTime(600_000)
  expect(ids()).toEqual([])
})

test('ends with the last statistics and why it stops', () => {
  const { reporter, news } = setUp()
  reporter.stopping()
  expect(news()).toMatchObject([
    { id: 'agent:050' },
    { id: 'agent:050' },
    { id: 'agent:031', outcome: 'success' },
  ])
  reporter.stopping(new Error('disk full'))
  expect(news().at(-1)).toMatchObject({ id: 'agent:031', outcome: 'failure', reason: 'disk full' })
})

test('says once that a source is out of reach, whoever sees it, and once that it is back', () => {
  const { reporter, news } = setUp()
  const down = { source: 'EX01', folder: '/logs', reason: 'no such folder' }
  reporter.folderChanged(down)
  reporter.folderChanged({ ...down, reason: 'another one' })
  expect(news()).toMatchObject([
    { id: 'msgtrk:010', source: 'EX01', file: '/logs', outcome: 'failure', reason: 'no such folder' },
  ])
  reporter.folderChanged({ ...down, source: 'EX02' })
  expect(news()).toMatchObject([{ id: 'msgtrk:010', source: 'EX02' }])
  vi.advanceTimersByTime(90_000)
  reporter.folderChanged({ ...down, reason: null })
  reporter.folderChanged({ ...down, reason: null })
  expect(news()).toMatchObject([
    {
      id: 'msgtrk:011',
      source: 'EX01',
      outcome: 'success',
      reason: 'no such folder',
      message: 'The folder of a source is readable again after 90 s',
    },
  ])
})

test('says once that a destination is down and once that it is back', () => {
  const { reporter, news, ids } = setUp()
  const [siem, archive] = ['siem', 'archive'].map((name) => toldOf(reporter, name)) as [Told, Told]
  siem.available()
  expect(ids()).toEqual([])
  siem.unavailable('refused')
  siem.unavailable('timed out')
  expect(news()).toMatchObject([
    { id: 'msgtrk:020', destination: 'siem', receiver: 'tcp://siem:514', reason: 'refused' },
  ])
  archive.available()
  siem.available()
  expect(news()).toMatchObject([{ id: 'msgtrk:021', destination: 'siem', reason: 'refused' }])
  siem.unavailable('refused')
  expect(ids()).toEqual(['msgtrk:020'])
})

test('says what was lost, also when nobody knows how much', () => {
  const { reporter, news } = setUp()
  const loss: Loss = { source: 'EX01', fileId: null, path: 'a.log', cause: 'deleted', bytes: 100, offset: 50 }
  reporter.lost('siem', loss)
  reporter.lost('siem', { ...loss, bytes: null })
  expect(news()).toMatchObject([
    {
      id: 'msgtrk:030',
      message: 'A log file was deleted before it was delivered; 100 bytes are lost',
      source: 'EX01',
      file: 'a.log',
      destination: 'siem',
      lostBytes: 100,
      offset: 50,
    },
    { id: 'agent:029', destination: 'siem', lostBytes: 100 },
    { id: 'msgtrk:030', message: expect.stringContaining('nobody knows how many'), lostBytes: undefined },
    { id: 'agent:029', message: expect.stringContaining('nobody knows how many'), lostBytes: undefined },
  ])
})

test('says once that much waits for a destination, and that it is worked off', () => {
  const { reporter, news, ids } = setUp()
  const much = 32 * 1024 * 1024
  reporter.backlog('siem', much - 1)
  expect(ids()).toEqual([])
  reporter.backlog('siem', much)
  reporter.backlog('siem', 2 * much)
  expect(news()).toMatchObject([{ id: 'agent:019', destination: 'siem', count: much }])
  reporter.backlog('siem', 1024 * 1024 + 1)
  expect(ids()).toEqual([])
  reporter.backlog('siem', 1024 * 1024)
  reporter.backlog('siem', 0)
  expect(ids()).toEqual(['agent:020'])
})

describe('malformed lines', () => {
  test('are told at once, then together once a minute, with the first of them', () => {
    const { reporter, news, ids } = setUp()
    reporter.malformed('siem', [line(1), line(2)])
    expect(news()).toMatchObject([
      { id: 'msgtrk:040', destination: 'siem', file: 'a.log', count: 2, offset: 1, reason: 'reason 1' },
    ])
    reporter.malformed('siem', [line(3)])
    reporter.malformed('siem', [line(4), line(5)])
    vi.advanceTimersByTime(59_999)
    expect(ids()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(news()).toMatchObject([{ count: 3, offset: 3 }])
    reporter.malformed('siem', [line(6)])
    expect(ids()).toEqual([])
    vi.advanceTimersByTime(60_000)
    expect(news()).toMatchObject([{ count: 1, offset: 6 }])
    vi.advanceTimersByTime(60_000)
    reporter.malformed('siem', [line(7)])
    expect(news()).toMatchObject([{ count: 1, offset: 7 }])
  })

  test('of each destination are told on their own, and all before the end', () => {
    const { reporter, news } = setUp()
    reporter.malformed('siem', [line(1)])
    reporter.malformed('archive', [line(1)])
    expect(news()).toMatchObject([{ destination: 'siem' }, { destination: 'archive' }])
    reporter.malformed('siem', [line(2)])
    reporter.stopping()
    expect(news()[0]).toMatchObject({ id: 'msgtrk:040', destination: 'siem', count: 1, offset: 2 })
  })
})

test('a reload is reported, with what changed or what is wrong', () => {
  const { reporter, news } = setUp()
  reporter.reloaded(['destinations.siem.to', 'sources.EX03'])
  reporter.reloaded([])
  reporter.reloadFailed('msgtrk.yaml:3 colour: is no setting')
  expect(news()).toMatchObject([
    {
      id: 'msgtrk:050',
      outcome: 'success',
      message: expect.stringContaining('destinations.siem.to, sources.EX03'),
    },
    { id: 'msgtrk:050', outcome: 'success', message: expect.stringContaining('changed: nothing') },
    { id: 'msgtrk:051', outcome: 'failure', reason: 'msgtrk.yaml:3 colour: is no setting' },
  ])
})

test('what it reports on can change: what is known of the others stays, what waits of those that go is told', () => {
  const { reporter, ids, news } = setUp()
  const gone = { source: 'EX01', folder: '/logs', reason: 'ENOENT' }
  reporter.started()
  reporter.folderChanged(gone)
  reporter.malformed('archive', [line(1)])
  reporter.malformed('archive', [line(2)])
  ids()
  const destinations = ['siem', 'new'].map((name) => ({
    name,
    to: `tcp://${name}:514`,
    counts: () => counts,
  }))
  reporter.watch({ sources: ['EX01', 'EX03'], destinations })
  expect(news()).toMatchObject([{ id: 'msgtrk:040', destination: 'archive', count: 1 }])
  reporter.folderChanged(gone)
  expect(ids()).toEqual([])
  reporter.folderChanged({ ...gone, source: 'EX03' })
  reporter.malformed('new', [line(3)])
  expect(ids()).toEqual(['msgtrk:010', 'msgtrk:040'])
  reporter.stopping()
  expect(news().filter(({ id }) => id === 'agent:050')).toMatchObject([
    { destination: 'siem' },
    { destination: 'new' },
  ])
})
