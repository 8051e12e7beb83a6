/** liblognorm's CEF parser, which rsyslog uses as well, by its own command. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { lognormalizerProgram, rsyslogLibraries } from './programs.ts'

/** An event as liblognorm reads it; undefined for a line that it refuses. */
export interface DecodedEvent {
  readonly header: Readonly<Record<string, string>>
  readonly extension: Readonly<Record<string, string>>
}

/** Its only rule: the whole line is one CEF event. */
export const cefRule = 'version=2\nrule=:%f:cef%\n'

/** Decodes lines, each an event without a syslog header; characters are bytes. */
export async function decodeLines(
  folder: string,
  lines: readonly string[],
): Promise<readonly (DecodedEvent | undefined)[]> {
  const rules = path.join(folder, 'cef.rulebase')
  await writeFile(rules, cefRule)
  const child = spawn(lognormalizerProgram, ['-r', rules, '-e', 'json'], {
    env: { ...process.env, LD_LIBRARY_PATH: rsyslogLibraries() },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
  child.stdin.end(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${lognormalizerProgram} ended with ${code}`)
  const answers = Buffer.concat(output).toString('latin1').split('\n').slice(0, -1)
  if (answers.length !== lines.length) {
    throw new Error(`${answers.length} answers of ${lognormalizerProgram} to ${lines.length} lines`)
  }
  return answers.map(decodedEvent)
}

/** The event in an answer of liblognorm, whose characters are bytes. */
export function decodedEvent(answer: string): DecodedEvent | undefined {
  const { f } = JSON.parse(Buffer.from(answer, 'latin1').toString('utf8'))
  if (f === undefined) return undefined
  const { Extensions: extension, ...header } = f
  return { header, extension }
}
