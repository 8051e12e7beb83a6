/** The last recorded table. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('results.md', import.meta.url))

/** Writes bench/results.md. `notes` are list items about machine and data. */
export async function record(notes: readonly string[], table: string): Promise<void> {
  const today = new Date().toISOString().slice(0, 10)
  await writeFile(
    file,
    `# What msgtrk costs

Recorded on ${today} with \`npm run bench -- --record\`.

${notes.join('\n')}

${table}

CPU is user and system time of all threads from start to end, starting included. Programs are allowed one processor
where a line says so; receivers are other processes, and not counted.
`,
  )
}
