import { describe, expect, test } from 'vitest'
import { formatPlace } from '../../../src/mistakes/place.ts'
import { formatProblem, type Problem } from '../../../src/mistakes/problem.ts'
import { parseYaml } from '../../../src/mistakes/yaml.ts'

function mistakesIn(text: string): readonly string[] {
  const problems: Problem[] = []
  const { value } = parseYaml('f.yaml', text, problems)
  if (problems.length > 0) expect(value).toBeUndefined()
  return problems.map((problem) => formatProblem(problem).replace('\n  → ', ' → '))
}

const indent = 'begin all settings of a group, and all dashes of a list, in the same column'

describe('mistakes in the form say where and what to do', () => {
  test.each<[string, string, string[]]>([
    [
      'a Windows path in double quotes, with many escapes',
      'sources:\n  - folder: "C:\\Program Files\\Microsoft\\Exchange Server"\n',
      [
        "f.yaml:2:30: in double quotes \\ begins an escape, and this one is none → write it in single quotes: 'C:\\Program Files\\Microsoft\\Exchange Server'",
      ],
    ],
    [
      'a share in double quotes',
      'a: 1\nfolder: "\\\\EX01\\O\'Brien\\Message"\n',
      [
        expect.stringContaining(
          "write it in single quotes: '\\\\EX01\\O''Brien\\Message'",
        ) as unknown as string,
      ],
    ],
    [
      'an escape in what may be secret',
      'a: 1\npass:     "hun\\ter\\2"\n',
      [expect.stringMatching(/single quotes, where \\ is only a backslash$/) as unknown as string],
    ],
    [
      'a setting that stands twice',
      'a: 1\nfolder: x\n"folder": y\n',
      [
        'f.yaml:3:1: "folder" stands twice in this group → remove one of the two; only one of them could hold',
      ],
    ],
    ['a tab', 'a:\n\tb: 1\n', ['f.yaml:2:1: a tab stands in the indentation → indent with spaces']],
    [
      'a tab among spaces',
      'a:\n  - b\n\t- c\n',
      ['f.yaml:3:1: a tab stands in the indentation → indent with spaces'],
    ],
    [
      'a setting of a list member further in',
      'sources:\n  - folder: x\n   name: y\n',
      [`f.yaml:3:4: begins in column 4, where nothing around it begins → ${indent}`],
    ],
    [
      'a setting further out',
      'a:\n  - x\n b: 2\n',
      [`f.yaml:3:2: begins in column 2, where nothing around it begins → ${indent}`],
    ],
    [
      'a list',
      'a: [1, 2\nb: 3\n',
      ['f.yaml:2:1: a list in [ … ] is not closed → close it with ], or indent what belongs to it'],
    ],
    [
      'a quote',
      'a: "x\nb: 1\n',
      ['f.yaml:3:1: a text in quotes, which began further up, is not closed → close it with "'],
    ],
    [
      'a dash further out',
      'a:\n  - b: x\n - b: y\n',
      [`f.yaml:3:1: this line, or the next, begins where nothing around it begins → ${indent}`],
    ],
    [
      'a setting further in than the one before it',
      'a:\n  - b: x\n     c: y\n',
      [`f.yaml:2:8: this line, or the next, begins where nothing around it begins → ${indent}`],
    ],
    [
      'a colon in a text',
      'folder: C:\\temp: x\n',
      [
        'f.yaml:1:9: a second colon with a blank or nothing behind it stands in one line → put a text that holds ": ", or ends in ":", in single quotes, or begin a new line',
      ],
    ],
    [
      'a colon at the end of a text',
      'to: stdout:\n',
      [
        'f.yaml:1:5: a second colon with a blank or nothing behind it stands in one line → put a text that holds ": ", or ends in ":", in single quotes, or begin a new line',
      ],
    ],
    [
      'a letter that begins no text',
      'a: @x\n',
      ['f.yaml:1:4: a text may not begin with @ → put it in single quotes'],
    ],
    [
      'a line that is no setting',
      'a: 1\nother\n',
      ['f.yaml:2:1: is neither a setting nor a part of one → write it as "name: value"'],
    ],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      ['f.yaml:2:1: a second document begins here → remove the line ---, or all behind it'],
    ],
    [
      'a pattern that begins with *',
      'pattern: *.LOG\n',
      [
        "f.yaml:1:10: *.LOG refers to nothing: no &.LOG stands before it → put a text that begins with * in single quotes: '*.LOG'",
      ],
    ],
    [
      'an alias of what it stands in',
      'a: &x\n  b: [*x]\n',
      ['f.yaml:2:7: *x stands within what it refers to → write out what is meant'],
    ],
    [
      'a value without a name',
      'a: 1\n: 2\n',
      [
        'f.yaml:2:1: no name stands in front of the colon → write that of a setting there; a name that is ~ or null is put in quotes',
      ],
    ],
    [
      'null for a name, within a list',
      'a:\n  - b: 1\n    null: 2\n',
      [expect.stringMatching(/^f.yaml:3:5: no name stands in front of the colon/) as unknown as string],
    ],
    ['a tag', 'pass: !secret x\n', [expect.stringMatching(/^f.yaml:1:7: has a tag/) as unknown as string]],
  ])('%s', (_name, text, expected) => {
    expect(mistakesIn(text)).toEqual(expected)
  })

  test('two mistakes are two, each once', () => {
    expect(
      mistakesIn('a: "C:\\Program Files\\X"\nb: "x\\q\\y"\nb: 1\n').map((one) => one.slice(0, 8)),
    ).toEqual(['f.yaml:1', 'f.yaml:2', 'f.yaml:3'])
  })
})

