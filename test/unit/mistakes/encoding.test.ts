/** What people wrote in another encoding than UTF-8: nothing that it says may silently become something else. */
import { expect, test } from 'vitest'
import { formatProblem, type Problem } from '../../../src/mistakes/problem.ts'
import { parseYaml } from '../../../src/mistakes/yaml.ts'

function read(bytes: Buffer) {
  const problems: Problem[] = []
  const file = parseYaml('f.yaml', bytes, problems)
  return { file, told: problems.map((problem) => formatProblem(problem).replace('\n  → ', ' → ')) }
}

const noUtf8 = 'has characters that are no UTF-8 → save the file as UTF-8'

test('a value or a name in Windows-1252 is a mistake with its place, and all else is read', () => {
  const text = "# für alle\nsubject: 'Gehälter'\nlist: [a, 'é']\nother: 1\n'ä': 2\n"
  const { file, told } = read(Buffer.from(text, 'latin1'))
  expect(told).toEqual([`f.yaml:2:10: ${noUtf8}`, `f.yaml:3:11: ${noUtf8}`, `f.yaml:5:1: ${noUtf8}`])
  expect(file.value).toBeUndefined()
  expect(file.rest?.value).toMatchObject({ other: 1 })
  expect(file.rest?.mistaken.slice(0, 2)).toEqual([['subject'], ['list', 1]])
})

test('a comment in Windows-1252 says nothing to the program', () => {
  const { file, told } = read(Buffer.from('a: 1 # für alle\n', 'latin1'))
  expect(told).toEqual([])
  expect(file.value).toEqual({ a: 1 })
})

test('in UTF-8 even the character that stands for unreadable ones is what was written', () => {
  const { file, told } = read(Buffer.from("a: '\ufffd'\n"))
  expect(told).toEqual([])
  expect(file.value).toEqual({ a: '\ufffd' })
})

test.each([
  ['as Windows PowerShell writes it', Buffer.from('\ufeffa: 1\n', 'utf16le')],
  ['without its mark', Buffer.from('a: 1\n', 'utf16le')],
  ['the other way round', Buffer.from('\ufeffa: 1\n', 'utf16le').swap16()],
])('UTF-16 is named, %s', (_, bytes) => {
  const { file, told } = read(bytes)
  expect(told).toEqual(['f.yaml: is in UTF-16 → save the file as UTF-8'])
  expect(file).toMatchObject({ value: undefined })
  expect(file.rest).toBeUndefined()
})
