/** The last recorded tables: one of each major version of Node.js that they were recorded with. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('results.md', import.meta.url))
const heading = /^## Node\.js (\d+)/

/** Writes this Node.js' part of bench/results.md and leaves the others. `notes` are list items about machine and data. */
export async function record(notes: readonly string[], table: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '')
  await writeFile(file, withRecorded(before, process.versions.node, notes, table))
}

/** The file's text with one part made or replaced, in the order of versions. */
export function withRecorded(
  before: string,
  version: string,
  notes: readonly string[],
  table: string,
  today: string = new Date().toISOString().slice(0, 10),
): string {
  const parts = new Map<number, string>()
  for (const part of before.split(/^(?=## )/m)) {
    const major = heading.exec(part)?.[1]
    if (major !== undefined) parts.set(Number(major), part.trim())
  }
  const [major] = version.split('.')
  parts.set(
    Number(major),
    `## Node.js ${version}

Recorded on ${today}.

${notes.join('\n')}

${table}`,
  )
  const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
  return `# What msgtrk costs

Recorded with each Node.js by \`npm run bench -- --record\`. CPU is user and system time of all threads from start to
end, starting included; "one more" is what an event more costs: the difference between many logs and a few. Programs are
allowed one processor where a line says so; receivers are other processes, and not counted. Absolute figures are of the
machine that is named; ratios are the median of those within each turn.

${inOrder.join('\n\n')}
`
}
