/** The files of the program in `dist/`: in layers, split where a command is loaded only when it is asked for, as CommonJS. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type BuildOptions, build, type Metafile, type OutputFile, transform } from 'esbuild'
import { loadedWhenUsed, programOptions, whenUsed } from './bundle.ts'
import { inLayers } from './layers.ts'

/** Writes them into the folder, and gives what they are made of. */
export async function buildProgram(outdir: string): Promise<{ readonly metafile: Metafile }> {
  const options = {
    ...programOptions,
    entryPoints: {
      main: 'src/main.ts',
      'transform-worker': 'src/transform/worker.ts',
      'convert-worker': 'src/cli/portions/worker.ts',
    },
    outdir,
    splitting: true,
    // Which is what it can split.
    format: 'esm',
    sourcemap: 'inline',
    plugins: [whenUsed((name) => `./${loadedWhenUsed[name]}.cjs`)],
    metafile: true,
    write: false,
    logLevel: 'warning',
  } satisfies BuildOptions
  const layers = inLayers((await build({ ...options, sourcemap: false })).metafile)
  const { metafile, outputFiles } = await build({ ...options, plugins: [layers, ...options.plugins] })
  await Promise.all(outputFiles.map(writeAsCommonJs))
  return { metafile }
}

/** Such a module is loaded at once, where Node.js 20 takes a millisecond and several threads for each ES module. */
async function writeAsCommonJs({ path: file, text }: OutputFile): Promise<void> {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: programOptions.target,
    sourcemap: 'external',
    sourcefile: path.basename(file),
    sourcesContent: false,
    // Or the modules that are loaded later would be asked for as ES modules.
    supported: { 'dynamic-import': false },
    ...(text.includes('import.meta.url') && {
      define: { 'import.meta.url': '__url' },
      banner: "const __url = require('node:url').pathToFileURL(__filename).href",
    }),
  })
  await writeFile(file, `${code}//# sourceMappingURL=${path.basename(file)}.map\n`)
  await writeFile(`${file}.map`, map)
}
