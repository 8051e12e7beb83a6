/** docs/guarantees.md can't rot: what it promises is what the README promises, and the tests it names are there. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const read = (name: string) => readFileSync(path.join(root, name), 'utf8')

interface Promised {
  readonly sentence: string
  /** Each as `test/file.test.ts › name of the test`. */
  readonly heldBy: readonly string[]
}

/** The cells of all rows of all tables in a text, without their heads. */
function rowsIn(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const heads = new Set(lines.flatMap((line, index) => (/^\|[-| ]+\|$/.test(line) ? [index, index - 1] : [])))
  return lines
    .filter((_, index) => !heads.has(index))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** What of a text has to be the same: neither links nor the way it is broken into lines. */
function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}

function sentencesIn(text: string): readonly string[] {
  return plain(text)
    .split(/(?<=[.:])\s+(?=[A-Z`])/)
    .filter((sentence) => /\w/.test(sentence) && !sentence.endsWith(':'))
}

/** Whether a test file has a test, or a group of tests, of this name. */
function hasTest(reference: string): boolean {
  const [file = '', name = ''] = reference.split(' › ')
  if (!/\.test\.ts$/.test(file) || !existsSync(path.join(root, file))) return false
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'")
  // The name is the first argument of a call, whichever of vitest's.
  return new RegExp(`\\(\\s*['"\`]${escaped}['"\`]`).test(read(file))
}

const promises: readonly Promised[] = rowsIn(read('docs/guarantees.md')).map(
  ([sentence = '', tests = '']) => ({
    sentence: plain(sentence),
    heldBy: [...tests.matchAll(/`([^`]+)`/g)].map(([, reference = '']) => reference),
  }),
)

it('every sentence of the guarantees in the README has its row', () => {
  const sections = read('README.md').split(/^## /m)
  const section = sections.find((text) => text.startsWith('What it guarantees\n')) ?? ''
  const prose = section
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('|'))
  const wanted = [
    ...rowsIn(section).flatMap((cells) => sentencesIn(cells.at(-1) ?? '')),
    ...prose.join('\n').split(/\n\n+/).flatMap(sentencesIn),
  ]
  const told = new Set(promises.map(({ sentence }) => sentence))
  expect(wanted.length).toBeGreaterThan(10)
  expect(wanted.filter((sentence) => !told.has(sentence))).toEqual([])
})

it('every promise names tests, and all of them are there', () => {
  const unheld = promises.filter(({ heldBy }) => heldBy.length === 0).map(({ sentence }) => sentence)
  expect(unheld).toEqual([])
  expect(promises.flatMap(({ heldBy }) => heldBy).filter((reference) => !hasTest(reference))).toEqual([])
})
