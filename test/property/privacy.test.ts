/** No plain value of a protected column leaves, wherever it stands; and who has the key gets it back. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../src/flow/batch.ts'
import type { Chunk } from '../../src/flow/chunk.ts'
import type { Records } from '../../src/flow/records.ts'
import { createParser } from '../../src/parse/parser.ts'
import { kindOf, type ProtectableColumn, protectableColumns } from '../../src/privacy/columns.ts'
import { Ff1 } from '../../src/privacy/ff1.ts'
import { type Method, methods } from '../../src/privacy/options.ts'
import { Protector } from '../../src/privacy/protector.ts'
import { decryptValue } from '../../src/privacy/value-cipher.ts'
import { fieldText } from '../../src/records/fields.ts'
import { joinList, splitList } from '../../src/records/list.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { createEventTransform, type EventOptions } from '../../src/transform/event-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { part } from '../support/runs.ts'
import { encryptKeyHex, keys, tweakHex } from '../support/secrets.ts'

const protector = new Protector(keys)
const ff1 = new Ff1(Buffer.from(encryptKeyHex, 'hex'), Buffer.from(tweakHex, 'hex'))
/** Any text but half a character, which no bytes stand for. */
const text = fc.string({ unit: 'binary', maxLength: 60 }).map((any) => Buffer.from(any).toString())

describe('decrypting gives back what was encrypted', () => {
  test.each(['address', 'text', 'host', 'fixed'] as const)('of %s', (kind) => {
    fc.assert(
      fc.property(fc.oneof(text, fc.emailAddress(), fc.lorem()), (value) => {
        const encrypted = protector.field('encrypt', kind, value)
        expect(encrypted).toMatch(/^[0-9A-Za-z@.:<>]*$/)
        expect(decryptValue(ff1, encrypted, kind)).toBe(value)
      }),
    )
  })

  test('of lists', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.emailAddress())), (members) => {
        const encrypted = protector.field('encrypt', 'addresses', joinList(members))
        expect(splitList(decryptValue(ff1, encrypted, 'addresses') ?? '?')).toEqual(
          splitList(joinList(members)),
        )
      }),
    )
  })

  test('of IP addresses, which stay some', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const encrypted = protector.field('encrypt', 'ip', address)
        const normal = address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
        expect(encrypted).toMatch(address.includes(':') ? /^[0-9a-f:]+$/ : /^\d+\.\d+\.\d+\.\d+$/)
        expect(decryptValue(ff1, encrypted, 'ip')).toBe(normal)
      }),
    )
  })
})

function transformWith(options: Partial<EventOptions>) {
  return createEventTransform({
    mapping: 'auto',
    cefVersion: 1,
    additionalData: 'arcsight',
    syslog: { header: 'rfc5424', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    ...options,
  })
}

/** What is searched: the frames as they are, and as a receiver reads them, in small letters. */
function shown(batches: Iterable<Batch>): string {
  const sent = Array.from(batches, ({ frames }) => frames.toString('utf8')).join('')
  return `${sent}\n${sent.replace(/\\(.)/g, '$1')}`.toLowerCase()
}

/** The values of six letters and more that a row has in a column, as far as the method hides any of them. */
function plainValues(
  records: Records,
  row: number,
  name: ProtectableColumn,
  method: Method,
): readonly string[] {
  const kind = kindOf(name)
  const column = records.layout.columns.indexOf(name)
  const value = column < 0 ? '' : fieldText(records, row, column).trim()
  return (
    (kind === 'addresses' ? splitList(value) : [value])
      // The source of an event may have the same name.
      .filter((plain) => plain !== fieldText(records, row, records.layout.columns.indexOf('event-id')))
      .filter((plain) => plain.length >= 6 && protector.one(method, kind, plain) !== plain)
      .map((plain) => plain.toLowerCase())
  )
}

const fixtures = path.resolve(import.meta.dirname, '../../fixtures')
const personal: readonly ProtectableColumn[] = [
  'sender-address', 'return-path', 'recipient-address', 'related-recipient-address', 'message-subject', 'message-id',
  'client-ip', 'original-client-ip', 'server-ip', 'original-server-ip',
] // biome-ignore format: a list of words

const cases = methods.flatMap((method) =>
  [personal, protectableColumns].map((names) => {
    const columns = Object.fromEntries(names.map((name) => [name, method]))
    return { method, names, transform: transformWith({ privacy: { ...keys, columns, hideBcc: false } }) }
  }),
)

test.each(readdirSync(fixtures).filter((name) => name.endsWith('.log')))(
  'of %s nothing plain is left',
  async (name) => {
    const parse = createParser()
    const tried = part(cases)
    for await (const chunk of fileChunks(path.join(fixtures, name))) {
      for (const records of parse(chunk).runs) {
        for (let row = 0; row < records.count; row++) {
          const line = oneRow(chunk, records, row)
          for (const { method, names, transform } of tried) {
            const found = shown(transform(line))
            const plain = names.flatMap((name) => plainValues(records, row, name, method))
            expect(plain.filter((value) => found.includes(value))).toEqual([])
          }
        }
      }
    }
  },
)

function oneRow(chunk: Chunk, { layout, bytes, rowStarts, rowEnds }: Records, row: number): Chunk {
  const line = Buffer.concat([bytes.subarray(rowStarts[row], rowEnds[row]), Buffer.from('\n')])
  return { ...chunk, layout, bytes: line, malformed: [] }
}

const word = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCÄö0123456789'),
  minLength: 6,
  maxLength: 12,
})
const secretAddress = fc
  .tuple(word, fc.constantFrom('', "'", '.', '+', '"'), word, word)
  .map(([first, between, last, domain]) => `${first}${between}${last}@${domain}.example`)
