/** What a process has to know before the program is loaded, with Node.js and as an executable. */
import { setFlagsFromString } from 'node:v8'
import { boundHeap } from './heap.ts'
import { optimizeLater } from './optimizing.ts'
import { reserveThreads } from './threads.ts'

/** Says how many threads wait for system calls, before one is used, when V8 optimizes, and how large its heap may be. */
export function begin(process: NodeJS.Process): void {
  reserveThreads(process)
  optimizeLater(process.versions, process.argv, setFlagsFromString)
  boundHeap(process.argv, setFlagsFromString)
}
