/** Who may import whom: main → cli → app → transform → parts → base. Parts don't know each other. */
import { describe, expect, it } from 'vitest'
import { folderOf, sourceFiles } from './support/source-files.ts'

/** Anyone may use these, and they know only those before them. */
const base = ['flow', 'package', 'mistakes', 'lock', 'network', 'kafka', 'hot-loop', 'records', 'formats']
/** What each folder may import beside the base. */
const may: Readonly<Record<string, readonly string[]>> = {
  tail: [],
  /** Sources by kind; folders are followed by `tail`. */
  sources: ['tail'],
  parse: [],
  filter: [],
  rewrite: [],
  privacy: [],
  map: [],
  mails: [],
  encode: [],
  deliver: [],
  destinations: [],
  checkpoint: [],
  observe: [],
  control: [],
  status: [],
  /** What a try shows of folders; receivers say it themselves. */
  doctor: ['tail', 'status'],
  http: [],
  metrics: [],
  report: [],
  simulate: [],
  receive: [],
  page: ['status'],
  transform: ['parse', 'filter', 'rewrite', 'privacy', 'map', 'mails', 'encode'],
  /** The configuration is made of the parts' own schemas: their `options.ts`. */
  config: ['sources', 'filter', 'rewrite', 'privacy', 'map', 'mails', 'encode', 'deliver', 'destinations', 'observe', 'report', 'http'],
  app: [
    'sources', 'tail', 'parse', 'filter', 'rewrite', 'map', 'mails', 'encode', 'transform', 'deliver', 'destinations', 'checkpoint',
    'config', 'observe', 'report', 'control', 'http', 'status', 'metrics', 'doctor', 'receive',
  ],
  cli: [
    'app', 'mails', 'sources', 'tail', 'parse', 'filter', 'rewrite', 'privacy', 'map', 'encode', 'transform', 'destinations', 'checkpoint',
    'config', 'observe', 'simulate', 'receive', 'control', 'status', 'doctor', 'http',
  ],
} // biome-ignore format: lists of words
const pure = ['parse', 'filter', 'rewrite', 'map', 'encode']
/** Reads the tables from disk, once, when a mapping is loaded. */
const readsTables = ['map/table/load.ts']
/** Opens nothing. */
const writesDescriptor = 'destinations/stdout/stdout.ts'

/** Of the process: with Node.js, and as an executable. */
const entries = ['main.ts', 'executable.ts']

/** True when a file may import the target. */
function allowed(from: string, target: string): boolean {
  const [folder, other] = [folderOf(from), folderOf(target)]
  if (folder === other) return true
  if (entries.includes(from)) return ['cli', 'package'].includes(other)
  const floor = base.indexOf(folder)
  if (floor >= 0) return base.slice(0, floor).includes(other)
  // The judge of the encoder shares nothing with it.
  if (folder === 'receive') return other === 'mistakes'
  // It runs in browsers.
  if (folder === 'page') return other === 'status' || target.endsWith('.css')
  if (base.includes(other)) return true
  return (may[folder] ?? []).includes(other) && (folder !== 'config' || target.endsWith('/options.ts'))
}

const files = sourceFiles()

describe('architecture', () => {
  it.each(files.map((file) => [file.name, file] as const))('%s imports only what it may', (name, file) => {
    expect(file.local.filter((target) => !allowed(name, target))).toEqual([])
  })

  it('has its entries and the folders it names, nothing else', () => {
    const folders = [...new Set(files.map(({ name }) => folderOf(name)))].sort()
    expect(folders).toEqual([...base, ...Object.keys(may), ...entries].sort())
    const vague = files.filter(({ name }) => /util|common|helper|misc/i.test(name)).map(({ name }) => name)
    expect(vague).toEqual([])
  })

  it.each(pure)('%s is pure: no I/O, no clock, no await', (part) => {
    for (const { name, text, external } of files.filter(({ name }) => folderOf(name) === part)) {
      if (readsTables.includes(name)) continue
      const io = external.filter((target) => /^node:(?!buffer|net$)/.test(target))
      expect(io, name).toEqual([])
      expect(
        text.match(/\bawait\b|Date\.now|new Date\(\)|performance\.|setTimeout|Math\.random/g),
        name,
      ).toBeNull()
    }
  })

  it('reads configurations by one door, where all that is wrong with them is told at once', () => {
    const others = files.filter(({ name, text }) => {
      return ['app', 'cli'].includes(folderOf(name)) && /\b(?:loadConfig|configFromOptions)\b/.test(text)
    })
    expect(others.map(({ name }) => name)).toEqual(['app/read-config.ts'])
  })

  it('reads files that settings name in one way, so that a reload knows what they were', () => {
    const parts = ['map', 'destinations', 'transform', 'filter', 'privacy']
    const known = [...readsTables, writesDescriptor]
    const others = files.filter(({ name }) => parts.includes(folderOf(name)) && !known.includes(name))
    expect(others.filter(({ external }) => external.includes('node:fs')).map(({ name }) => name)).toEqual([])
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
