/**
 * The picture of docs/architecture.md: which folder of `src/` imports which, drawn from the imports themselves.
 * `npm run docs` writes it anew.
 *
 * A folder stands one floor above the highest that it imports, so no arrow runs up. What a folder imports is said
 * beside it; the floor that everybody may use is left out there.
 */
import { folderOf, sourceFiles } from '../test/support/source-files.ts'

const base = ['flow', 'package', 'mistakes', 'hot-loop', 'records', 'formats']

/** Between these lines it stands. */
const fence = { start: '<!-- imports: drawn by `npm run docs` -->\n', end: '<!-- /imports -->' }

/** The page with the picture as it is now. Throws when folders import each other in a circle. */
export function withPicture(page: string): string {
  const [before, rest] = page.split(fence.start)
  const after = rest?.split(fence.end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`docs/architecture.md has no ${fence.start}`)
  return `${before}${fence.start}${picture()}${fence.end}${after}`
}

function picture(): string {
  const imports = importsByFolder()
  const floors = new Map<string, number>()
  const floorOf = (folder: string, trail: readonly string[]): number => {
    if (trail.includes(folder)) throw new Error(`a circle: ${[...trail, folder].join(' → ')}`)
    const known = floors.get(folder)
    if (known !== undefined) return known
    const below = [...(imports.get(folder) ?? [])].map((target) => floorOf(target, [...trail, folder]))
    const floor = Math.max(0, ...below) + 1
    floors.set(folder, floor)
    return floor
  }
  for (const folder of imports.keys()) floorOf(folder, [])
  const rows = [...floors].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
  const width = Math.max(...rows.map(([folder]) => folder.length))
  const lines = rows.map(([folder, floor], index) => {
    const isFirst = rows[index - 1]?.[1] !== floor
    const targets = [...(imports.get(folder) ?? [])].sort()
    const shown = base.includes(folder) ? targets : targets.filter((target) => !base.includes(target))
    const beside = shown.length === 0 ? '' : ` → ${shown.join(' ')}`
    return `${isFirst ? String(floor).padStart(2) : '  '} │ ${folder.padEnd(width)}${beside}`.trimEnd()
  })
  return `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`
}

function importsByFolder(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { name, local } of sourceFiles()) {
    const folder = folderOf(name)
    if (folder === name) continue
    const targets = found.get(folder) ?? new Set()
    found.set(folder, targets)
    for (const target of local) if (folderOf(target) !== folder) targets.add(folderOf(target))
  }
  return found
}
