/** What the program reports on itself, as a receiver gets it. */
import { mkdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { prepare } from '../../src/app/prepare.ts'
import { SelfReport } from '../../src/app/self-report.ts'
import { loadConfig } from '../../src/config/load.ts'
import { version } from '../../src/package/version.ts'
import type { CefEvent } from '../../src/receive/cef-decoder.ts'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { allThereInOrder, type Collector, distinct, judge } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'
import { memoryLog } from '../unit/tail/logs.ts'

/** The reports that came so far. Throws when a frame is no correct event. */
function reportsIn({ frames }: Collector): readonly CefEvent[] {
  return frames.filter(isReport).map((frame) => {
    const decoded = decodeFrame(Buffer.from(frame, 'latin1'))
    if (!decoded.ok) throw new Error(decoded.errors[0]?.reason)
    return decoded.event
  })
}

function isReport(frame: string): boolean {
  return frame.includes('|msgtrk|msgtrk|')
}

function idsIn(collector: Collector): readonly string[] {
  return reportsIn(collector).map(({ eventClassId }) => eventClassId)
}

/** Waits for a report, on this destination if one is named; gives its values. */
async function reported(
  collector: Collector,
  id: string,
  destination?: string,
): Promise<Readonly<Record<string, string>>> {
  const isIt = ({ eventClassId, extension }: CefEvent) =>
    eventClassId === id && (destination === undefined || extension.get('cs3') === destination)
  const find = () => reportsIn(collector).find(isIt)
  await collector.until(`report ${id}`, () => find() !== undefined)
  return Object.fromEntries(find()?.extension ?? [])
}

test.concurrent('what happens to sources, destinations and records is reported besides the events', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const gone = await place.collect()
  await gone.close()
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: EX01 }, { name: EX02, folder: EX02 }]
destinations:
  - { name: siem, to: '${siem.url}', confirm: time, confirmAfterMs: 300, maxMessageBytes: 1048576, selfReport: true }
  - { name: archive, to: '${gone.url}', confirm: time, confirmAfterMs: 300 }
`,
  )
  await place.simulate('EX01', 500)
  const program = place.start('run', '--config', 'msgtrk.yaml')

  expect(await reported(siem, 'agent:030')).toMatchObject({
    msg: `msgtrk ${version} started; sources: EX01, EX02; destinations: siem, archive`,
  })
  expect(await reported(siem, 'msgtrk:010')).toMatchObject({
    cs1: 'EX02',
    cs2: place.path('EX02'),
    reason: expect.stringContaining('ENOENT'),
  })
  await mkdir(place.path('EX02'))
  expect(await reported(siem, 'msgtrk:011')).toMatchObject({ cs1: 'EX02', outcome: 'success' })
  expect(await reported(siem, 'msgtrk:020')).toMatchObject({ cs3: 'archive', cs4: gone.url })
  const archive = await place.collect({ listen: gone.url })
  expect(await reported(siem, 'msgtrk:021')).toMatchObject({ cs3: 'archive', outcome: 'success' })
  await place.write('EX02/MSGTRK2026112014-1.LOG', `${header}2026-11-20T14:00:00.000Z,"torn`.concat('\r\n'))
  expect(await reported(siem, 'msgtrk:040', 'siem')).toMatchObject({
    cs2: place.path('EX02', 'MSGTRK2026112014-1.LOG'),
    cnt: '1',
    cn2: String(header.length),
    cn2Label: 'Offset',
  })
  const expected = await place.expectedFrames('EX01')
  await Promise.all([siem, archive].map((receiver) => receiver.has(distinct(expected))))
  expect((await program.stop()).code).toBe(0)

  const last = reportsIn(siem).slice(-3)
  expect(last.map(({ eventClassId }) => eventClassId)).toEqual(['agent:050', 'agent:050', 'agent:031'])
  expect(last[0]?.extension.get('cs3')).toBe('siem')
  expect(last[0]?.extension.get('cn1')).toBe('501')
  expect(idsIn(archive)).toEqual([])
  expect([siem.incorrect, archive.incorrect]).toEqual([[], []])
  // The events are what they are without reports: all there, in order, none twice.
  const events = siem.frames.filter((frame) => !isReport(frame))
  expect(judge(events, expected)).toEqual(allThereInOrder)
})

