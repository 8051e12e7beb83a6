/** The settings of destinations in files. */
import * as z from 'zod'
import type { Group } from '../../mistakes/written.ts'
import { type Formatted, formatShape, unusedIn } from '../format.ts'
import type { CommonOptions, Unused } from '../kind.ts'

const mebibyte = 1024 * 1024

const settings = z.strictObject({
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, "must be three octal digits in quotes, such as '0640'")
    .default('0600')
    .describe('Rights of new files, in quotes: `0640` lets the group read them. Does nothing on Windows.'),
  rotateBytes: z
    .int()
    .min(mebibyte, `must be ${mebibyte} or more`)
    .max(2 ** 40, `must be ${2 ** 40} or less`)
    .default(1024 * mebibyte)
    .describe(
      'A file that would become larger is finished, and the next one has a number: `NAME+1.cef`. By time files are ' +
        'rotated by the placeholders in `to`.',
    ),
  gzip: z
    .boolean()
    .default(false)
    .describe('Whether finished files are packed, five minutes after their last event: `NAME.cef.gz`.'),
  keepFiles: z
    .int()
    .min(1, 'must be 1 or more')
    .optional()
    .describe(
      'Most files that stay, the one that is written among them. The oldest finished ones beyond that are removed, as by ' +
        '`keepDays` and `keepBytes`: only files with names that `to` makes.',
    ),
  keepDays: z
    .number()
    .positive('must be more than 0')
    .optional()
    .describe('Most days that a finished file stays after its last event.'),
  keepBytes: z
    .int()
    .min(mebibyte, `must be ${mebibyte} or more`)
    .optional()
    .describe('Most bytes of all files together, as they lie on disk.'),
})

/** The settings under `file`. */
export type FileSettings = z.output<typeof settings>

/** The group `file` of a destination. */
export const fileShape = {
  ...formatShape,
  file: settings
    .optional()
    .describe(
      'Settings of file:// destinations. Their folder has to be there, and is for one destination alone: msgtrk keeps a ' +
        'lock in it.',
    ),
}

/** What holds unless the settings say otherwise. */
export const defaultFile: FileSettings = settings.parse({})

/** Those of a destination in files. */
export type FileOptions = CommonOptions & Formatted & { readonly file?: FileSettings | undefined }

const noSyslog = { message: 'is for syslog, and files have none of its headers', remedy: 'remove it' }

/** Settings that do nothing there. */
export function unusedInFiles(written: Group): Unused {
  return {
    syslog: noSyslog,
    framing: { message: 'is for TCP and TLS, and files hold an event a line', remedy: 'remove it' },
    ...unusedIn(written),
  }
}
