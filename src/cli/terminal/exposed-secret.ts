import { modeOfExposed } from '../../mistakes/exposed-file.ts'
import type { TextOutput } from '../command-context.ts'
import { tellProblem } from './problems.ts'

/** Says that every user of the machine can read a file with a secret; it is taken all the same. */
export function warnOfExposed(file: string, stderr: TextOutput = process.stderr): void {
  const mode = modeOfExposed(file)
  if (mode === undefined) return
  const message = `every user of this machine can read this secret (mode ${mode})`
  tellProblem(stderr, { where: { file }, message, remedy: `chmod 600 ${file}` }, 'warning: ')
}
