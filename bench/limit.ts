/** The C program that shows what the work can cost at least, and how it is held against msgtrk. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { firstRows } from './data.ts'
import { type CommandLine, msgtrk } from './msgtrk.ts'

const execute = promisify(execFile)
const timeout = 60_000
const comparedRows = 20_000

/** The limit over these logs, to its standard output or, with `port`, over TCP. */
export function limitOf(program: string, logs: readonly string[], port?: number): CommandLine {
  return { command: program, args: [hostname(), ...(port === undefined ? [] : ['--to', `${port}`]), ...logs] }
}

/** Which share (0–1) of the first events both programs write byte for byte the same. */
export async function shareAlike(program: string, log: string, folder: string): Promise<number> {
  const { header, rows } = await firstRows(log, comparedRows)
  const file = path.join(folder, 'compared.LOG')
  await writeFile(file, header + rows.join(''))
  const ours = await linesOf(msgtrk('convert', '--syslog', 'rfc3164', file))
  const theirs = new Set(await linesOf(limitOf(program, [file])))
  return ours.filter((line) => theirs.has(line)).length / ours.length
}

async function linesOf({ command, args }: CommandLine): Promise<readonly string[]> {
  const { stdout } = await execute(command, args, { timeout, encoding: 'latin1', maxBuffer: 1e9 })
  return stdout.split('\n').slice(0, -1)
}
