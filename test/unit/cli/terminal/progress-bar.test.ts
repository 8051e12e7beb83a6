import { expect, test } from 'vitest'
import { ProgressBar } from '../../../../src/cli/terminal/progress-bar.ts'

/** A bar on a terminal, and what was written; the clock stands until it is set. */
function barOf(totalBytes: number, columns = 100) {
  const clock = { ms: 0 }
  const written: string[] = []
  const terminal = { columns, write: (text: string) => written.push(text) }
  return { bar: new ProgressBar(terminal, totalBytes, () => clock.ms), clock, written }
}

test('it says how much is done, and how long the rest takes at the same pace', () => {
  const { bar, clock, written } = barOf(40_000_000)
  clock.ms = 2000
  bar.update(10_000_000)
  expect(written).toEqual([`\r\x1b[K${'='.repeat(10)}${'-'.repeat(30)} 25% | 10.0 of 40.0 MB | 6s`])
  clock.ms = 1_000_000
  bar.update(10_000_000)
  expect(written[1]).toMatch(/ \| 50m0s$/)
  clock.ms = 4_000_000
  bar.update(10_000_000)
  expect(written[2]).toMatch(/ \| 3h20m$/)
})

test('it is drawn ten times a second at most, and leaves its line when it is cleared', () => {
  const { bar, clock, written } = barOf(1000)
  bar.clear()
  expect(written).toEqual([])
  bar.update(0)
  bar.update(1)
  clock.ms = 99
  bar.update(2)
  expect(written).toHaveLength(1)
  bar.clear()
  expect(written[1]).toBe('\r\x1b[K')
  bar.update(3)
  expect(written).toHaveLength(3)
})

test('it fits the terminal, and is none where nobody knows how much there is', () => {
  const narrow = barOf(1000, 20)
  narrow.bar.update(1000)
  expect(narrow.written[0]).toHaveLength('\r\x1b[K'.length + 19)
  const unknown = barOf(0)
  unknown.bar.update(1000)
  expect(unknown.written).toEqual([])
})
