import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { healthOf, worstFirst } from '../../../src/status/health.ts'
import { judgeConfiguration } from '../../../src/status/judge-configuration.ts'
import { type DestinationFacts, judgeDestination } from '../../../src/status/judge-destination.ts'
import { judgeProgram } from '../../../src/status/judge-program.ts'
import { judgeSource } from '../../../src/status/judge-source.ts'
import { PipelineWatch, past } from '../../../src/status/pipeline-watch.ts'
import type { DestinationStatus, SourceStatus } from '../../../src/status/snapshot.ts'
import { before as at, destination, at as now, source } from '../../support/statuses.ts'

const nowMs = Date.parse(now)
const day = 86_400

const goodSource = source('EX01', {
  oldestFileAt: at(10 * day),
  retention: { keepsSeconds: 30 * day, by: 'age' },
})
const quiet = {
  appendedAgoMs: 2000,
  isLastReachable: false,
  remedy: null,
  firstNotRead: null,
}

const goodDestination = destination('siem', [], {
  to: 'tls://siem:6514',
  active: 'tls://siem:6514',
  receivers: [{ to: 'tls://siem:6514', state: 'ready', reason: null, lasting: false, since: null }],
  certificates: [{ of: 'receiver', subject: 'CN=siem', expiresAt: at(-90 * day) }],
})
const goodFacts: DestinationFacts = {
  down: null,
  lastMalformed: null,
  lastLost: null,
  lastRejected: null,
  rejectedLately: 0,
  lastDropped: null,
  notTidied: null,
  closedEarlyLately: 0,
  runsMs: day * 1000,
}

/** `kind severity` of what is found. */
function ofSource(changes: Partial<SourceStatus>, facts: Partial<typeof quiet> = {}): readonly string[] {
  const found = judgeSource({ ...goodSource, ...changes }, { ...quiet, ...facts })
  return found.map(({ kind, severity }) => `${kind} ${severity}`)
}

function judge(changes: Partial<DestinationStatus>, facts: Partial<DestinationFacts> = {}) {
  const keeps = new Map([['EX01', 30 * day]])
  return judgeDestination({ ...goodDestination, ...changes }, { ...goodFacts, ...facts }, keeps, nowMs)
}

function ofDestination(
  changes: Partial<DestinationStatus>,
  facts: Partial<DestinationFacts> = {},
): readonly string[] {
  return judge(changes, facts).map(({ kind, severity }) => `${kind} ${severity}`)
}

/** A backlog whose oldest record is so old, and is caught up with in so long. */
function behind(ageSeconds: number, caughtUpInSeconds: number | null): Pick<DestinationStatus, 'backlog'> {
  const backlog = {
    bytes: 5_000_000,
    complete: true,
    oldestRecordAt: at(ageSeconds),
    oldestRecordAgeSeconds: ageSeconds,
    retentionLeftSeconds: Math.max(0, 30 * day - ageSeconds),
    caughtUpInSeconds,
  }
  return { backlog: { ...backlog, sources: [{ source: 'EX01', rowsPerSecond: 10, ...backlog }] } }
}

const refused = {
  reason: 'connection refused by siem:6514',
  advice: null,
  isLasting: false,
  sinceMs: nowMs - 60_000,
}
const incident = {
  atMs: nowMs - 60_000,
  agoMs: 60_000,
  file: '/logs/EX01/M.LOG',
  offset: 812,
  reason: '1 column',
}

test('a reload that was refused, as long as none has come that was not', () => {
  const configuration = (successful: boolean) => ({
    file: 'msgtrk.yaml',
    sha256: 'abc',
    lastReload: { at: at(60), successful },
  })
  expect(judgeConfiguration(configuration(false))).toMatchObject([{ kind: 'reloadFailed', since: at(60) }])
  expect(judgeConfiguration(configuration(true))).toEqual([])
  expect(judgeConfiguration({ ...configuration(true), lastReload: null })).toEqual([])
})

