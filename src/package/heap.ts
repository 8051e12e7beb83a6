/** The heap of V8, as a program that goes on for months has use for it (decisions 81 and 87). */

/** So much garbage may be in it, in percent of what is held: else three times of that, while little happens. */
const garbagePercent = 50
/** More folders are many. */
const usualFolders = 128
/** Room for new objects becomes so many times as large when as much as it holds outlasted looks for garbage. */
const usualGrowth = 2

/** Says when garbage is looked for, which V8 asks anew each time; `argv` is the command line. */
export function boundHeap(argv: readonly string[], set: (flags: string) => void): void {
  if (argv[2] !== 'run') return
  set(`--heap-growing-percent=${garbagePercent}`)
  // How many folders there are is not known yet, and that is read of many in many objects.
  set('--semi-space-growth-factor=1')
}

/**
 * Lets room for new objects grow, where not too many folders are followed: it has a megabyte twice, and with thousands of folders
 * comes at once to the most there is, 16 twice on Node.js 20 and 64 twice on 24, which are hardly ever given back.
 */
export function giveRoom(folders: number, set: (flags: string) => void): void {
  if (folders <= usualFolders) set(`--semi-space-growth-factor=${usualGrowth}`)
}
