/**
 * Writes numbered lines into an own log of small files beside a scanner that holds them; a program of its own, which runs
 * on Windows: `own-log FILE LINES SCANNER`. Prints which lines are there, oldest first, in how many files, and what was told.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { logFile } from '../../../src/observe/log-file.ts'
import { filesOf } from '../../../src/observe/rotating-file.ts'

const [, , file = '', lines = '', scanner = ''] = process.argv
const folder = path.dirname(file)
const scanning = spawn(scanner, [folder, 'msgtrk', '200'], { stdio: 'ignore' })
const news: string[] = []
const log = logFile(file, ({ is }) => news.push(is), { maxBytes: 20_000, maxFiles: 1000 })
for (let number = 0; number < Number(lines); number++) {
  log.write({ level: 'info', message: 'A line', time: new Date(), fields: { number } })
  if (number % 50 === 0) await pause(20)
}
await log.end()
writeFileSync(path.join(folder, 'stop-scanner'), '')
await once(scanning, 'exit')
const files = [file, ...(await filesOf(file))].reverse()
const found = files.flatMap((each) => readFileSync(each, 'utf8').split('\n').slice(0, -1))
const numbers = found.map((line) => (JSON.parse(line) as { number: number }).number)
process.stdout.write(JSON.stringify({ found: numbers, files: files.length, news }))
