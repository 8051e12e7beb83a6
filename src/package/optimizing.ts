/** When V8 optimizes what is written in JavaScript. */

/**
 * What works for each row is WebAssembly, or so busy that it is optimized at once all the same; most of the rest runs once
 * for each chunk, and never gives back what optimizing it takes. So a function has to run four times as much as usual before
 * that. Only V8 of Node.js 20 is told: later ones optimize in two steps, of which the first costs little.
 */
export function optimizeLater(
  { v8 }: Pick<NodeJS.ProcessVersions, 'v8'>,
  set: (flags: string) => void,
): void {
  if (v8.startsWith('11.')) set(`--interrupt-budget=${4 * 66 * 1024}`)
}
