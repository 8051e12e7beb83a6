/**
 * Which modules stand together in a file. esbuild makes a file for each set of commands that have modules in common, so that a
 * start loads eighty, and spends more time on that than on what is in them. Hence layers: what `run` needs lies in few
 * files, by who needs it as well, and whoever needs a module of a layer loads all of it.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Metafile, Plugin } from 'esbuild'

/** They stand for commands that ask an instance, that read logs, and that need no settings. */
const yardsticks = ['status', 'convert', 'simulate']

/** Modules by the name of their layer, and the layers that each entry needs. */
interface Layers {
  readonly modules: ReadonlyMap<string, readonly string[]>
  readonly neededBy: ReadonlyMap<string, readonly string[]>
}

/** Has every entry import whole layers, so that esbuild sees that each belongs into one file; from a build without them. */
export function inLayers(built: Metafile): Plugin {
  const { modules, neededBy } = layersOf(built)
  return {
    name: 'layers',
    setup({ onLoad, onResolve, initialOptions: { absWorkingDir = '.' } }) {
      onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const needed = neededBy.get(path.relative(absWorkingDir, file).split(path.sep).join('/'))
        if (needed === undefined) return
        const imports = needed.map((layer) => `\nimport 'layer:${layer}'`)
        // Behind what is written there, the places of which stay what they are.
        return { contents: (await readFile(file, 'utf8')) + imports.join(''), loader: 'ts' }
      })
      onResolve({ filter: /^layer:/ }, ({ path }) => ({ path, namespace: 'layer' }))
      onLoad({ filter: /./, namespace: 'layer' }, ({ path: name }) => {
        const imports = (modules.get(name.slice('layer:'.length)) ?? []).map((each) => `import './${each}'\n`)
        return { contents: imports.join(''), resolveDir: absWorkingDir }
      })
    },
  }
}

function layersOf({ inputs, outputs }: Metafile): Layers {
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
  const of = new Map(entries.map((entry) => [entry, needs(entry)]))
  const command = (name: string) => of.get(`src/cli/commands/${name}.ts`) ?? new Set()
  const start = of.get('src/cli/program.ts') ?? new Set()
  const modules = new Map<string, string[]>()
  for (const module of new Set([...start, ...command('run')])) {
    if (!module.startsWith('src/') || of.has(module)) continue
    const alsoFor = yardsticks.filter((name) => command(name).has(module))
    const layer = start.has(module) ? 'start' : ['run', ...alsoFor].join('-')
    const others = modules.get(layer)
    if (others === undefined) modules.set(layer, [module])
    else others.push(module)
  }
  const neededBy = entries.map((entry) => {
    const layers = [...modules].filter(([, layer]) => layer.some((module) => of.get(entry)?.has(module)))
    return [entry, layers.map(([name]) => name)] as const
  })
  return { modules, neededBy: new Map(neededBy) }

  /** All that is loaded before it runs. */
  function needs(entry: string): ReadonlySet<string> {
    const found = new Set([entry])
    for (const each of found) {
      for (const { path, kind } of inputs[each]?.imports ?? []) {
        if (kind !== 'dynamic-import' && path in inputs) found.add(path)
      }
    }
    return found
  }
}
