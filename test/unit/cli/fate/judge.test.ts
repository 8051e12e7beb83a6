/** What decides the fate of rows: the state folder, and the instance that works on it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openJudge, recordJudge } from '../../../../src/cli/fate/judge.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import type { Config, FolderConfig } from '../../../../src/config/schema.ts'
import { openControl } from '../../../../src/control/server.ts'
import type { DestinationStatus } from '../../../../src/status/snapshot.ts'
import { layoutOf, recordsOf } from '../../../support/records.ts'
import { destination, status } from '../../page/statuses.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-judge-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function configWith(more = ''): Promise<Config> {
  const file = path.join(folder, 'msgtrk.yaml')
  const to = "to: 'tcp://127.0.0.1:1'"
  await writeFile(
    file,
    `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [{ name: siem, ${to}${more} }]\n`,
  )
  await mkdir(path.join(folder, 'state', 'siem'), { recursive: true })
  return loadConfig(file)
}

/** An instance that says this of its destination, and works with a configuration of this hash. */
async function running(siem: DestinationStatus | undefined, sha256 = ''): Promise<void> {
  const value = status({
    destinations: siem === undefined ? [] : [siem],
    configuration: { file: 'msgtrk.yaml', sha256, lastReload: null },
  })
  const control = await openControl({
    state: path.join(folder, 'state'),
    routes: [{ method: 'GET', path: '/status', handler: () => ({ value }) }],
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  onTestFinished(async () => {
    await control?.close()
  })
}

/** Why a row that is not delivered is not. */
async function whyNotYet(config: Config): Promise<string> {
  const source = config.sources[0] as FolderConfig
  const judge = await openJudge(config, new Set())
  const fate = judge
    .fatesOf({
      path: path.join(folder, 'EX01', 'a.LOG'),
      belonging: { source, id: 'EX01/a.LOG#x' },
      treated: new Map(),
      offset: 100,
      end: 200,
      isWhole: true,
      time: '2026-11-20T14:00:00.000Z',
      messageId: '',
      malformed: null,
    })
    .get('siem')
  expect(fate?.kind).toBe('notYet')
  return fate?.why ?? ''
}

const nothing = 'nothing of source EX01 is settled'

test.each<[what: string, siem: DestinationStatus | undefined, why: string]>([
  ['has its turn', destination('siem', []), nothing],
  [
    'is unavailable, with the reason of a receiver',
    destination('siem', [], {
      state: 'unavailable',
      since: '2026-11-20T13:00:00.000Z',
      receivers: [
        { to: 'a', state: 'unknown', reason: null, lasting: false, since: null },
        { to: 'b', state: 'unavailable', reason: 'refused', lasting: false, since: null },
      ],
    }),
    `${nothing}; siem is unavailable since 2026-11-20T13:00:00.000Z: refused`,
  ],
  [
    'is unavailable, nobody knows why',
    destination('siem', [], { state: 'unavailable' }),
    `${nothing}; siem is unavailable`,
  ],
  [
    'is paused',
    destination('siem', [], { state: 'paused', pausedBy: 'ann' }),
    `${nothing}; siem is paused by ann`,
  ],
  ['is paused by nobody known', destination('siem', [], { state: 'paused' }), `${nothing}; siem is paused`],
  ['is not there', undefined, `${nothing}; the running instance has no such destination`],
])('a row waits because its destination %s', async (_, siem, why) => {
  const config = await configWith()
  await running(siem, config.sha256)
  expect(await whyNotYet(config)).toBe(why)
})

test('a row waits because nothing runs', async () => {
  expect(await whyNotYet(await configWith())).toBe(`${nothing}; no instance of msgtrk is running`)
})

test('an instance that works with another configuration is told of', async () => {
  const config = await configWith()
  await running(destination('siem', []), 'other')
  expect((await openJudge(config, new Set())).notes).toEqual([
    expect.stringMatching(/works with another config/),
  ])
})

test('positions that can not be read are told, and then nothing is known of a row', async () => {
  const config = await configWith()
  await writeFile(path.join(folder, 'state', 'siem', 'positions.json'), 'damaged')
  const judge = await openJudge(config, new Set())
  expect(judge.problems).toHaveLength(1)
  // Nothing that names the file: a folder in its place.
  await rm(path.join(folder, 'state', 'siem', 'positions.json'))
  await mkdir(path.join(folder, 'state', 'siem', 'positions.json'))
  expect((await openJudge(config, new Set())).problems).toHaveLength(1)
})

test('of a rule that is not met those parts are named that decided it, the first three of many', async () => {
  const decidedBy = async (rule: string, event: string): Promise<string | null | undefined> => {
    const judge = recordJudge(await configWith(`, filter: ${rule}`))
    const layout = layoutOf('2016')
    const values: Readonly<Record<string, string>> = { 'event-id': event, source: 'SMTP' }
    return judge(recordsOf(layout, [layout.columns.map((name) => values[name] ?? '')]), 0).get('siem')
      ?.filteredBy
  }
  expect(await decidedBy('{ events: [SEND] }', 'SEND')).toBeNull()
  expect(await decidedBy('{ events: [SEND] }', 'FAIL')).toBe('filter.events: SEND')
  const some = '{ not: { events: [FAIL], sources: [SMTP] } }'
  expect(await decidedBy(some, 'FAIL')).toBe('filter.not.events: FAIL and filter.not.sources: SMTP')
  const many =
    '{ and: [{ events: [A] }, { events: [B] }, { events: [C] }, { events: [D] }, { events: [FAIL] }] }'
  expect(await decidedBy(many, 'FAIL')).toBe('filter.and.0 and filter.and.1 and filter.and.2 and 1 more')
})
