import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { isQuick } from './test/support/quick.ts'
import { isThorough } from './test/support/runs.ts'

/** What replaces modules or timers can not share a process with other files, which may still be ending something. */
const alone = testsIn('test').filter((file) =>
  /vi\.(?:mock|doMock|useFakeTimers)\(/.test(readFileSync(file, 'utf8')),
)
const unit = ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts', 'test/*.test.ts']
const isUnit = (file: string) => /^test\/(?:unit\/|golden\/|[^/]+$)/.test(file)
/** What is run after each change, told by what the files import. */
const quick = testsIn('test').filter((file) => isUnit(file) && !alone.includes(file) && isQuick(file))

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
    setupFiles: ['test/support/fewer-runs.ts'],
    coverage: {
      include: ['src/**/*.ts'],
      // AssemblyScript, and what only runs in a process or a thread of its own.
      exclude: ['src/hot-loop/wasm/**', 'src/main.ts', 'src/cli/program.ts', 'src/transform/worker.ts'],
      reporter: ['text-summary'],
      // Just under what there is: new code comes with its tests.
      thresholds: { branches: 85 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: quick,
          isolate: false,
          // It computes, and waits for nothing.
          maxWorkers: '100%',
          // Each transform has a memory of megabytes: a small heap would be collected anew for every few of them.
          execArgv: ['--max-semi-space-size=64', '--initial-heap-size=3000'],
        },
      },
      ...projects('unit', unit, quick),
      ...projects('property', ['test/property/**/*.test.ts']),
      ...projects('integration', ['test/integration/**/*.test.ts']),
      ...projects('faults', ['test/faults/**/*.test.ts'], isThorough ? [] : longFaults),
    ],
  },
})

/** Two projects: files that share processes, and `NAME-alone` of those that can not. */
function projects(
  name: string,
  include: string[],
  exclude: readonly string[] = [],
): readonly TestProjectInlineConfiguration[] {
  const others = testsIn('test').filter((file) => !alone.includes(file))
  return [
    { extends: true, test: { name, include, exclude: [...alone, ...exclude], isolate: false } },
    { extends: true, test: { name: `${name}-alone`, include, exclude: [...others, ...exclude] } },
  ]
}

/** The test files in a folder and below. */
function testsIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.posix.join(folder, ...name.split(path.sep)))
}
