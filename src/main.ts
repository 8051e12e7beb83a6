#!/usr/bin/env node
/**
 * Process entry: says how many threads wait for system calls, before any is used, when V8 optimizes and looks for garbage, and
 * loads the program.
 */
import { setFlagsFromString } from 'node:v8'
import { boundGarbage } from './package/heap.ts'
import { optimizeLater } from './package/optimizing.ts'
import { reserveThreads } from './package/threads.ts'

reserveThreads(process)
optimizeLater(process.versions, process.argv, setFlagsFromString)
boundGarbage(process.argv, setFlagsFromString)
void import('./cli/program.ts')
