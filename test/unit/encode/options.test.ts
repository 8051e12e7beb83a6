import { expect, test } from 'vitest'
import * as z from 'zod'
import { frameShape } from '../../../src/encode/options.ts'

const schema = z.strictObject(frameShape)

test('everything has a default but the limit, which depends on the transport', () => {
  expect(schema.parse({})).toEqual({
    syslog: { header: 'rfc3164', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    protectHeader: false,
    unicodeControls: 'breaks',
  })
})

test.each(['', 'two words', 'line\nbreak', 'é', 'h'.repeat(256), 'tab\t'])('host %j is refused', (host) => {
  expect(schema.safeParse({ syslog: { host } }).success).toBe(false)
})

test.each([1023, 1_048_577, 2000.5, '8192'])('limit %j is refused', (maxMessageBytes) => {
  expect(schema.safeParse({ maxMessageBytes }).success).toBe(false)
})

test.each([1024, 1_048_576])('limit %j is taken', (maxMessageBytes) => {
  expect(schema.parse({ maxMessageBytes }).maxMessageBytes).toBe(maxMessageBytes)
})

test('an unknown setting or word is refused', () => {
  expect(schema.safeParse({ syslog: { tag: 'x' } }).success).toBe(false)
  expect(schema.safeParse({ syslog: { facility: 'local8' } }).success).toBe(false)
  expect(schema.safeParse({ framing: 'nul' }).success).toBe(false)
})
