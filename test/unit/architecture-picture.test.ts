import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { withPicture } from '../../scripts/picture.ts'

test('the picture of imports in docs/architecture.md is as the imports are (else: npm run docs)', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/architecture.md'), 'utf8')
  expect(page).toBe(withPicture(page))
})
