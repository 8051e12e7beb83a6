/** The heap of V8, which lets garbage grow to three times of what is held before it is looked for while little happens. */

/** So much garbage may be in the heap of a program that goes on for months, in percent of what is held. */
const garbagePercent = 50

/** Says when garbage is looked for, which V8 asks anew each time; `argv` is the command line. */
export function boundGarbage(argv: readonly string[], set: (flags: string) => void): void {
  if (argv[2] === 'run') set(`--heap-growing-percent=${garbagePercent}`)
}
