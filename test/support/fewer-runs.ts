/** Runs before the tests of each file: properties that name no number of runs take their part of the usual one, too. */
import fc from 'fast-check'
import { runs } from './runs.ts'

fc.configureGlobal({ numRuns: runs(100) })
