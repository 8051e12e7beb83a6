/** The sources of the program, and what each imports. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const src = path.resolve(import.meta.dirname, '../../src')

/** One file of `src/`; names are paths below it, with `/`. */
export interface SourceFile {
  readonly name: string
  readonly text: string
  readonly local: readonly string[]
  readonly external: readonly string[]
}

/** All but those of the other compiler. */
export function sourceFiles(): readonly SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('hot-loop/wasm/'))
    .sort()
    .map((name) => {
      const text = readFileSync(path.join(src, name), 'utf8')
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
        ([, target = '']) => target,
      )
      const local = imports.filter((target) => target.startsWith('.'))
      return {
        name,
        text,
        local: local.map((target) => path.posix.join(path.posix.dirname(name), target)),
        external: imports.filter((target) => !target.startsWith('.')),
      }
    })
}

/** The folder of `src/` that a file is in, or its name when it is in none. */
export function folderOf(name: string): string {
  return name.split('/', 1)[0] ?? name
}
