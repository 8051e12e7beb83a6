/** Threads of the program, each of which is a script of its own in the package. */
import { Worker } from 'node:worker_threads'
import { isExecutable, shipped, shippedText } from './files.ts'

/** Starts the thread of this script. Run from source, as tests do, it is that of the last build. */
export function startThread(script: string, workerData: unknown): Worker {
  return isExecutable
    ? new Worker(shippedText(`${script}.cjs`), { eval: true, workerData })
    : new Worker(shipped(`dist/${script}.js`), { workerData })
}
