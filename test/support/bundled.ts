/** A program of the tests as one file of JavaScript, which any Node.js runs. */
import { build } from 'esbuild'

const banner =
  "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)"

/** Puts `entry` and all that it imports together into `outfile`, a module. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: banner },
    external: ['koffi'],
    logLevel: 'warning',
  })
}
