import { expect, test } from 'vitest'
import * as z from 'zod'
import { mappingShape } from '../../../src/map/options.ts'

const schema = z.strictObject(mappingShape)

test('defaults', () => {
  expect(schema.parse({})).toEqual({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    labels: 'space',
    rawEvent: 'none',
    agent: false,
  })
})

test.each([
  [{ mapping: '' }, 'is empty; `auto` chooses the table by the columns of the log'],
  [{ cefVersion: 2 }, 'must be 0 or 1'],
  [{ additionalData: 'snake' }, 'must be one of: arcsight, camel, plain, none'],
])('%j', (value, message) => {
  expect(schema.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message])
})
