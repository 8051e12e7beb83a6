/** What decides the fate of rows: the state folder, and the instance that works on it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { checkpointPath, createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { openJudge, recordJudge, type Treated } from '../../../../src/cli/fate/judge.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import type { Config, FolderConfig } from '../../../../src/config/schema.ts'
import { openControl } from '../../../../src/control/server.ts'
import { mailKey } from '../../../../src/mails/mail-key.ts'
import { Places } from '../../../../src/mails/places.ts'
import type { DestinationStatus } from '../../../../src/status/snapshot.ts'
import { chunkOf, layoutOf, recordsOf } from '../../../support/records.ts'
import { destination, status } from '../../../support/statuses.ts'

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

/** A destination of mails with the id hashed; of its log bytes 0 … 400 were read, and the mail `a` is open from 200 on. */
async function ofMails() {
  await writeFile(path.join(folder, 'key'), '00112233445566778899aabbccddeeff', { mode: 0o600 })
  const config = await configWith(
    `, records: mail, privacy: { columns: { network-message-id: hash }, hashKey: '$\{file:${path.join(folder, 'key')}}' }`,
  )
  const layout = layoutOf('2016')
  const treat = recordJudge(config)
  const treated = (id: string) => {
    const row = layout.columns.map((name) => (name === 'network-message-id' ? id : ''))
    return treat(recordsOf(layout, [row]), 0)
  }
  const [a, b, none] = [treated('a'), treated('b'), treated('')]
  const places = new Places(new Map(), 0)
  const chunk = { ...chunkOf('x', layout), start: 0, end: 400 }
  places.took(chunk, Number.NaN)
  const facts = {
    key: mailKey(a.get('siem')?.mail ?? ''),
    continues: false,
    places: [places.numberOf(chunk), 200],
  }
  const store = createCheckpoint(checkpointPath(path.join(folder, 'state'), 'siem'), config.sources)
  await store.save(places.positions([facts], [], Number.NaN))
  const fateOf = async (at: number, row: Treated, malformed: string | null = null) => {
    const file = path.join(folder, 'EX01', 'a.LOG')
    const judge = await openJudge(config, new Set([file]))
    const belonging = { source: config.sources[0] as FolderConfig, id: chunk.file.id }
    const place = { path: file, belonging, offset: at, end: at + 100, isWhole: true }
    return judge.fatesOf({ ...place, treated: row, time: '', messageId: '', malformed }).get('siem')
  }
  return { a, b, none, fateOf, hashed: a.get('siem')?.mail ?? '' }
}

test('a row of an open mail is in it, those of others are settled', async () => {
  const { a, b, none, fateOf, hashed } = await ofMails()
  expect(hashed).not.toBe('a')
  expect(await fateOf(200, a)).toEqual({
    kind: 'held',
    why: 'its mail is open, or the record of that is not confirmed yet; no instance of msgtrk is running',
  })
  expect((await fateOf(300, a))?.kind).toBe('held')
  expect((await fateOf(100, a))?.kind, 'of a record before that').toBe('settled')
  expect((await fateOf(300, b))?.kind).toBe('settled')
  expect((await fateOf(400, b))?.kind).toBe('notYet')
  expect(await fateOf(300, none)).toEqual({ kind: 'filtered', why: 'it has no id of a mail' })
  expect((await fateOf(300, new Map(), 'bad'))?.why).toBe('bad; its dead letter is there no more')
})

test('the record of a mail that was rejected is known by the id of the mail', async () => {
  const { b, fateOf, hashed } = await ofMails()
  const letter = (line: string) =>
    writeFile(
      path.join(folder, 'state', 'siem', 'dead-letters.ndjson'),
      `${JSON.stringify({ time: '2026-11-20T14:00:00.000Z', file: 'mails', offset: 1, reason: 'rejected by siem: no', line })}\n`,
    )
  await letter(`CEF:0|…|externalId=${b.get('siem')?.mail} …`)
  expect((await fateOf(300, b))?.kind).toBe('deadLetter')
  await letter(`CEF:0|…|externalId=${hashed} …`)
  expect(await fateOf(300, b)).toEqual({ kind: 'settled', why: expect.stringContaining('privacy changed') })
  await letter('')
  expect((await fateOf(300, b))?.why).toMatch(/^unless it is the one that was rejected by siem: no/)
})
