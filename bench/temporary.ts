/** A folder for what is temporary. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

let made: string | undefined

/** The folder of this process; removed with all in it when the process exits, also when it is interrupted. */
export function temporaryFolder(): string {
  if (made !== undefined) return made
  const folder = mkdtempSync(path.join(tmpdir(), 'msgtrk-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  made = folder
  return folder
}