describe('what grows without end is a mistake, and no stack trace', () => {
  const chain = Array.from({ length: 1000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)
  const lists = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`)
  test.each([
    [
      'aliases of aliases of aliases',
      `l0: &l0 [x]\n${lists.join('\n')}\n`,
      /^f.yaml:7:10: has aliases \(\*name\) that/,
    ],
    ['brackets', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, /nested too deeply/],
    ['a list of lists', `a:\n  ${'- '.repeat(20_000)}x\n`, /nested too deeply/],
    [
      'an alias of an alias, again and again',
      `a0: &a0 [x]\n${chain.join('\n')}\n`,
      /^f.yaml:7:10: has aliases/,
    ],
    ['groups', Array.from({ length: 4000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /nested too deeply/],
    ['brackets that the parser can follow', `a: ${'['.repeat(120)}${']'.repeat(120)}`, /nested too deeply/],
  ])('%s', (_name, text, expected) => {
    expect(mistakesIn(text)[0]).toMatch(expected)
  })

  test('what is long is not deep', () => {
    const list = Array.from(
      { length: 3000 },
      (_, i) => `  - { a: [${i}], b: '[[{' }\n  -\n    - c:\n        d\n`,
    )
    expect(mistakesIn(`a:\n${list.join('')}b: [${'[], '.repeat(3000)}]\n`)).toEqual([])
  })

  test('what aliases are for stays possible', () => {
    const problems: Problem[] = []
    const text = 'a: &x { b: 1 }\nc: [*x, *x]\n'
    expect(parseYaml('f.yaml', text, problems).value).toEqual({ a: { b: 1 }, c: [{ b: 1 }, { b: 1 }] })
    expect(problems).toEqual([])
  })
})

test('a name that is no text is found in its line', () => {
  const { place, value } = parseYaml('f.yaml', 'a: 1\nb:\n  "": 1\n  true: 2\n  16: 3\n', [])
  expect(value).toEqual({ a: 1, b: { '': 1, true: 2, 16: 3 } })
  const places = ['', 'true', '16'].map((name) => formatPlace(place(['b', name])))
  expect(places).toEqual(["f.yaml:3 b.''", 'f.yaml:4 b.true', 'f.yaml:5 b.16'])
})
