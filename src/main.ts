#!/usr/bin/env node
/** Process entry: says how many threads wait for system calls, before any is used, and loads the program. */
import { reserveThreads } from './package/threads.ts'

reserveThreads(process)
void import('./cli/program.ts')
