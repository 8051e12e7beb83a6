import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { boundHeap, giveRoom } from '../../../src/package/heap.ts'

const all = 128

/** What V8 is told at the start of a command, and once it is known how many folders there are. */
function told(command: string, folders: number): readonly string[] {
  const flags: string[] = []
  boundHeap(['node', 'msgtrk', command], (flag) => flags.push(flag))
  if (command === 'run') giveRoom(folders, (flag) => flags.push(flag))
  return flags
}

it('bounds garbage where the program goes on for long, by options that this Node.js has', () => {
  expect(told('convert', 1)).toEqual([])
  const flags = told('run', all)
  expect(flags[0]).toBe('--heap-growing-percent=50')
  // One that is not known is told on standard error, and nothing is bounded.
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  for (const flag of flags) expect(known).toContain(`${flag.split('=')[0]} (`)
  expect(known).toContain(`default: ${flags.at(-1)}`)
})

it('room for new objects grows with usual folders, and stays as it is with many', () => {
  expect(roomMb(told('run', all + 1))).toBeLessThan(3)
  expect(roomMb(told('run', all))).toBeGreaterThan(10)
})

/** How large it becomes in a process that is told so at its start, and then keeps more than it has room for. */
function roomMb(flags: readonly string[]): number {
  const script = `const v8 = require('node:v8')
    for (const flag of ${JSON.stringify(flags)}) v8.setFlagsFromString(flag)
    const kept = Array.from({ length: 1e6 }, (_, index) => ({ index }))
    console.log(v8.getHeapSpaceStatistics().find((each) => each.space_name === 'new_space').space_size, kept.length)`
  const [bytes] = execFileSync(process.execPath, ['--eval', script], { encoding: 'utf8' }).split(' ')
  return Number(bytes) / 2 ** 20
}