describe('a source', () => {
  test('that writes and is read is well', () => expect(ofSource({})).toEqual([]))

  test('whose folder can not be read', () => {
    const away = { reachable: false, reason: 'EACCES: permission denied' }
    expect(ofSource(away)).toEqual(['sourceUnreachable trouble'])
    expect(ofSource(away, { isLastReachable: true })).toEqual(['sourceUnreachable down'])
    const [finding] = judgeSource({ ...goodSource, ...away }, { ...quiet, remedy: 'mount the share' })
    expect(finding?.remedy).toBe('mount the share; reading then goes on by itself')
  })

  test('with files that can not be read', () => {
    expect(ofSource({ filesNotRead: 2 })).toEqual(['filesUnreadable trouble'])
    const firstNotRead = { name: 'M.LOG', reason: 'EACCES: permission denied' }
    const why = (filesNotRead: number) =>
      judgeSource({ ...goodSource, filesNotRead }, { ...quiet, firstNotRead })[0]?.why
    expect(why(1)).toBe('1 file of /logs/EX01 is not read: M.LOG: EACCES: permission denied')
    expect(why(2)).toBe('2 files of /logs/EX01 are not read, such as M.LOG: EACCES: permission denied')
  })

  test('whose folder holds no logs', () => {
    expect(ofSource({ files: 0, newestRecordAt: null, newestRecordAgeSeconds: null })).toEqual([
      'sourceEmpty trouble',
    ])
  })

  test('that is a topic is no empty folder, and what is said of it speaks of the topic', () => {
    const none = { files: 0, newestRecordAt: null, newestRecordAgeSeconds: null }
    expect(ofSource({ ...none, kind: 'topic' })).toEqual([])
    const away = { ...none, reachable: false, reason: 'no answer', folder: 'kafka://b1/raw' }
    const [finding] = judgeSource({ ...goodSource, ...away, kind: 'topic' }, quiet)
    expect(finding?.why).toBe('its topic kafka://b1/raw can not be read: no answer')
    expect(finding?.remedy).toMatch(/brokers/)
  })

  test('that has written nothing for an hour', () => {
    expect(ofSource({ newestRecordAgeSeconds: 3590 }, { appendedAgoMs: day * 1000 })).toEqual([])
    expect(ofSource({ newestRecordAgeSeconds: 3610 }, { appendedAgoMs: day * 1000 })).toEqual([
      'sourceSilent trouble',
    ])
  })

  test('whose clock is wrong, by records of the future or by old ones that were just written', () => {
    expect(ofSource({ newestRecordAgeSeconds: -290 })).toEqual([])
    expect(ofSource({ newestRecordAgeSeconds: -310 })).toEqual(['clockWrong trouble'])
    expect(ofSource({ newestRecordAgeSeconds: 3 * 3600 })).toEqual(['clockWrong trouble'])
  })
})