const secretIp = fc.oneof(fc.ipV4(), fc.ipV6()).filter((address) => address.length > 6)
const either = fc.boolean()

/** A row in which every secret stands in its own column and, spelled in another way, in others. */
const secretRow = fc.record({
  sender: secretAddress,
  recipients: fc.uniqueArray(secretAddress, { minLength: 1, maxLength: 20 }),
  subject: fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join(' = \\ ')),
  client: secretIp,
  loud: either,
})

/** Each column protected by each method, each method beside each other. */
const mixed = methods.flatMap((_, first) =>
  (['joined', 'each'] as const).map((recipients) => {
    const by = (column: number) => methods[(first + column) % methods.length] as Method
    const columns = {
      'sender-address': by(0),
      'recipient-address': by(1),
      'message-subject': by(2),
      'client-ip': by(3),
    }
    const transform = transformWith({ recipients, privacy: { ...keys, columns, hideBcc: true } })
    return { transform, byClient: by(3) }
  }),
)

test('nothing plain of a protected column is left in columns that are not', () => {
  const layout = layoutOf('2016')
  fc.assert(
    fc.property(
      secretRow,
      fc.constantFrom(...mixed),
      ({ sender, recipients, subject, client, loud }, { transform, byClient }) => {
        const spelled = (value: string) => (loud ? value.toUpperCase() : value)
        const all = recipients.map(spelled)
        const values: Readonly<Record<string, string>> = {
          'date-time': '2026-11-20T14:00:00.000Z',
          'event-id': 'FAIL',
          'sender-address': sender,
          'return-path': `<${spelled(sender)}>`,
          'recipient-address': joinList(recipients),
          'recipient-status': joinList(all.map((address) => `550 5.1.1 <${address}>; unknown`)),
          'related-recipient-address': joinList(all),
          'message-subject': subject,
          'client-ip': client,
          'original-client-ip': client,
          'client-hostname': client,
          'source-context': `[${client}] ${spelled(sender)},${all.join(' ')}"${spelled(subject)}"`,
          'custom-data': joinList([
            `S:To=${all.join(',')}`,
            `S:Subject=${spelled(subject)}`,
            `S:IP=${client}`,
          ]),
          'internal-message-id': all[0] ?? '',
        }
        const row = csvRow(layout.columns.map((name) => values[name] ?? ''))
        const found = shown(transform(chunkOf(row, layout)))
        for (const plain of [sender, ...recipients, subject]) expect(found).not.toContain(plain.toLowerCase())
        if (protector.one(byClient, 'ip', client) !== client) expect(found).not.toContain(client)
      },
    ),
  )
})

/** Conditions of that table ask who wrote a row, which is told by all of these together. */
const sides = ['client-ip', 'client-hostname', 'server-ip', 'server-hostname'] as const

test.each(sides)('no condition tells what stands in %s where that is dropped', (column) => {
  const names = ['date-time', ...sides, 'connector-id', 'source', 'event-id', 'sender-address']
  const host = fc.constantFrom('', 'EX01', 'EX01.contoso.com', 'EX02')
  const address = fc.constantFrom('', '10.1.1.11', '10.1.1.12')
  // An address that stands in another column as well is taken out there, too.
  const dropped = column.endsWith('-ip') ? fc.constantFrom('', '10.1.1.21', '10.1.1.22') : host
  const given = fc.record({
    'client-ip': address,
    'client-hostname': host,
    'server-ip': address,
    'server-hostname': host,
    'connector-id': fc.constantFrom('', 'EX01\\Default EX01', 'To the outside'),
    source: fc.constantFrom('SMTP', 'STOREDRIVER', 'ROUTING', ''),
    'event-id': fc.constantFrom('RECEIVE', 'SEND', 'DELIVER', 'SUBMIT', 'FAIL', 'HAREDIRECT'),
  })
  const privacy = { ...keys, columns: { [column]: 'drop' as const }, hideBcc: false }
  const transform = transformWith({ mapping: 'exchange-modern', privacy })
  const event = (values: Readonly<Record<string, string>>) => {
    const row: Readonly<Record<string, string>> = { ...values, 'date-time': '2026-11-20T14:00:00.000Z' }
    return shown(transform(chunkOf(csvRow(names.map((name) => row[name] ?? '')), layoutOf(names))))
  }
  fc.assert(
    fc.property(given, dropped, dropped, (values, one, other) => {
      expect(event({ ...values, [column]: one })).toBe(event({ ...values, [column]: other }))
    }),
  )
})
