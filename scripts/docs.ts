/** Writes what is drawn or generated in `docs/`: `npm run docs`; with `--check` it only fails when something is stale. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withPicture } from './picture.ts'

const docs = path.join(import.meta.dirname, '../docs')
const isCheck = process.argv.includes('--check')

const pages: Readonly<Record<string, (page: string) => string>> = {
  'architecture.md': withPicture,
}

for (const [name, make] of Object.entries(pages)) {
  const file = path.join(docs, name)
  const old = readFileSync(file, 'utf8')
  const page = make(old)
  if (page === old) continue
  if (isCheck) {
    console.error(`docs/${name} is stale: npm run docs`)
    process.exitCode = 1
  } else {
    writeFileSync(file, page)
    console.log(`docs/${name} written anew`)
  }
}
