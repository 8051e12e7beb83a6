/** What settings mean for each other is told together with what is wrong with one of them alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { told } from '../../support/told.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-cross-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function mistakesIn(sources: string, destination: string): Promise<readonly string[]> {
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(file, `sources: [${sources}]\ndestinations: [{ ${destination} }]`)
  const error = await loadConfig(file, { env: {} }).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no mistakes', { cause: error })
  return told(error.problems)
    .map(({ where, message }) => `${where.replace(/^.* (?:destinations\.0\.)?/, '')}: ${message}`)
    .sort()
}

test.each<[settings: string, expected: readonly string[]]>([
  ['to: udp://x, maxEventsPerSecond: 1e400', ['maxEventsPerSecond: must be a number, and is infinite']],
  ['to: udp://x, maxEventsPerSecond: .nan', ['maxEventsPerSecond: must be a number, and is none']],
  [
    'to: tls://x, name: 12, tls: { cert: c.pem }, failback: {}',
    [
      'failback: needs another receiver to return from',
      'name: must be text, and is a number',
      'tls.cert: needs its private key',
    ],
  ],
  [
    'to: tls://x, records: mail, mapping: exchange-modern, rawEvent: field, mails: { quietMinutes: 300, openMinutes: 120 }, ' +
      'privacy: { columns: { network-message-id: drop } }',
    [
      'mails.quietMinutes: is more than openMinutes, after which no mail is open',
      'mapping: maps rows, and mails are delivered',
      'privacy.columns.network-message-id: takes away by what the rows of a mail are known',
      'rawEvent: is the row of an event, and a mail has many',
      'rawEvent: would show the row with all that privacy protects',
    ],
  ],
  [
    'to: tls://x, mapping: mail.v1, mails: {}',
    ['mails: does nothing where each row is an event', 'mapping: maps mails, and rows are delivered'],
  ],
  [
    'to: tls://x, tls: { ca: 12, cert: c.pem }, failover: [tls://y, tls://y, 12]',
    [
      'failover.1: is named before already',
      'failover.2: must be text, and is a number',
      'tls.ca: must be text, and is a number',
      'tls.cert: needs its private key',
    ],
  ],
  [
    "to: 'tls://x:0', tls: { key: k.pem }, failback: {}, failover: []",
    [
      'failback: needs another receiver to return from',
      'failover: is empty',
      'tls.key: needs its certificate',
      'to: has the port "0"',
    ],
  ],
  [
    'to: https://x, tls: { passphrase: p }, failover: [udp://y]',
    [
      "failover.0: can't be udp://, which can't tell that a receiver is down",
      'tls.passphrase: belongs to a private key',
      'to: has the unknown protocol https',
    ],
  ],
  [
    "to: 'udp://x:0', maxMessageBytes: 100000, failover: [tcp://y]",
    [
      "failover: does not go with udp://, which can't tell that a receiver is down",
      'maxMessageBytes: must be 65507 or less on UDP: a datagram holds no more',
      'to: has the port "0"',
    ],
  ],
  [
    "to: 'udp://x:0', confirm: time",
    ['confirm: is for TCP and TLS, since nothing is confirmed on UDP', 'to: has the port "0"'],
  ],
  [
    'to: tcp://x, relay: true, confirm: close, turnAfterMs: fast',
    [
      'confirm: close proves nothing on tcp:// through a relay, which closes for itself',
      'turnAfterMs: must be a number, and is text',
    ],
  ],
  [
    'to: tcp://x, filter: { sizeBytes: { min: 5, max: 3, mox: 1 } }',
    ['filter.sizeBytes.min: is more than max', 'filter.sizeBytes.mox: is no setting'],
  ],
])('all of it is told: %s', async (settings, expected) => {
  expect(await mistakesIn('{ folder: . }', settings)).toEqual(expected)
})

test.each<[settings: string, expected: readonly string[]]>([
  ['to: tls://x, tls: { cert: 12, key: k.pem }', ['tls.cert: must be text, and is a number']],
  ['to: tls://x, tls: { cert: 12 }', ['tls.cert: must be text, and is a number']],
  ['to: tls://x, tls: { cert: c.pem, key: }', ['tls.key: must be text, and is empty']],
  ['to: tls://x, tls:', ['tls: must be a group of settings, and is empty']],
  ['to: tls://x, tls: c.pem', ['tls: must be a group of settings, and is text']],
  ['to: tls://x, failover: tls://y, failback: {}', ['failover: must be a list, and is text']],
  ['to: udp://x, maxMessageBytes: much', ['maxMessageBytes: must be a number, and is text']],
  ['to: https://x, confirm: time', ['to: has the unknown protocol https']],
  ['to: tcp://x, filter: { sizeBytes: { mox: 1 } }', ['filter.sizeBytes.mox: is no setting']],
  [
    'to: tcp://x, filter: { sizeBytes: { min: much, max: 3 } }',
    ['filter.sizeBytes.min: must be a number, and is text'],
  ],
  [
    'to: udp://x, maxMessageBytes: { valueOf: 1 }',
    ['maxMessageBytes: must be a number, and is a group of settings'],
  ],
  ['to: 12', ['to: must be text, and is a number']],
  ['preset: splunk, to: { toString: 1 }', ['to: must be text, and is a group of settings']],
  ['to: tcp://x, failover: [{ toString: 1 }]', ['failover.0: must be text, and is a group of settings']],
])('and nothing that follows from what is wrong: %s', async (settings, expected) => {
  expect(await mistakesIn('{ folder: . }', settings)).toEqual(expected)
})

test('one folder with a pattern that is none is not yet read twice', async () => {
  const sources = '{ name: a, folder: . }, { name: b, folder: ., pattern: 12 }'
  expect(await mistakesIn(sources, 'to: tcp://x')).toEqual(['sources.1.pattern: must be text'])
})

test('a name that is none is not yet taken', async () => {
  expect(await mistakesIn('{ folder: . }', 'to: tcp://x }, { to: tcp://x, name: 12')).toEqual([
    'destinations.1.name: must be text, and is a number',
  ])
})

test.each(['client-hostname', 'server-hostname', 'connector-id'])(
  'a server in the header is not guessed from rows without %s',
  async (column) => {
    const privacy = `privacy: { columns: { ${column}: drop } }`
    const source = '{ folder: /logs }'
    expect(await mistakesIn(source, `to: tls://x, syslog: { host: server }, ${privacy}`)).toEqual([
      `syslog.host: asks for the server that wrote a row, which nothing tells surely when privacy changes ${column}`,
    ])
  },
)

test('what a source says of events does nothing where all destinations get rows as they stand', async () => {
  const source = 'name: a, folder: a, correctSeconds: 5, fields: { customerURI: x }'
  const raw = 'to: tcp://x, format: raw'
  expect(await mistakesIn(`{ ${source} }`, raw)).toEqual([
    expect.stringContaining(
      'correctSeconds: corrects times of events, and all destinations get rows as they stand',
    ),
    expect.stringContaining('fields: adds to events, and all destinations get rows as they stand'),
  ])
  const others = `${raw} }, { to: tcp://y, nothing: 1`
  expect((await mistakesIn(`{ ${source} }`, others)).join()).not.toContain('as they stand')
})

test('rows as they stand hold the noise that is within them', async () => {
  const raw = 'to: tcp://x, format: raw, noise: [monitoring, agentinfo-performance]'
  expect(await mistakesIn('{ folder: a }', raw)).toEqual([
    'noise.1: agentinfo-performance is a part of rows, and format: raw gives them as they stand in the log',
  ])
})
