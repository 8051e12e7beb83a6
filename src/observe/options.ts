import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'

/** Levels of the own log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const

/** The own log: a part of the configuration. */
export const logOptions = z.strictObject({
  level: z
    .enum(logLevels)
    .default('info')
    .describe(
      'Least urgent level that is written: `warn` is unexpected but nothing was lost, `error` needs a person.',
    ),
  file: pathSetting('must name a file')
    .optional()
    .describe('File that gets the log as JSON lines besides standard error; ten files of 10 MB are kept.'),
})

export type LogLevel = (typeof logLevels)[number]
