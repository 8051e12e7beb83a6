/**
 * What open mails take of memory: `npm run bench:mails [-- --mails N]`. Each has the fourteen rows of a mail to five
 * recipients over two servers, with names, addresses and ids of its own.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Chunk } from '../src/flow/chunk.ts'
import { MailCollector } from '../src/mails/collector.ts'
import { knownColumns } from '../src/records/layouts.ts'
import { createMailRows } from '../src/transform/mail-rows.ts'

const { values } = parseArgs({ options: { mails: { type: 'string', default: '100000' } } })
const count = Number(values.mails)
const log = readFileSync(path.resolve(import.meta.dirname, '../fixtures/one-mail.log'), 'utf8')
const rows = log.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'))
const columns = knownColumns['2016']
const layout = { columns, version: '15.02.1544.004', header: new Uint8Array(0) }
const file = { id: 'EX01/one-mail.log', source: 'EX01', path: 'one-mail.log' }

const rowsIn = createMailRows({
  mapping: 'mail',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 65_536,
})
const collector = new MailCollector({ quietMs: 3600_000, mostBytes: Number.POSITIVE_INFINITY })
const before = held()
const started = process.cpuUsage()
for (let mail = 0; mail < count; mail++) {
  const own = String(mail).padStart(7, '0')
  const text = rows
    .join('\r\n')
    .replaceAll('08da-000000000001', `08da-00000${own}`)
    .replaceAll('story@', `${own}.story@`)
    .replaceAll(/\b(ann|bob|Carol|dave|team|x)@/g, `$1.${own}@`)
    .replaceAll('Offer', `Offer ${own}`)
  const bytes = Buffer.from(`${text}\r\n`)
  const chunk: Chunk = { file, layout, header: 0, start: 0, end: bytes.length, bytes, malformed: [] }
  for (const row of rowsIn(chunk).rows) collector.add({ ...row, file: 0 })
}
const { user } = process.cpuUsage(started)
const bytes = held() - before
console.log(
  `${collector.count.toLocaleString('en-US')} open mails of ${rows.length} rows: ${(bytes / 1e6).toFixed(1)} MB held, ` +
    `${(collector.bytes / 1e6).toFixed(1)} MB by its own count; ${(user / count / rows.length).toFixed(1)} µs of CPU a row`,
)

/** Bytes of the heap that are in use, with what lies outside of it. */
function held(): number {
  if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc')
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
