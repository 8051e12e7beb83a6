/** What an executable holds beside Node.js: the whole program as two scripts, and the files that it reads. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { programOptions, whenUsed } from '../bundle.ts'
import { nodeProgram } from './registry.ts'
import { call, once, type Workshop } from './workshop.ts'

/** The file for a version of Node.js, whatever the platform; made by that version, whose form it has. */
export const executableBlob = once(async (workshop: Workshop, nodeVersion: string): Promise<string> => {
  const node = await nodeProgram(workshop, `linux-${process.arch}`, nodeVersion)
  const folder = path.join(workshop.temporary, `blob-${nodeVersion}`)
  await mkdir(folder)
  const scripts = await executableScripts(workshop, '')
  const config = path.join(folder, 'sea.json')
  const output = path.join(folder, 'msgtrk.blob')
  await writeFile(
    config,
    JSON.stringify({
      // As it stands here it is in the executable: without a folder, which is another one each time.
      main: 'executable.cjs',
      output,
      disableExperimentalSEAWarning: true,
      assets: await assets(workshop.root, scripts),
    }),
  )
  await call(node, ['--experimental-sea-config', config], { cwd: scripts })
  return output
})

/**
 * Without parts that are loaded later: what a command does not need is in the script, and is not run for it (decision 58).
 */
const executableScripts = once(async ({ temporary }: Workshop): Promise<string> => {
  const outdir = path.join(temporary, 'executable-scripts')
  await build({
    ...programOptions,
    entryPoints: {
      executable: 'src/executable.ts',
      'transform-worker': 'src/transform/worker.ts',
      'convert-worker': 'src/cli/portions/worker.ts',
    },
    outdir,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    sourcemap: false,
    // There is no module of its own to speak of.
    define: { 'import.meta.url': '__url' },
    banner: { js: "const __url = require('node:url').pathToFileURL(process.execPath).href" },
    plugins: [whenUsed((name) => name)],
    logLevel: 'warning',
  })
  return outdir
})

/** Files by the names under which the program asks for them. */
async function assets(root: string, scripts: string): Promise<Readonly<Record<string, string>>> {
  const names = ['package.json', 'dist/rows.wasm', 'dist/built-ins.json']
  for (const folder of ['mappings', 'dist/page']) {
    const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true })
    names.push(
      ...entries
        .filter((entry) => entry.isFile() && !/\.(?:md|map)$/.test(entry.name))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
    )
  }
  return {
    ...Object.fromEntries(names.toSorted().map((name) => [name, path.join(root, name)])),
    'transform-worker.cjs': path.join(scripts, 'transform-worker.cjs'),
    'convert-worker.cjs': path.join(scripts, 'convert-worker.cjs'),
  }
}
