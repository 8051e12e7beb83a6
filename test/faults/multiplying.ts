/** Logs that make much of little, each of about a megabyte: what a hostile sender, a broken disk or a stray file gives. */
import { createHash, randomBytes } from 'node:crypto'
import { knownColumns } from '../../src/records/layouts.ts'
import { csvRow } from '../support/records.ts'

const columns = knownColumns['2016']
const lineEnd = '\r\n'

/** A log's header, as each of them has it. */
export const header = Buffer.from(
  [
    '#Software: Microsoft Exchange Server',
    '#Version: 15.01.2507.006',
    '#Log-type: Message Tracking Log',
    '#Date: 2026-11-20T14:00:00.000Z',
    `#Fields: ${columns.join()}`,
    '',
  ].join(lineEnd),
)

type Values = Readonly<Record<string, string>>

/** A row, quoted as Exchange does. */
export function rowOf(values: Values = {}): Buffer {
  const all: Values = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': 'SEND',
    'recipient-address': 'b@x.com',
    ...values,
  }
  return csvRow(columns.map((name) => all[name] ?? ''))
}

const fill = (line: Buffer, bytes: number) =>
  Buffer.alloc(line.length * Math.max(1, Math.floor(bytes / line.length)), line)
const list = (count: number, member: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => member(index)).join(';')
const mebibyte = 2 ** 20

/** The rows behind a header, by what is unusual about them. */
export const multiplying: Readonly<Record<string, () => Buffer>> = {
  'tiny malformed lines': () => fill(Buffer.from('x\n'), mebibyte),
  'very many tiny malformed lines': () => fill(Buffer.from('x\n'), 8 * mebibyte),
  'unclosed quotes': () => fill(Buffer.from('"\n'), mebibyte),
  'stray quotes': () =>
    fill(Buffer.concat([Buffer.from('a"b'), rowOf({ 'message-subject': 'x' })]), mebibyte),
  'a stray quote in each row': () =>
    fill(Buffer.from(rowOf({ 'message-subject': 'x' }).toString().replace(',x,', ',a"b,')), mebibyte),
  'rows without a time': () => fill(rowOf({ 'date-time': 'never' }), mebibyte),
  'empty lines': () => fill(Buffer.from('\n'), mebibyte),
  'smallest rows': () => fill(rowOf(), mebibyte),
  'a header after each row': () => fill(Buffer.concat([rowOf(), header]), mebibyte),
  'another layout with each row': () =>
    fill(
      Buffer.concat([rowOf(), Buffer.from(`2026-11-20T14:00:00.000Z${','.repeat(columns.length)}\n`)]),
      mebibyte,
    ),
  'rows of a thousand recipients': () =>
    fill(
      rowOf({
        'recipient-address': list(1000, (index) => `r${index}@example.com`),
        'recipient-status': list(1000, () => '250 Ok'),
      }),
      mebibyte,
    ),
  'rows of a thousand recipients in quotes': () =>
    fill(
      rowOf({
        'recipient-address': list(1000, (index) => `'r;${index}@example.com'`),
        'recipient-status': list(1000, () => "'250; Ok'"),
      }),
      mebibyte,
    ),
  'a row of very many recipients': () =>
    rowOf({ 'recipient-address': list(30_000, (index) => `r${index}@example.com`) }),
  'a row of very many recipients in quotes': () =>
    rowOf({ 'recipient-address': list(30_000, (index) => `'r;${index}@example.com'`) }),
  'a row of a hundred thousand recipients': () =>
    rowOf({ 'recipient-address': list(100_000, (index) => `r${index}@example.com`) }),
  'a row of a hundred thousand recipients with a status each': () =>
    rowOf({
      'recipient-address': list(100_000, (index) => `r${index}@example.com`),
      'recipient-status': list(100_000, () => "'250; Ok'"),
    }),
  'many rows of a hundred thousand recipients': () =>
    fill(rowOf({ 'recipient-address': list(100_000, (index) => `r${index}@example.com`) }), 3 * 100_000 * 20),
  'a hundred thousand recipients whose addresses stand elsewhere too': () =>
    rowOf({
      'recipient-address': list(100_000, (index) => `r${index}@a.b`),
      'message-subject': list(100_000, (index) => `R${index}@a.b`),
    }),
  'a hundred thousand Bcc recipients': () =>
    rowOf({
      'event-id': 'RECEIVE',
      'recipient-address': list(100_000, (index) => `r${index}@example.com`),
      'recipient-status': list(100_000, (index) => (index % 2 === 0 ? 'Bcc' : 'To')),
    }),
  'recipients of megabytes': () =>
    rowOf({ 'recipient-address': `a@b;${'a'.repeat(mebibyte / 2)}@a.b;${'.'.repeat(mebibyte / 4)}@a.b` }),
  'a sender and a subject of megabytes': () =>
    rowOf({
      'sender-address': `${'a'.repeat(mebibyte)}@a.b`,
      'message-subject': 'S'.repeat(2 * mebibyte),
    }),
  'a row of nearly nothing but separators': () => rowOf({ 'recipient-address': ';'.repeat(mebibyte) }),
  'the longest row of nearly nothing but separators': () =>
    rowOf({ 'recipient-address': ';'.repeat(4 * mebibyte - 1000) }),
  'the longest row of nearly nothing but quotes': () =>
    rowOf({ 'recipient-address': "'';".repeat(mebibyte), 'recipient-status': "';".repeat(mebibyte / 4) }),
  'doubled quotes': () => fill(rowOf({ 'message-subject': '"'.repeat(2 * mebibyte - 1000) }), 16 * mebibyte),
  'doubled quotes among recipients': () =>
    rowOf({ 'message-subject': '"'.repeat(mebibyte), 'recipient-address': list(50_000, () => 'a@b') }),
  'a huge row with a stray quote': () =>
    Buffer.from(
      rowOf({ 'message-subject': 'S'.repeat(4 * mebibyte - 2000) })
        .toString()
        .replace('SS', 'S"S'),
    ),
  'control characters': () =>
    fill(rowOf({ 'message-subject': '\x01'.repeat(4 * mebibyte - 1000) }), 8 * mebibyte),
  'what must be escaped': () =>
    fill(rowOf({ 'message-subject': '=\\'.repeat(2 * mebibyte - 1000) }), 8 * mebibyte),
  blanks: () => fill(rowOf({ 'message-subject': `x${' '.repeat(4 * mebibyte - 1000)}` }), 8 * mebibyte),
  'lines that are too long': () =>
    fill(Buffer.concat([Buffer.alloc(6 * mebibyte, 'y'), Buffer.from('\n')]), 13 * mebibyte),
  'random bytes': () => randomBytes(4 * mebibyte),
  'custom data of nearly nothing but separators': () =>
    rowOf({ 'event-id': 'AGENTINFO', 'custom-data': `S:TRA=ETRP|x${';'.repeat(4 * mebibyte - 1000)}` }),
  'custom data of very many members': () =>
    fill(
      rowOf({ 'event-id': 'AGENTINFO', 'custom-data': list(100_000, (index) => `S:A${index}=b`) }),
      4 * mebibyte,
    ),
}

