import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'
import { said } from '../mistakes/words.ts'

/** Levels of the own log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const

/** What other programs call them. */
const calledElsewhere: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  verbose: 'debug',
  information: 'info',
  notice: 'info',
  warning: 'warn',
  critical: 'error',
  fatal: 'error',
}

/** The own log: a part of the configuration. */
export const logOptions = z.strictObject({
  level: z
    .enum(logLevels, {
      // Undefined: what is said of any list of words.
      error: ({ input }) => {
        const meant = typeof input === 'string' ? calledElsewhere[input.toLowerCase()] : undefined
        return meant && said(`must be one of: ${logLevels.join(', ')}`, `did you mean ${meant}?`)
      },
    })
    .default('info')
    .describe(
      'Least urgent level that is written: `warn` is unexpected but nothing was lost, `error` needs a person.',
    ),
  file: pathSetting('must name a file')
    .optional()
    .describe('File that gets the log as JSON lines besides standard error; ten files of 10 MB are kept.'),
})

export type LogLevel = (typeof logLevels)[number]
