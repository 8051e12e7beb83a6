/** How the program is put together by esbuild, for Node.js and as an executable. */
import path from 'node:path'
import type { BuildOptions, Plugin } from 'esbuild'

/** What all parts of the program are made with. */
export const programOptions = {
  absWorkingDir: path.join(import.meta.dirname, '..'),
  bundle: true,
  platform: 'node' as const,
  target: 'node20.19',
  sourcemap: 'linked' as const,
  // They are in the repository.
  sourcesContent: false,
  // Of machine code, and optional.
  external: ['koffi'],
  // Its WebAssembly within it, rather than in a file beside it.
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
} satisfies BuildOptions

/**
 * Packages that take long to load, and that many a start has no use for: each with the file that it becomes. What the
 * program imports of them stands for it, and loads the file when it is called, or something is asked of it.
 */
export const loadedWhenUsed: Readonly<Record<string, string>> = {
  yaml: 'yaml',
  re2js: 're2js',
  '@noble/ciphers/ff1.js': 'ff1',
  'csv-parse/sync': 'csv-parse',
}

/** Has such a package required when it is used; `fileOf`: what is required, a file beside the program or the package itself. */
export function whenUsed(fileOf: (name: string) => string): Plugin {
  const namespace = 'when-used'
  return {
    name: namespace,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: named(Object.keys(loadedWhenUsed)) }, ({ path, kind }) =>
        kind === 'import-statement' ? { path, namespace } : undefined,
      )
      onResolve({ filter: /^\./, namespace }, ({ path }) => ({ path, external: true }))
      onLoad({ filter: /./, namespace }, async ({ path: name }) => {
        const exported = Object.entries<unknown>(await import(name))
        const names = exported.flatMap(([name, value]) =>
          name !== 'default' && typeof value === 'function' ? [name] : [],
        )
        const contents = `
const { apply, construct, get } = Reflect
const named = (name) => {
  const real = () => require('${fileOf(name)}')[name]
  return new Proxy(function () {}, {
    apply: (_, self, args) => apply(real(), self, args),
    construct: (_, args) => construct(real(), args),
    get: (_, property) => get(real(), property),
  })
}
${names.map((name) => `export const ${name} = /* @__PURE__ */ named('${name}')`).join('\n')}
`
        return { contents, resolveDir: programOptions.absWorkingDir }
      })
    },
  }
}

/** Asking a plugin takes longer than all else that is done with an import: it is asked about these names only. */
function named(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`)
}
