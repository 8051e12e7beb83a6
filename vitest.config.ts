import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { replacesModules, stopsClock } from './test/support/apart.ts'
import { LongestFirst } from './test/support/longest-first.ts'
import { isQuick } from './test/support/quick.ts'
import { isThorough } from './test/support/runs.ts'

const tests = testsIn('test').filter((file) => !/^test\/(?:peers|browser|kafka)\//.test(file))

/** Many seconds of processor time, or minutes of waiting. */
const longFaults = [
  'bounds',
  'confirm-close',
  'file',
  'full-disk',
  'lost-rows',
  'mails',
  'sentinel',
  'soak',
].map((name) => `test/faults/${name}.test.ts`)

const isUnit = (file: string) => /^test\/(?:unit\/|golden\/|[^/]+$)/.test(file)
/** What `--mode` stands for (decision 0024); without it all is run, the long faults where CI is set. */
const modes: Readonly<Record<string, (file: string) => boolean>> = {
  /** After each change; told by what the files import. */
  quick: (file) => isUnit(file) && !replacesModules(file) && !stopsClock(file) && isQuick(file),
  unit: isUnit,
  test: (file) => isThorough || !longFaults.includes(file),
}

export default defineConfig(({ mode }) => {
  const isRun = modes[mode] ?? modes.test!
  const processors = availableParallelism()
  // What waits leaves the processors to others meanwhile, and those that waited have loaded what computes needs.
  const maxWorkers = (mode === 'quick' ? 1 : 4) * processors
  return {
    // Or each mode would compile all modules anew, though they become the same.
    plugins: [
      { name: 'one-cache', configResolved: (config) => void Object.assign(config, { mode: 'test' }) },
    ],
    test: {
      include: tests.filter(isRun),
      // Files share processes, and all modules that are loaded there.
      isolate: false,
      maxWorkers,
      // What starts the program again and again takes half a minute and more on a busy machine.
      testTimeout: 180_000,
      hookTimeout: 180_000,
      // As long as a busy machine may take for what is there at once otherwise.
      expect: { poll: { timeout: 150_000 } },
      sequence: { sequencer: LongestFirst },
      setupFiles: ['test/support/own-modules.ts', 'test/support/fewer-runs.ts'],
      // Each transform has a memory of megabytes: a small heap would be collected anew for every few of them.
      // Threads of its own for that would only take turns with the other workers.
      execArgv: [
        ...['--max-semi-space-size=64', '--initial-heap-size=1000', '--single-threaded-gc'],
        // Nearly all code runs for one file only: optimized that soon, and thrown away and compiled again after a few
        // collections, it takes a sixth of all the time. Later Node.js has no such option.
        ...(process.version.startsWith('v20.') ? ['--interrupt-budget=400000'] : []),
        '--no-flush-bytecode',
      ],
      // What modules are compiled to is kept for the next run.
      experimental: { fsModuleCache: true },
      coverage: {
        include: ['src/**/*.ts'],
        // AssemblyScript, and what only runs in a process or a thread of its own;
        exclude: [
          ...[
            'src/hot-loop/wasm/**',
            'src/main.ts',
            'src/executable.ts',
            'src/cli/program.ts',
            'src/transform/worker.ts',
          ],
          // What speaks with brokers is tested with real ones (test/kafka).
          ...['src/kafka/client.ts', 'src/{destinations,sources}/kafka/**'],
        ],
        reporter: ['text-summary'],
        // Just under what there is: new code comes with its tests.
        thresholds: { branches: 85 },
      },
    },
  }
})

/** The test files in a folder and below. */
function testsIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.posix.join(folder, ...name.split(path.sep)))
}
