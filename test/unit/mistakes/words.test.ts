import { expect, test } from 'vitest'
import * as z from 'zod'
import { check } from '../../../src/mistakes/of-settings.ts'
import { Mistaken, report, said, sentence } from '../../../src/mistakes/words.ts'

const schema = z.strictObject({
  list: z.array(z.string()).min(1, said('is empty; or nearly so', 'name one; or two')),
  text: z.string().superRefine((text, context) => {
    report(context, { message: `is "${text}"; which is wrong`, remedy: 'write another; or none' }, ['at'])
    report(context, { message: 'has no remedy; but two parts' })
  }),
})

test('a mistake and its remedy are two, whatever marks are in them', () => {
  const result = check({ list: [], text: 'a; b' }, schema, () => z.toJSONSchema(schema))
  expect(result).toEqual({
    mistakes: [
      { path: ['list'], message: 'is empty; or nearly so', remedy: 'name one; or two' },
      { path: ['text', 'at'], message: 'is "a; b"; which is wrong', remedy: 'write another; or none' },
      { path: ['text'], message: 'has no remedy; but two parts' },
    ],
  })
})

test('in one sentence they are for who can tell only one', () => {
  expect(new Mistaken('is empty', 'name one').message).toBe('is empty; name one')
  expect(sentence({ message: 'is empty' })).toBe('is empty')
})
