import { modeOfExposed } from '../../mistakes/exposed-file.ts'
import { formatProblem } from '../../mistakes/problem.ts'

/** Says that every user of the machine can read a file with a secret; it is taken all the same. */
export function warnOfExposed(
  file: string,
  stderr: Pick<NodeJS.WritableStream, 'write'> = process.stderr,
): void {
  const mode = modeOfExposed(file)
  if (mode === undefined) return
  const message = `every user of this machine can read this secret (mode ${mode})`
  stderr.write(`warning: ${formatProblem({ where: { file }, message, remedy: `chmod 600 ${file}` })}\n`)
}
