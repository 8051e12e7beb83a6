/** Pages that lead through the code name what is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

const pages = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', ...pagesIn('docs')]

function pagesIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
  // Parts are put together to pages elsewhere.
  return names
    .filter((name) => name.endsWith('.md') && !name.startsWith('parts'))
    .map((name) => path.join(folder, name))
}

/** Where links into a page may lead: to its headings, as they are called in addresses. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(path.join(root, page), 'utf8').replace(/^ *```.*?^ *```/gms, '')
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  const plain = headings.map((heading) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase())
  return new Set(plain.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')))
}

test.each(pages)('every link in %s leads somewhere', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8')
    .replace(/^ *```.*?^ *```/gms, '')
    .replace(/`[^`\n]*`/g, 'code')
  const links = [...text.matchAll(/\]\((?!https?:)([\w./-]*)(?:#([^)\s]*))?\)/g)]
  const astray = links.filter(([, target = '', anchor]) => {
    const file = target === '' ? page : path.join(path.dirname(page), target)
    if (!existsSync(path.join(root, file))) return true
    return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor)
  })
  expect(astray.map(([link]) => link)).toEqual([])
})

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
