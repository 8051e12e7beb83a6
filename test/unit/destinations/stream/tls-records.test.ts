import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TlsRecords } from '../../../../src/destinations/stream/tls-records.ts'

function record(type: number, length: number): Buffer {
  const header = Buffer.from([type, 3, 3, length >> 8, length & 255])
  return Buffer.concat([header, Buffer.alloc(length, 22)])
}

test('the types of records are told, however the bytes come in pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ type: fc.constantFrom(20, 21, 22, 23), length: fc.integer({ min: 0, max: 40 }) })),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      (records, sizes) => {
        const bytes = Buffer.concat(records.map(({ type, length }) => record(type, length)))
        const types = records.flatMap(({ type, length }) => Array.from({ length: 5 + length }, () => type))
        const followed = new TlsRecords()
        for (let at = 0, piece = 0; at < bytes.length; piece++) {
          const end = Math.min(bytes.length, at + (sizes[piece % sizes.length] as number))
          const holds = followed.hold(bytes.subarray(at, end), 22)
          expect(holds).toBe(types.slice(at, end).includes(22))
          at = end
        }
      },
    ),
  )
})
