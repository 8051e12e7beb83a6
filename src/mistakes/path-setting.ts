/** Settings that name a file or a folder. */
import * as z from 'zod'
import { said } from './words.ts'

/** Control characters, and the line and paragraph ends of Unicode, which `\n`, `\t`, `\L`, `\P` in YAML stand for. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * Said of a path with a character that no path has: the usual cause is a Windows path in double quotes, where
 * `"C:\temp"` is C:, a tab and emp.
 */
export const unseenInPath = {
  message: 'holds a tab, a line end or another control character',
  remedy: 'write it in single quotes, where \\ is only a backslash',
} as const

/** Whether a text can't be a path because of a character that is not seen. */
export function holdsUnseen(text: string): boolean {
  return unseen.test(text)
}

/** What Windows takes for a device, or for the same name without its end. */
export function isReservedOnWindows(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) || /[. ]$/.test(name)
}

/** What to do about such a name. */
export const reservedRemedy = 'choose one that is no device (con, nul, com1 …) and ends in no dot'

/** Schema of a path; `empty` is said of an empty one. */
export function pathSetting(empty: string): z.ZodString {
  return z
    .string()
    .min(1, empty)
    .refine((path) => !holdsUnseen(path), { error: said(unseenInPath.message, unseenInPath.remedy) })
}
