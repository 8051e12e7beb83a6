/** Pages that lead through the code name what is there. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../..')

/** What a page refers to: files, and the names in them that stand behind the reference, as in `[a.ts](a.ts) `b`, `c``. */
function referencesIn(page: string) {
  const text = readFileSync(path.join(root, page), 'utf8')
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)((?:(?:,| →)?\s+`[^`]+`)*)/g)].map(
    ([, target = '', names = '']) => ({
      file: path.join(root, path.dirname(page), target),
      names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    }),
  )
}

test.each(['docs/tour.md', 'src/tail/README.md', 'src/flow/README.md', 'docs/architecture.md'])(
  'what %s names is there',
  (page) => {
    const references = referencesIn(page)
    expect(references.length).toBeGreaterThan(0)
    const missing = references.flatMap(({ file, names }) => {
      if (!existsSync(file)) return [path.relative(root, file)]
      const words = new Set(readFileSync(file, 'utf8').match(/#?\w+/g))
      return names.filter((name) => !words.has(name)).map((name) => `${path.relative(root, file)}: ${name}`)
    })
    expect(missing).toEqual([])
  },
)

test('a chunk changes folder 15 times at most on its way through the program', () => {
  const tour = readFileSync(path.join(root, 'docs/tour.md'), 'utf8')
  const rows = /^## 1\..*?\n(\|.*?)\n\n/ms.exec(tour)?.[1] ?? ''
  // What is in parentheses, references apart, is passed only with some setting.
  const usual = rows.replace(/ \(\[.*?`\)/g, '')
  const folders = [...usual.matchAll(/\]\(\.\.\/src\/([\w-]+)\//g)].map(([, folder]) => folder)
  const stays = folders.filter((folder, index) => folder !== folders[index - 1])
  expect(stays).toContain('checkpoint')
  expect(stays.length - 1, stays.join(' → ')).toBeLessThanOrEqual(15)
})
