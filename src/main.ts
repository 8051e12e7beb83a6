#!/usr/bin/env node
/** Process entry: says what counts before anything else does, and loads the program. */
import { begin } from './package/begin.ts'

begin(process)
void import('./cli/program.ts')