test.concurrent('reports wait for a destination that is down', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const gone = await place.collect()
  await gone.close()
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations: [{ name: siem, to: '${gone.url}', selfReport: true }]
`,
  )
  await place.simulate('EX01', 10)
  const program = place.start('run', '--config', 'msgtrk.yaml')
  // Of the events, not of the reports, which have a connection of their own.
  const down = () =>
    program.log.find(
      ({ message, destination }) => message.startsWith('Destination unavailable') && destination === 'siem',
    )
  await program.until('siem is unavailable', () => down() !== undefined)
  const reason = down()?.reason
  const siem = await place.collect({ listen: gone.url })
  expect(await reported(siem, 'msgtrk:020')).toMatchObject({ cs3: 'siem', reason })
  expect(await reported(siem, 'msgtrk:021')).toMatchObject({ cs3: 'siem', reason })
  expect((await program.stop()).code).toBe(0)
  expect(idsIn(siem)).toEqual(['agent:030', 'msgtrk:020', 'msgtrk:021', 'agent:050', 'agent:031'])
  expect(siem.incorrect).toEqual([])
})

test.concurrent('reports come in the framing, header and size of their destination', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect({ listen: 'udp://127.0.0.1:0' })
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: '${'EX01'.repeat(50)}' }]
destinations:
  - name: siem
    to: '${siem.url}'
    selfReport: true
    cefVersion: 1
    maxMessageBytes: 1024
    syslog: { header: rfc5424, facility: local3, host: collector7 }
`,
  )
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await reported(siem, 'msgtrk:010')
  expect((await program.stop()).code).toBe(0)
  expect(idsIn(siem)).toEqual(['agent:030', 'msgtrk:010', 'agent:050', 'agent:031'])
  expect(siem.incorrect).toEqual([])
  for (const frame of siem.frames) {
    expect(frame).toMatch(/^<15\d>1 \S+ collector7 msgtrk - - - CEF:1\|/)
    expect(frame.length).toBeLessThanOrEqual(1024)
  }
})

test.concurrent('the end of a single run is reported, and a receiver that is gone does not hold it up for long', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const gone = await place.collect()
  await gone.close()
  await place.write(
    'msgtrk.yaml',
    `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, to: '${siem.url}', confirm: write, selfReport: true, agent: true }
  - { name: archive, to: '${gone.url}', events: [NONE], selfReport: true }
`,
  )
  await place.simulate('EX01', 10)
  const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(code).toBe(0)
  expect(idsIn(siem)).toEqual(['agent:030', 'agent:050', 'agent:050', 'agent:031'])
  // Reports say who sends as the events do.
  const id = (await readFile(place.path('state', '.agent-id'), 'utf8')).trim()
  for (const frame of siem.frames) {
    expect(frame).toMatch(/ ahost=\S+ (agt=\S+ )?av=\S+ at=msgtrk aid=\S+ atz=\S+ art=\d{13} _cefVer/)
    expect(frame).toContain(` aid=${id} `)
  }
  expect(siem.frames).toHaveLength(14)
  expect(stderr).toContain('Stopped before the last reports on msgtrk itself were delivered')
})

test.concurrent('lost data and the error that ended it are reported', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const config = await loadConfig(
    await place.write(
      'msgtrk.yaml',
      `
sources: [{ name: EX01, folder: EX01 }]
destinations: [{ name: siem, to: '${siem.url}', confirm: write, selfReport: true }]
`,
    ),
  )
  const log = memoryLog()
  const reports = new SelfReport({ sources: ['EX01'], pipelines: prepare(config, log).pipelines }, log)
  reports.started()
  reports.listener('siem').lost({
    source: 'EX01',
    path: '/logs/MSGTRK|a=b"\n.LOG',
    fileId: null,
    cause: 'deleted',
    bytes: 12_345,
    offset: 678,
  })
  await reports.end(new Error('disk full'))

  expect(await reported(siem, 'msgtrk:030')).toMatchObject({
    cn1: '12345',
    cn1Label: 'Lost Bytes',
    cn2: '678',
    cs1: 'EX01',
    cs2: '/logs/MSGTRK|a=b" .LOG',
    cs3: 'siem',
    reason: 'deleted',
  })
  expect(await reported(siem, 'agent:031')).toMatchObject({ outcome: 'failure', reason: 'disk full' })
  expect(idsIn(siem)).toEqual(['agent:030', 'msgtrk:030', 'agent:050', 'agent:031'])
  expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([])
})

const header = [
  '#Software: Microsoft Exchange Server',
  '#Version: 15.01.2507.006',
  '#Log-type: Message Tracking Log',
  '#Date: 2026-11-20T14:00:00.000Z',
  '#Fields: date-time,client-ip,client-hostname',
  '',
].join('\r\n')
