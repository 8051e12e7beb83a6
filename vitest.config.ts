import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { isThorough } from './test/support/runs.ts'

const unit = ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts', 'test/*.test.ts']
/** What replaces modules can not share a process with other files. */
const alone = [...testsIn('test/unit'), ...testsIn('test/golden')].filter((file) =>
  readFileSync(file, 'utf8').includes('vi.mock('),
)
/** Minutes of processor time or of waiting. */
const longFaults = ['bounds', 'confirm-close', 'full-disk', 'lost-rows', 'soak'].map(
  (name) => `test/faults/${name}.test.ts`,
)

/** What `npm test` runs; with CI set, all of it (decision 0024). */
export default defineConfig({
  test: {
    // What takes long waits for sockets, files and programs.
    maxWorkers: '200%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: unit, exclude: alone, isolate: false } },
      { extends: true, test: { name: 'unit-alone', include: alone } },
      { extends: true, test: { name: 'property', include: ['test/property/**/*.test.ts'] } },
      { extends: true, test: { name: 'integration', include: ['test/integration/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          exclude: isThorough ? [] : longFaults,
        },
      },
    ],
  },
})

/** The test files in a folder and below. */
function testsIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.posix.join(folder, ...name.split(path.sep)))
}
