import { expect, test } from 'vitest'
import { madePages } from '../../scripts/pages.ts'

test.each(madePages())('$name is what it is made from (else: npm run docs)', ({ old, text }) => {
  expect(old).toBe(text)
})
