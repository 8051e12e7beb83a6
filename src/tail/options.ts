/** The settings of one source, as they stand in the configuration file. */
import * as z from 'zod'
import { holdsUnseen, isReservedOnWindows, reservedRemedy, unseenInPath } from '../mistakes/path-setting.ts'
import { report, said } from '../mistakes/words.ts'
import { globProblem } from './folder/glob.ts'

// The name is part of every file id, where `/` and `#` separate its parts.
const sourceName = /^[\p{L}\p{N}._-]{1,64}$/u

// A time without a zone would mean something else on every machine; a bare date is UTC by definition.
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Where reading of files without a position begins: `beginning`, `end` or an ISO time. */
const startAt = z
  .string({
    error: said('must be text', 'write beginning, end or a time such as "2026-11-20T14:00:00Z"'),
  })
  .refine(
    (value) =>
      value === 'beginning' || value === 'end' || (isoTime.test(value) && !Number.isNaN(Date.parse(value))),
    {
      error: said(
        'is no place to start at',
        'write beginning, end or a time with its zone, such as 2026-11-20T14:00:00Z',
      ),
    },
  )

/** Schema of one source: a folder of tracking logs, under a name of its own. */
export const sourceOptions = z.strictObject({
  name: z
    .string({ error: said('is missing', 'add for example "name: EX01"') })
    .regex(sourceName, {
      error: said(
        'is no name of a source',
        'use 1 to 64 letters, digits, dots, hyphens and underscores, such as EX01',
      ),
    })
    // Files may be named by it.
    .refine((name) => !isReservedOnWindows(name), {
      error: said('names no file on Windows', reservedRemedy),
    }),
  folder: z
    .string({
      error: said('is missing', 'add for example "folder: \\\\EX01\\MessageTracking"'),
    })
    .refine((value) => value.trim() !== '', {
      error: said('is empty', 'write the path of the folder with the tracking logs'),
    })
    .refine((value) => !holdsUnseen(value), { error: said(unseenInPath.message, unseenInPath.remedy) })
    .describe('Folder with message tracking logs, on a local disk or a share (`\\\\server\\share`).'),
  pattern: z
    .string({ error: said('must be text', 'write it in quotes, such as "MSGTRK*.LOG"') })
    .superRefine((value, context) => {
      const problem = globProblem(value)
      if (problem !== null) report(context, problem)
    })
    .default('MSGTRK*.LOG')
    .describe(
      'Which files of the folder, as a glob with `*`, `?`, `[a-z]`, `[!a-z]` and `{one,two}`; upper and lower case are ' +
        'the same.',
    ),
  startAt: startAt
    .default('beginning')
    .describe(
      'Where reading begins the first time: `beginning`, `end` (only what is written from now on) or a time ' +
        'with its zone (records from then on; a log whose `#Date` is no earlier is read whole). A later change is ' +
        'without effect: the positions go on.',
    ),
})

/** One checked source, with all defaults filled in. */
export type SourceOptions = z.infer<typeof sourceOptions>
