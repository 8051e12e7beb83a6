import { expect, it } from 'vitest'
import * as z from 'zod'
import { rewriteShape, sourceTimeShape } from '../../../src/rewrite/options.ts'

const destination = z.strictObject(rewriteShape)
const source = z.strictObject(sourceTimeShape)

it('leaves records as they are by default', () => {
  expect(destination.parse({})).toEqual({ recipients: 'joined', overflow: 'cut' })
  expect(source.parse({})).toEqual({ correctSeconds: 0 })
})

it.each([-315_360_001, 315_360_001, 0.5, '90', null])('takes %j for no correction', (correctSeconds) => {
  expect(source.safeParse({ correctSeconds }).success).toBe(false)
})

it.each([-90, 3600])('takes a correction of %i', (correctSeconds) => {
  expect(source.parse({ correctSeconds })).toEqual({ correctSeconds })
})
