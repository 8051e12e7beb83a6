/** Runs before the tests of each file: one that replaces modules loads its own, and leaves none of them behind. */
import { afterAll, expect, vi } from 'vitest'
import { replacesModules } from './apart.ts'

if (replacesModules(expect.getState().testPath!)) {
  vi.resetModules()
  afterAll(() => void vi.resetModules())
}
