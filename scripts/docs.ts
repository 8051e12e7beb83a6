/**
 * Writes the pages and schemas that are made from others: `npm run docs`; with `--check` it only fails when one is
 * stale.
 */
import { writeFileSync } from 'node:fs'
import { madePages, pathOf } from './pages.ts'

const isCheck = process.argv.includes('--check')

for (const { name, old, text } of madePages()) {
  if (text === old) continue
  if (isCheck) {
    console.error(`${name} is stale: npm run docs`)
    process.exitCode = 1
  } else {
    writeFileSync(pathOf(name), text)
    console.log(`${name} written anew`)
  }
}
