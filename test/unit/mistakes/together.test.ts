import { expect, test } from 'vitest'
import { ExitCode, type Problem, ProblemsError } from '../../../src/mistakes/problem.ts'
import { together } from '../../../src/mistakes/together.ts'

const problem = (message: string): Problem => ({ where: { argument: 'x' }, message })
const fails = (message: string, code?: ExitCode) => async () => {
  throw new ProblemsError([problem(message)], code)
}

test('gives what all give', async () => {
  expect(await together([() => 1, async () => 'two'])).toEqual([1, 'two'])
})

test('tells the problems of all, with the exit code of the first', async () => {
  const failed = together([fails('one', ExitCode.mistake), () => 1, fails('three', ExitCode.failed)])
  await expect(failed).rejects.toMatchObject({
    problems: [problem('one'), problem('three')],
    exitCode: ExitCode.mistake,
  })
})

test('a bug stays one', async () => {
  const bug = () => {
    throw new TypeError('bug')
  }
  await expect(together([fails('one'), bug])).rejects.toThrow(TypeError)
})
