/**
 * Writes the program into `dist/`: the hot loops, unless their sources are as they were; everything else it is made of
 * in few files, since loading hundreds of modules is most of the time a start takes; maps that lead from there to the
 * sources, which `node --enable-source-maps` reads; the built-in tables, read and checked; and the packages in the bundle,
 * with their licences and as a bill of materials.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { build, type Plugin } from 'esbuild'
import { loadedWhenUsed, programOptions } from './scripts/bundle.ts'
import { billOf, componentOf, licencesOf, packagesOf } from './scripts/bundled-packages.ts'
import { buildProgram } from './scripts/program-files.ts'
import type { BuiltIns } from './src/map/table/built-ins.ts'
import { builtInMappings, loadDictionary, loadMapping } from './src/map/table/load.ts'
import { version } from './src/package/version.ts'

const dist = path.join(import.meta.dirname, 'dist')

const hotLoops = path.join(dist, 'rows.wasm')
/** Which sources it was made of. */
const hotLoopsFrom = `${hotLoops}.from`
mkdirSync(dist, { recursive: true })
for (const name of readdirSync(dist)) {
  if (!name.startsWith(path.basename(hotLoops))) rmSync(path.join(dist, name), { recursive: true })
}
compileHotLoops(path.join(import.meta.dirname, 'src/hot-loop'))

say('Putting the program together')
const { metafile } = await buildProgram(dist)
const { metafile: others } = await build({
  ...programOptions,
  entryPoints: Object.entries(loadedWhenUsed).map(([name, out]) => ({ in: name, out })),
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  metafile: true,
  logLevel: 'warning',
})
const page = await buildPage()
writeFileSync(path.join(dist, 'package.json'), JSON.stringify({ type: 'commonjs' }))
writeFileSync(path.join(dist, 'built-ins.json'), JSON.stringify(builtIns()))
const packages = packagesOf(
  [...Object.keys(metafile.inputs), ...Object.keys(others.inputs), ...page],
  import.meta.dirname,
)
writeFileSync(path.join(dist, 'THIRD-PARTY-LICENSES.md'), licencesOf(packages))
writeFileSync(
  path.join(dist, 'sbom.cdx.json'),
  `${JSON.stringify(billOf(packages.map(componentOf), version), null, 2)}\n`,
)

/** To standard error: what `npm pack` prints on standard output is a name. */
function say(doing: string): void {
  console.error(`${doing} …`)
}

/** The status page, which runs in browsers; gives the files that it is made of. */
async function buildPage(): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: { page: 'src/page/main.tsx' },
    outdir: path.join(dist, 'page'),
    format: 'iife',
    plugins: [withoutExtras()],
    // They stand in dist/THIRD-PARTY-LICENSES.md.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  for (const name of ['page.html', 'icon.svg']) {
    copyFileSync(path.join(import.meta.dirname, 'src/page', name), path.join(dist, 'page', name))
  }
  return Object.keys(metafile.inputs)
}

/**
 * uPlot hangs all that it offers beside charts on its one export: ways to draw lines, formats of dates. So a bundler keeps
 * that, though nobody asks for it; without those statements it sees by itself what is not used.
 */
function withoutExtras(): Plugin {
  return {
    name: 'without-extras',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]uPlot\.esm\.js$/ }, ({ path: file }) => {
        const text = readFileSync(file, 'utf8')
        const [, chart] =
          /^(.*\n)uPlot\.assign = assign;\n.*\nexport \{ uPlot as default \};\s*$/s.exec(text) ?? []
        if (chart === undefined)
          throw new Error(`${file} does not end as it did: look what can be left out of it`)
        return { contents: `${chart}export { uPlot as default }` }
      })
    },
  }
}

/** Runs the other compiler unless it wrote what is there from these very files of the folder and below. */
function compileHotLoops(folder: string): void {
  const sources = createHash('sha256')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sources.update(readFileSync(path.join(entry.parentPath, entry.name)))
  }
  const from = sources.digest('hex')
  if (existsSync(hotLoops) && existsSync(hotLoopsFrom) && readFileSync(hotLoopsFrom, 'utf8') === from) return
  say('Compiling the hot loops to WebAssembly, which takes some seconds')
  const compiler = path.join(import.meta.dirname, 'node_modules/assemblyscript/bin/asc.js')
  const args = ['--config', path.join(folder, 'wasm/asconfig.json'), path.join(folder, 'wasm/index.ts')]
  execFileSync(process.execPath, [compiler, ...args], { cwd: import.meta.dirname, stdio: 'inherit' })
  writeFileSync(hotLoopsFrom, from)
}

function builtIns(): BuiltIns {
  const dictionary = loadDictionary()
  const tables = builtInMappings().map((id) => {
    const { content, extends: base } = loadMapping(id, { dictionary })
    return [id, { content, extends: base }] as const
  })
  return {
    dictionary: { ...dictionary, keys: [...dictionary.keys.values()] },
    tables: Object.fromEntries(tables),
  }
}
