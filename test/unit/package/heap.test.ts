import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { boundGarbage } from '../../../src/package/heap.ts'

it('bounds garbage where the program goes on for long, by an option that this Node.js has', () => {
  const flags: string[] = []
  for (const command of ['convert', 'run'])
    boundGarbage(['node', 'msgtrk', command], (flag) => flags.push(flag))
  expect(flags).toEqual(['--heap-growing-percent=50'])
  // One that is not known is told on standard error, and nothing is bounded.
  expect(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })).toContain(
    '--heap-growing-percent',
  )
})