describe('a destination', () => {
  test('that has all is well', () => expect(ofDestination({})).toEqual([]))

  test('that is not available, and what waits for it', () => {
    const [finding, ...others] = judge(behind(600, null), { down: refused })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ kind: 'destinationDown', severity: 'down', since: at(60) })
    expect(finding?.why).toBe(
      'connection refused by siem:6514; 5.0 MB wait, the oldest record for 10 min, and Exchange deletes it in about 29 d 23 h',
    )
    expect(finding?.remedy).toMatch(/start the receiver/)
    const [lasting] = judge({}, { down: { ...refused, isLasting: true } })
    expect(lasting?.remedy).toMatch(/does not mend itself/)
    const reason = 'name not found for siem:6514: check the host'
    const [advised] = judge({}, { down: { ...refused, reason, advice: 'check the host', isLasting: true } })
    expect(advised).toMatchObject({
      why: 'name not found for siem:6514',
      remedy: 'check the host; delivery then goes on from where it stopped',
    })
  })

  test('that has failed over', () => {
    const receivers: DestinationStatus['receivers'] = [
      { to: 'tls://siem:6514', state: 'unavailable', reason: 'refused', lasting: false, since: at(60) },
      { to: 'tls://other:6514', state: 'ready', reason: null, lasting: false, since: null },
    ]
    expect(judge({ active: 'tls://other:6514', receivers })).toMatchObject([
      { kind: 'onStandby', why: expect.stringMatching(/go to tls:\/\/other:6514, since .* refused/) },
    ])
  })

  test('that is late', () => {
    expect(ofDestination(behind(299, 10))).toEqual([])
    expect(judge(behind(301, 10))).toMatchObject([
      { kind: 'behind', severity: 'behind', remedy: expect.stringContaining('about 10 s') },
    ])
    expect(judge(behind(301, null))).toMatchObject([{ remedy: expect.stringContaining('does not get less') }])
  })

  test('whose backlog nears the end of what Exchange keeps, unless it comes in time', () => {
    expect(ofDestination(behind(23 * day, null))).toEqual(['behind behind'])
    expect(ofDestination(behind(25 * day, null))).toEqual(['backlogNearsRetention trouble', 'behind behind'])
    expect(ofDestination(behind(25 * day, 600))).toEqual(['behind behind'])
    expect(ofDestination(behind(25 * day, 600), { down: refused })).toEqual([
      'destinationDown down',
      'backlogNearsRetention trouble',
    ])
  })

  test('with lines that are no records, for a quarter of an hour', () => {
    const counts = { ...goodDestination.counts, malformed: 1 }
    const [finding] = judge({ counts }, { lastMalformed: incident })
    expect(finding?.why).toBe(
      '1 line of logs is no record; the last one, /logs/EX01/M.LOG byte 812: 1 column',
    )
    expect(ofDestination({ counts }, { lastMalformed: { ...incident, agoMs: 901_000 } })).toEqual([])
  })

  test('that is paused is neither down nor behind, and its backlog is judged all the same', () => {
    const paused = { state: 'paused', since: at(7200), pausedBy: 'ann' } as const
    expect(judge({ ...paused, ...behind(7200, null) })).toMatchObject([
      {
        kind: 'destinationPaused',
        severity: 'trouble',
        since: at(7200),
        why: expect.stringMatching(/^paused by ann; 5\.0 MB wait, .* Exchange deletes it in about 29 d/),
        remedy: expect.stringContaining('msgtrk resume siem'),
      },
    ])
    expect(ofDestination({ ...paused, ...behind(25 * day, null) })).toContain('backlogNearsRetention trouble')
  })

  test('with data that is lost, or rejected', () => {
    expect(ofDestination({}, { lastLost: incident })).toEqual(['dataLost trouble'])
    expect(ofDestination({}, { lastLost: { ...incident, agoMs: (day + 1) * 1000 } })).toEqual([])
    expect(ofDestination({}, { rejectedLately: 3 })).toEqual(['rejected trouble'])
    expect(judge({}, { rejectedLately: 3, lastRejected: 'too large' })[0]?.why).toBe(
      'the receiver has rejected 3 events in the last 15 minutes; the last time: too large',
    )
  })

  test('with what happened in the last day, whatever the clock is set to meanwhile', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: nowMs })
    onTestFinished(() => void vi.useRealTimers())
    const watch = new PipelineWatch()
    watch.malformed([{ path: '/logs/M.LOG', offset: 0, reason: '1 column', line: Buffer.alloc(0) }])
    watch.lost({ source: 'EX01', path: '/logs/M.LOG', fileId: null, offset: 0, bytes: 10, cause: 'deleted' })
    watch.lettersDropped(1)
    const { lastLost, lastMalformed, lastDropped } = watch
    const found = () =>
      judgeDestination(
        { ...goodDestination, certificates: [] },
        {
          ...goodFacts,
          lastLost: past(lastLost),
          lastMalformed: past(lastMalformed),
          lastDropped: past(lastDropped),
        },
        new Map(),
        Date.now(),
      ).map(({ kind }) => kind)
    for (const years of [-1, 1]) {
      vi.setSystemTime(nowMs + years * 365 * day * 1000)
      expect(found()).toEqual(['dataLost', 'lettersDropped', 'malformed'])
    }
    vi.setSystemTime(nowMs - 365 * day * 1000)
    vi.advanceTimersByTime(901_000)
    expect(found()).toEqual(['dataLost', 'lettersDropped'])
    vi.advanceTimersByTime(day * 1000)
    expect(found()).toEqual([])
  })

  test('whose filter lets nothing pass: a doubt at first, trouble after many records', () => {
    const counts = (filtered: number, delivered = 0) => ({
      counts: { ...goodDestination.counts, read: filtered + delivered, filtered, delivered },
    })
    expect(ofDestination(counts(99))).toEqual([])
    expect(ofDestination(counts(100))).toEqual(['filterLetsNothingPass doubt'])
    expect(ofDestination(counts(1000))).toEqual(['filterLetsNothingPass trouble'])
    expect(ofDestination(counts(1000, 1))).toEqual([])
  })

  test('whose certificate expires within three weeks', () => {
    const until = (days: number, of: 'receiver' | 'client'): Partial<DestinationStatus> => ({
      certificates: [{ of, subject: 'CN=x', expiresAt: at(-days * day) }],
    })
    expect(judge(until(22, 'receiver'))).toEqual([])
    expect(judge(until(20, 'receiver'))).toMatchObject([
      { remedy: expect.stringContaining('at the receiver') },
    ])
    expect(judge(until(20, 'client'))).toMatchObject([{ remedy: expect.stringContaining('tls.cert') }])
  })

  test('whose positions can not be saved', () => {
    expect(ofDestination({ positions: { savedAt: null, reason: 'ENOSPC' } })).toEqual([
      'positionsNotSaved trouble',
    ])
  })

  test('whose dead letters can not be written, or fell out', () => {
    const deadLetters = {
      since: at(60),
      reason: "EACCES: permission denied, open '/state/siem/dead-letters.ndjson'",
    }
    expect(judge({ deadLetters })).toMatchObject([
      {
        kind: 'lettersNotWritten',
        severity: 'trouble',
        why: expect.stringMatching(/EACCES.*positions wait/),
        remedy: expect.stringMatching(/^let the account .* write into the state folder/),
        since: at(60),
      },
    ])
    const lastDropped = { atMs: nowMs - 60_000, agoMs: 60_000, lines: 3 }
    expect(judge({}, { lastDropped })).toMatchObject([
      { kind: 'lettersDropped', why: expect.stringMatching(/^3 dead letters fell out/) },
    ])
    expect(judge({}, { lastDropped: { ...lastDropped, agoMs: (day + 1) * 1000 } })).toEqual([])
  })

  test('whose finished files stay, or whose mails are closed early', () => {
    const notTidied = { reason: 'no space is left', sinceMs: nowMs - 60_000 }
    expect(judge({}, { notTidied })).toMatchObject([{ kind: 'filesNotTidied', since: at(60) }])
    expect(judge({}, { closedEarlyLately: 1 })[0]?.why).toMatch(/^1 mail was closed .* it makes/)
    expect(judge({}, { closedEarlyLately: 2 })).toMatchObject([
      { kind: 'mailsClosedEarly', why: expect.stringMatching(/^2 mails were closed/) },
    ])
  })

  test.each([
    ['/state/EVENTS/positions.json.new: ENOSPC: no space left on device, write', /make room on the disk/],
    ["EACCES: permission denied, open '/state/siem/positions.json.new'", /let the account .* write/],
    ["EPERM: operation not permitted, rename '/state'", /let the account .* write/],
    ["EROFS: read-only file system, open '/state'", /mount the disk/],
    ['EDQUOT: disk quota exceeded, write', /may use of the disk/],
    ["ENOENT: no such file or directory, open '/state'", /make the folder again/],
    ['EIO: i/o error, fsync', /has errors/],
    ['the group is balanced anew just now', /mend what is said there/],
  ])('whose positions can not be saved, what to do: %s', (reason, remedy) => {
    const [finding] = judge({ positions: { savedAt: null, reason } })
    expect(finding?.remedy).toMatch(remedy)
  })
})

