/** Record batches, as the client reads them that sends none of ours. */
import { crc32c, Reader, readRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partitionOf } from '../../../../src/destinations/kafka/partition.ts'
import {
  anybody,
  HEADER_BYTES,
  headerBytes,
  MOST_RECORD_OVERHEAD,
  RecordsWriter,
  recordBatch,
} from '../../../../src/destinations/kafka/record-batch.ts'

const records = fc.array(
  fc.record({
    key: fc.uint8Array({ maxLength: 200 }),
    value: fc.uint8Array({ maxLength: 300 }),
    offset: fc.integer({ min: -1, max: 2 ** 50 }),
  }),
  { minLength: 1, maxLength: 200 },
)

it('is read as it was written', () => {
  fc.assert(
    fc.property(
      records,
      fc.string({ maxLength: 80 }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      (all, file, sequence) => {
        const header = headerBytes('file', file)
        const room = all.reduce(
          (sum, { key, value }) => sum + key.length + value.length + header.length + MOST_RECORD_OVERHEAD,
          0,
        )
        const writer = new RecordsWriter(Buffer.alloc(HEADER_BYTES + room), [header])
        const span = (bytes: Uint8Array) => ({ bytes: Buffer.from(bytes), start: 0, end: bytes.length })
        for (const { key, value, offset } of all) writer.append(span(key), span(value), offset)
        const body = { count: all.length, timeMs: 1_790_000_000_123, compression: 0, batch: writer.batch }
        const batch = recordBatch(body, { id: 4711n, epoch: 3, sequence }, crc32c)
        const read = readRecordsBatch(Reader.from(batch))
        expect(read).toMatchObject({
          firstOffset: 0n,
          length: batch.length - 12,
          magic: 2,
          crc: crc32c(batch.subarray(21)),
          attributes: 0,
          lastOffsetDelta: all.length - 1,
          firstTimestamp: 1_790_000_000_123n,
          maxTimestamp: 1_790_000_000_123n,
          producerId: 4711n,
          producerEpoch: 3,
          firstSequence: sequence,
        })
        expect(
          read.records.map(({ key, value, headers, offsetDelta }) => ({
            key: key?.toString('hex') ?? '',
            value: value?.toString('hex') ?? '',
            offsetDelta,
            headers: headers.map(([name, text]) => `${name}=${text}`),
          })),
        ).toEqual(
          all.map(({ key, value, offset }, index) => ({
            key: Buffer.from(key).toString('hex'),
            value: Buffer.from(value).toString('hex'),
            offsetDelta: index,
            headers: [`file=${Buffer.from(file)}`, ...(offset < 0 ? [] : [`offset=${offset}`])],
          })),
        )
      },
    ),
  )
})

it('is of nobody where nobody is to be known again', () => {
  const writer = new RecordsWriter(Buffer.alloc(200), [])
  const none = { bytes: Buffer.alloc(0), start: 0, end: 0 }
  writer.append(none, { bytes: Buffer.from('x'), start: 0, end: 1 }, -1)
  const batch = recordBatch({ count: 1, timeMs: 1, compression: 0, batch: writer.batch }, anybody, crc32c)
  expect(readRecordsBatch(Reader.from(batch))).toMatchObject({
    producerId: -1n,
    producerEpoch: -1,
    firstSequence: -1,
  })
})

// From the tests of Apache Kafka itself (UtilsTest).
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('%s has the partition that clients in Java give it', (key, hash) => {
  for (const partitions of [1, 3, 12, 1000]) {
    const bytes = Buffer.from(`<${key}>`)
    expect(partitionOf(bytes, 1, bytes.length - 1, partitions)).toBe((hash & 0x7fffffff) % partitions)
  }
})
