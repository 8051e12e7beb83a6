import { describe, expect, it } from 'vitest'
import { createMapper, type MapperOptions } from '../../../src/map/mapper.ts'
import { loadDictionary } from '../../../src/map/table/load.ts'
import { checkSourceFields } from '../../../src/map/table/source-fields.ts'
import { formatProblem } from '../../../src/mistakes/problem.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

const agent = {
  host: 'collector',
  address: '192.0.2.10',
  version: '1.2.3',
  id: 'id-1',
  zone: 'Europe/Berlin',
}
const layout = layoutOf('2016')
const syslog = { header: 'none', time: 'event', zone: 'utc', facility: 'local0' } as const
const settings: EventOptions = {
  mapping: 'exchange-2013',
  cefVersion: 0,
  additionalData: 'plain',
  syslog,
  framing: 'lf',
  maxMessageBytes: 65536,
}

function row(values: Readonly<Record<string, string>>): Buffer {
  const all: Readonly<Record<string, string>> = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': 'SEND',
    ...values,
  }
  return csvRow(layout.columns.map((column) => all[column] ?? ''))
}

function eventsOf(
  source: string,
  options: Partial<EventOptions>,
  rows = [row({ 'server-hostname': 'EX01' })],
) {
  const chunk = chunkOf(Buffer.concat(rows), layout)
  const transform = createEventTransform({ ...settings, ...options })
  const { frames } = onlyBatch(transform({ ...chunk, file: { ...chunk.file, source } }))
  return frames.toString('utf8').trimEnd().split('\n')
}

describe('what is said of the agent', () => {
  it('stands behind the device, the time of receipt within the run', () => {
    const before = Date.now()
    const [event = ''] = eventsOf('EX01', { sentBy: agent })
    const said =
      / ahost=collector agt=192\.0\.2\.10 av=1\.2\.3 at=msgtrk aid=id-1 atz=Europe\/Berlin art=(\d+) _cefVer=0\.1$/
    expect(event).toMatch(said)
    const art = Number(said.exec(event)?.[1])
    expect(art).toBeGreaterThanOrEqual(before)
    expect(art).toBeLessThanOrEqual(Date.now())
  })

  it('is in every event of a batch the same, also of rows that are written elsewhere', () => {
    const odd = csvRow(layout.columns.map(() => ''))
      .toString()
      .replace(/^,/, '2026-11-20T14:00:00.000Z,a"b')
    const events = eventsOf('EX01', { sentBy: agent }, [
      row({}),
      Buffer.from(odd),
      row({ 'message-subject': 'x' }),
    ])
    const tails = events.map((event) => / ahost=.* art=\d+/.exec(event)?.[0])
    expect(tails[0]).toBeDefined()
    expect(new Set(tails).size).toBe(1)
  })

  it('is left out where a part would be another value, not cut', () => {
    const long = { ...agent, version: 'v'.repeat(32), id: 'i'.repeat(41), address: null }
    const [event = ''] = eventsOf('EX01', { sentBy: long })
    expect(event).toMatch(/ ahost=collector at=msgtrk atz=Europe\/Berlin art=\d+ _cefVer/)
  })

  it('is escaped, and keeps a message within its limit as a whole or not at all', () => {
    const sentBy = { ...agent, host: 'a=b\\c', zone: 'z'.repeat(250) }
    const subject = 's'.repeat(1000)
    const options = { sentBy, maxMessageBytes: 1024 }
    const [event = ''] = eventsOf('EX01', options, [
      row({ 'message-subject': subject, 'sender-address': subject }),
    ])
    expect(Buffer.byteLength(event)).toBeLessThanOrEqual(1024)
    expect(event).toContain(' ahost=a\\=b\\\\c ')
    expect(event).toContain(' aid=id-1 ')
    expect(/ atz=(\S*)/.exec(event)?.[1] ?? sentBy.zone).toBe(sentBy.zone)
  })

  it('costs nothing where it is not asked for', () => {
    expect(eventsOf('EX01', {})[0]).toMatch(/ dvchost=EX01 _cefVer=0\.1$/)
  })

  it('gives way to what a table has under its key', () => {
    const { planFor } = createMapper({ ...settings, sentBy: agent } satisfies MapperOptions)
    const keys = planFor(layout).device.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('constants of a source', () => {
  const sourceFields = new Map([
    ['EX01', { customerURI: '/All Customers/A=1', flexString2: 'Berlin', flexString2Label: 'Site Name' }],
    ['EX02', { dvchost: 'override', flexString2: 'Paris', flexString2Label: 'Ort', aid: 'own' }],
  ])

  it('stand in the events of that source and of no other', () => {
    expect(eventsOf('EX01', { sourceFields })[0]).toMatch(
      / flexString2=Berlin flexString2Label=Site Name dvchost=EX01 customerURI=\/All Customers\/A\\=1 _cefVer=0\.1$/,
    )
    expect(eventsOf('EX03', { sourceFields })[0]).toMatch(/ dvchost=EX01 _cefVer=0\.1$/)
  })

  it('stand in place of what the table has, and of the agent', () => {
    const [event = ''] = eventsOf('EX02', { sourceFields, sentBy: agent })
    expect(event).toContain(
      ' flexString2=Paris flexString2Label=Ort dvchost=override aid=own ahost=collector ',
    )
    expect(event.match(/ (dvchost|aid)=/g)).toEqual([' dvchost=', ' aid='])
  })

  it('have labels as the others', () => {
    expect(eventsOf('EX01', { sourceFields, labels: 'underscore' })[0]).toContain(
      ' flexString2Label=Site_Name ',
    )
  })
})

describe('mistakes of constants', () => {
  it.each<[Record<string, string>, string | null]>([
    [{ customerURI: '/All Customers/A' }, null],
    [{ cn2: '7', cn2Label: 'Rack' }, null],
    [{ customerUri: 'x' }, 'did you mean customerURI?'],
    [{ deviceHostName: 'x' }, 'did you mean dvchost?'],
    [{ cs1: 'x' }, 'add cs1Label'],
    [{ cs1Label: 'x' }, 'add cs1'],
    [{ at: 'x'.repeat(64) }, 'is 64 bytes long; at takes 63 at most'],
    [{ dvc: 'EX01' }, 'is no IPv4 address'],
    [{ cn2: '007', cn2Label: 'Rack' }, 'is no whole number'],
    [{ cnt: '2147483648' }, 'is no whole number'],
    [{ rt: '1' }, 'not the same for all records'],
    [{ agentZoneKey: '1' }, 'is new in CEF 1.2'],
  ])('%j', (fields, said) => {
    const problems = checkSourceFields([{ fields }], loadDictionary(), 0).map(formatProblem)
    if (said === null) expect(problems).toEqual([])
    else expect(problems).toEqual([expect.stringContaining(said)])
  })
})