/** Settings of a destination, some of which make more of a row, and the logs of which they do. */
export interface Settings {
  readonly destination: string
  readonly multiplied: RegExp
  /** Most resident memory of a process that reads one of the logs, and the longest turn of its event loop. */
  readonly mostRssMb: number
  readonly longestTurnMs: number
}

const lists = /ecipients|separators|nothing but quotes|smallest rows/
/** As docs/operations.md says. */
const bounds = { mostRssMb: 150, longestTurnMs: 100 }
const protectedBounds = { mostRssMb: 260, longestTurnMs: 100 }

const key = (letters: string) => createHash('sha256').update(letters).digest('hex')
/** Secrets that the settings name. */
export const secrets = { HASH_KEY: key('hash'), ENCRYPT_KEY: key('encrypt') }

export const settings: Readonly<Record<string, Settings>> = {
  defaults: { ...bounds, destination: '', multiplied: /^(?!very many)/ },
  'an event for each recipient': {
    ...bounds,
    destination: 'recipients: each, rawEvent: field',
    multiplied: lists,
  },
  'lists split': {
    ...bounds,
    // Where each of millions of members goes is found out in one go.
    longestTurnMs: 150,
    destination: 'overflow: split, rawEvent: field',
    multiplied: lists,
  },
  'the modern table': {
    ...bounds,
    destination: 'mapping: exchange-modern.v1',
    multiplied: /rows|quotes|members/,
  },
  'noise left out': {
    ...bounds,
    destination: 'noise: [agentinfo-performance, shadow-redundancy, monitoring]',
    multiplied: /custom data|smallest rows|thousand/,
  },
  'values protected': {
    ...protectedBounds,
    destination: [
      'privacy: { columns: { recipient-address: hash, sender-address: encrypt, message-subject: mask,',
      `custom-data: hash }, hashKey: '\${env:HASH_KEY}', encryptKey: '\${env:ENCRYPT_KEY}', hideBcc: true }`,
    ].join(' '),
    multiplied: /ecipients|separators|quotes|smallest rows|members/,
  },
  'values encrypted': {
    ...protectedBounds,
    // A value of megabytes is spelled in one go.
    longestTurnMs: 150,
    destination: [
      'privacy: { columns: { recipient-address: encrypt, sender-address: encrypt, message-subject: encrypt },',
      `encryptKey: '\${env:ENCRYPT_KEY}' }`,
    ].join(' '),
    multiplied: /ecipients|separators|nothing but quotes|smallest rows|of megabytes/,
  },
}
