/** Who may import whom: main → cli → app → parts → base. Parts don't know each other. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const src = path.resolve(import.meta.dirname, '../src')
const base = [
  'types.ts', 'problems.ts', 'batch-copy.ts', 'edit-records.ts', 'event-time.ts', 'export-columns.ts', 'exposed-file.ts', 'file-kind.ts', 'field-flags.ts', 'field-text.ts', 'in-parts.ts', 'layouts.ts', 'list.ts', 'mistakes.ts', 'nearest.ts',
  'path-setting.ts', 'pattern.ts', 'pause.ts', 'same-bytes.ts', 'shipped.ts', 'version.ts', 'visible.ts', 'work-memory.ts', 'yaml.ts', 'yaml-depth.ts', 'yaml-mistakes.ts',
] // biome-ignore format: a list of words
const parts = [
  'tail', 'parse', 'filter', 'rewrite', 'privacy', 'map', 'encode', 'deliver', 'checkpoint', 'destinations',
  'observe', 'report', 'config', 'simulate', 'receive', 'formats',
] // biome-ignore format: a list of words
const pure = ['parse', 'filter', 'rewrite', 'map', 'encode']
/** Put the parts together, each of what stands behind it. */
const composition = [
  'app.ts', 'self-report.ts', 'transform-threads.ts', 'transform-worker.ts', 'event-transform.ts', 'transform.ts',
] // biome-ignore format: a list of words
/** Read the tables from disk, once, when a mapping is loaded. */
const readsTables = ['map/load.ts', 'map/built-ins.ts']

interface SourceFile {
  readonly name: string
  readonly text: string
  /** Relative imports, as paths below src. */
  readonly local: readonly string[]
  readonly external: readonly string[]
}

const files: readonly SourceFile[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const text = readFileSync(path.join(src, name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1] as string,
    )
    const local = imports.filter((target) => target.startsWith('.'))
    return {
      name,
      text,
      local: local.map((target) => path.posix.join(path.posix.dirname(name), target)),
      external: imports.filter((target) => !target.startsWith('.')),
    }
  })

const partOf = (name: string): string => (name.includes('/') ? (name.split('/')[0] as string) : name)

/** True when the file may import the target. */
function allowed(from: string, target: string): boolean {
  const part = partOf(from)
  // The base knows nothing but itself, and the vocabulary nothing at all.
  if (base.includes(from)) return from !== 'types.ts' && base.includes(target)
  if (base.includes(target) || partOf(target) === part) return true
  if (from === 'main.ts') return part === 'main.ts' && partOf(target) === 'cli'
  if (part === 'cli') return composition.includes(target) || parts.includes(partOf(target))
  if (composition.includes(from) && from !== 'transform.ts') {
    return composition.indexOf(target) > composition.indexOf(from) || parts.includes(partOf(target))
  }
  if (from === 'transform.ts') return partOf(target) === 'encode'
  // The configuration is made of the parts' own schemas.
  if (part === 'config') return path.posix.basename(target) === 'options.ts'
  return false
}

describe('architecture', () => {
  it.each(files.map((file) => [file.name, file] as const))('%s imports only what it may', (name, file) => {
    expect(file.local.filter((target) => !allowed(name, target))).toEqual([])
  })

  it('has only the folders it names', () => {
    const folders = [...new Set(files.map(({ name }) => partOf(name)))].filter(
      (part) => !part.endsWith('.ts'),
    )
    expect(folders.filter((folder) => !parts.includes(folder) && folder !== 'cli')).toEqual([])
    expect(files.filter(({ name }) => /util|common|helper|misc/i.test(name)).map(({ name }) => name)).toEqual(
      [],
    )
  })

  it.each(pure)('%s is pure: no I/O, no clock, no await', (part) => {
    for (const { name, text, external } of files.filter(({ name }) => partOf(name) === part)) {
      if (readsTables.includes(name)) continue
      const io = external.filter((target) => /^node:(?!buffer|net$)/.test(target))
      expect(io, name).toEqual([])
      expect(
        text.match(/\bawait\b|Date\.now|new Date\(\)|performance\.|setTimeout|Math\.random/g),
        name,
      ).toBeNull()
    }
  })

  it('has no cycles', () => {
    const byName = new Map(files.map((file) => [file.name, file]))
    const done = new Set<string>()
    const visit = (name: string, trail: readonly string[]): void => {
      expect(trail, `cycle: ${[...trail, name].join(' → ')}`).not.toContain(name)
      if (done.has(name)) return
      for (const target of byName.get(name)?.local ?? []) visit(target, [...trail, name])
      done.add(name)
    }
    for (const { name } of files) visit(name, [])
  })

  it('keeps files to one subject: 300 lines at most', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 301).map(({ name }) => name)
    expect(long).toEqual([])
  })
})
