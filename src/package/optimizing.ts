/** When V8 optimizes what is written in JavaScript. */

/**
 * What works for each row is WebAssembly, or so busy that it is optimized at once all the same; most of the rest runs once
 * for each chunk, and in a command that ends by itself never gives back what optimizing it takes. There a function has to run
 * four times as much as usual before that; what follows logs goes on for months. Only V8 of Node.js 20 is told: later ones
 * optimize in two steps, of which the first costs little. `argv` is the command line.
 */
export function optimizeLater(
  { v8 }: Pick<NodeJS.ProcessVersions, 'v8'>,
  argv: readonly string[],
  set: (flags: string) => void,
): void {
  const isFollowing = argv[2] === 'run' && !argv.includes('--once')
  if (v8.startsWith('11.') && !isFollowing) set(`--interrupt-budget=${4 * 66 * 1024}`)
}
