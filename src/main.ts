#!/usr/bin/env node
/** Process entry: says how many threads wait for system calls, before any is used, and when V8 optimizes, and loads the program. */
import { setFlagsFromString } from 'node:v8'
import { optimizeLater } from './package/optimizing.ts'
import { reserveThreads } from './package/threads.ts'

reserveThreads(process)
optimizeLater(process.versions, setFlagsFromString)
void import('./cli/program.ts')
