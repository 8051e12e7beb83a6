/** Numbers among the options of commands, as commander reads them: plain digits, and neither 1e3 nor 0x10. */
import { InvalidArgumentError } from 'commander'

type Parse = (text: string) => number

/** A whole number between these two. */
export function wholeNumber(least = 1, most = Number.MAX_SAFE_INTEGER): Parse {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
  return (text) => {
    const value = Number(text)
    if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Give a whole number${bounds}.`)
  }
}

/** A number that `fits`, with or without a fraction; `what` names such numbers. */
export function decimal(what: string, fits: (value: number) => boolean): Parse {
  return (text) => {
    const value = Number(text)
    if (/^(?:\d{1,15}(?:\.\d*)?|\.\d+)$/.test(text) && fits(value)) return value
    throw new InvalidArgumentError(`Give ${what}.`)
  }
}
