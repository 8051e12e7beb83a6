/** Which test files change what all of their process share, told by their text. */
import { readFileSync } from 'node:fs'

/** Whether it replaces modules: whoever loads one of these meanwhile would get the other. */
export function replacesModules(file: string): boolean {
  return has(file, /vi\.(?:mock|doMock)\(/)
}

/** Whether it stops the clock, also for what a file before it may still be ending. */
export function stopsClock(file: string): boolean {
  return has(file, /vi\.useFakeTimers\(/)
}

function has(file: string, pattern: RegExp): boolean {
  return pattern.test(readFileSync(file, 'utf8'))
}