test('what the program itself works with', () => {
  expect(judgeProgram({ logWrong: null, isHeard: true })).toEqual([])
  const logWrong = {
    reason: "EROFS: read-only file system, open '/var/log/msgtrk.log'",
    firstReason: 'ENOSPC',
    sinceMs: nowMs - 60_000,
    changes: 1,
  }
  expect(judgeProgram({ logWrong, isHeard: false })).toMatchObject([
    {
      kind: 'logNotWritten',
      severity: 'trouble',
      why: expect.stringContaining('EROFS'),
      remedy: expect.stringMatching(/^mount the disk of the folder of the own log/),
      since: at(60),
    },
    { kind: 'commandsUnheard', severity: 'doubt' },
  ])
})

test('the worst decides, and is told first', () => {
  const findings = worstFirst([
    ...judge(behind(301, 10)),
    ...judge({}, { rejectedLately: 1 }),
    ...judge({}, { down: refused }),
    ...judge({ counts: { ...goodDestination.counts, delivered: 0, filtered: 200 } }),
  ])
  expect(findings.map(({ severity }) => severity)).toEqual(['down', 'trouble', 'behind', 'doubt'])
  expect(healthOf(findings)).toBe('down')
  expect(healthOf(findings.slice(1))).toBe('degraded')
  expect(healthOf(findings.slice(3))).toBe('well')
  expect(healthOf([])).toBe('well')
})
