import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { type ExchangeVersion, exchangeVersions, layouts } from '../../../src/simulate/layouts.ts'
import { nastySizes, nastySubjects } from '../../../src/simulate/nasty.ts'
import { lineOf } from '../../../src/simulate/quoting.ts'
import { type Row, rowsOf } from '../../../src/simulate/rows.ts'
import { isThorough } from '../../support/runs.ts'

function take(count: number, seed: number, version: ExchangeVersion): Row[] {
  const rows: Row[] = []
  for (const row of rowsOf(seed, version)) if (rows.push(row) >= count) break
  return rows
}

const rows2016 = take(12_000, 1, '2016')
const place = (name: string) => layouts['2016'].columns.indexOf(name as 'date-time')
const valuesOf = (name: string) => rows2016.map((row) => row.values[place(name)] as string)
const shareOf = (event: string) => valuesOf('event-id').filter((id) => id === event).length / rows2016.length

const documentedEvents =
  'AGENTINFO BADMAIL CLIENTSUBMISSION DEFER DELIVER DELIVERFAIL DROP DSN DUPLICATEDELIVER DUPLICATEEXPAND DUPLICATEREDIRECT EXPAND FAIL HADISCARD HARECEIVE HAREDIRECT HAREDIRECTFAIL INITMESSAGECREATED LOAD MODERATIONEXPIRE MODERATORAPPROVE MODERATORREJECT MODERATORSALLNDR NOTIFYMAPI NOTIFYSHADOW POISONMESSAGE PROCESS PROCESSMEETINGMESSAGE RECEIVE REDIRECT RESOLVE RESUBMIT RESUBMITDEFER RESUBMITFAIL SEND SUBMIT SUBMITDEFER SUBMITFAIL SUPPRESSED THROTTLE TRANSFER'.split(
    ' ',
  )
const sources =
  'ADMIN AGENT APPROVAL BOOTLOADER DNS DSN GATEWAY MAILBOXRULE MEETINGMESSAGEPROCESSOR ORAR PICKUP POISONMESSAGE PUBLICFOLDER QUEUE REDUNDANCY RESOLVER ROUTING SAFETYNET SMTP STOREDRIVER'

describe.each(exchangeVersions)('rows of Exchange %s', (version) => {
  const layout = layouts[version]

  it.each(isThorough ? [1, 2, 3] : [1])('parse back into the columns of the layout, seed %i', (seed) => {
    const rows = take(1500, seed, version)
    const text = rows.map((row) => lineOf(row.values)).join('')
    const parsed: string[][] = parse(text, { record_delimiter: '\r\n' })
    expect(parsed).toEqual(rows.map((row) => row.values))
    expect(new Set(parsed.map((row) => row.length))).toEqual(new Set([layout.columns.length]))
  })

  it('are one line each, with nothing in quotes that need not be', () => {
    const wrong = take(1500, 4, version).filter(({ values }) => {
      const line = lineOf(values).slice(0, -2)
      const needsQuotes = values.some((value) => /[",]/.test(value))
      return (
        /[\r\n]/.test(line) ||
        Buffer.from(line).toString() !== line ||
        (!needsQuotes && line !== values.join(','))
      )
    })
    expect(wrong).toEqual([])
  })

  it('increase in time from row to row', () => {
    const rows = take(1500, 5, version)
    const times = rows.map((row) => row.timeMs)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    expect(rows.map((row) => row.values[0])).toEqual(times.map((timeMs) => new Date(timeMs).toISOString()))
  })

  it('are the same for the same seed', () => {
    expect(take(500, 6, version)).toEqual(take(500, 6, version))
  })

  it('use the prefixes of the version', () => {
    const prefixes = new Set(take(6000, 1, version).map((row) => row.prefix))
    expect(prefixes).toEqual(new Set(Object.values(layout.prefixes)))
  })
})

describe('content', () => {
  it('has every event id there is', () => {
    const real = [...documentedEvents, 'SENDEXTERNAL', 'SETROUTE', 'RECIPIENTINFO', 'REPLICATION']
    expect([...new Set(valuesOf('event-id'))].sort()).toEqual(real.sort())
  })

  it('has every source', () => {
    expect([...new Set(valuesOf('source'))].sort().join(' ')).toBe(sources)
  })

  it('has common events often and rare ones seldom', () => {
    for (const event of ['RECEIVE', 'SEND', 'DELIVER', 'AGENTINFO', 'HAREDIRECT']) {
      expect(shareOf(event)).toBeGreaterThan(0.05)
    }
    for (const event of ['BADMAIL', 'POISONMESSAGE', 'SETROUTE', 'LOAD', 'THROTTLE']) {
      expect(shareOf(event)).toBeLessThan(0.002)
    }
  })

  it('knows no event that its version did not have', () => {
    const events = (version: '2007' | '2010' | '2013') =>
      new Set(take(3000, 1, version).map((row) => row.values[8]))
    expect(events('2007')).not.toContain('AGENTINFO')
    expect(events('2007')).not.toContain('HARECEIVE')
    expect(events('2010')).toContain('HARECEIVE')
    expect(events('2010')).not.toContain('SENDEXTERNAL')
    expect(events('2013')).not.toContain('SENDEXTERNAL')
  })

  it('has every nasty subject and size', () => {
    const [subjects, sizes] = [new Set(valuesOf('message-subject')), new Set(valuesOf('total-bytes'))]
    expect(nastySubjects.filter((subject) => !subjects.has(subject))).toEqual([])
    expect(nastySizes.filter((size) => !sizes.has(size))).toEqual([])
  })

  it('keeps subjects within the 255 units that Exchange cuts at', () => {
    const lengths = valuesOf('message-subject').map((subject) => subject.length)
    expect(Math.max(...lengths)).toBe(255)
  })

  it('has null senders, quoted list members, IPv6 with a zone, and thousands of recipients', () => {
    expect(valuesOf('return-path')).toContain('<>')
    expect(valuesOf('recipient-address').some((list) => /o''brien@/.test(list))).toBe(true)
    expect(valuesOf('client-ip').some((ip) => /^fe80::.*%\d+$/.test(ip))).toBe(true)
    expect(valuesOf('recipient-count').some((count) => Number(count) >= 2000)).toBe(true)
  })

  it('keeps the network message id of a mail over all of its rows', () => {
    const byMessage = new Map<string, Set<string>>()
    rows2016.forEach(({ values }) => {
      const id = values[place('message-id')] as string
      if (!id.startsWith('<') || id.includes(' ') || id.length > 200) return
      byMessage.set(id, (byMessage.get(id) ?? new Set()).add(values[place('network-message-id')] as string))
    })
    const several = [...byMessage].filter(([, networkIds]) => networkIds.size > 1).map(([id]) => id)
    // Some nasty message ids are given to more than one mail.
    expect(several.filter((id) => /^<[0-9a-f]{16}\./.test(id))).toEqual([])
    expect(byMessage.size).toBeLessThan(rows2016.length / 3)
  })

  it('numbers the rows in the last eight digits of log-id', () => {
    const numbers = valuesOf('log-id').map((id) => Number.parseInt(id.slice(-8), 16))
    expect(numbers).toEqual(numbers.map((_, i) => i))
    expect(new Set(valuesOf('log-id')).size).toBe(rows2016.length)
  })
})
