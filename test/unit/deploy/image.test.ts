import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../../../src/package/version.ts'

test.each(['compose.yaml', 'kubernetes/msgtrk.yaml'])('%s takes the image of this version', (name) => {
  const text = readFileSync(path.join(import.meta.dirname, '../../../deploy', name), 'utf8')
  expect(text).toContain(`image: msgtrk:${version}\n`)
})
