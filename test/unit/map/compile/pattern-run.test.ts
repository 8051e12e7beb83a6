import { expect, test } from 'vitest'
import type { ByteRun } from '../../../../src/flow/plan.ts'
import { runIn, runInList } from '../../../../src/map/compile/pattern-run.ts'

/** The characters of each place, digits as `0`; `^` for the beginning. */
function shown(run: ByteRun | null): string | null {
  if (run === null) return null
  return Array.from({ length: run.length }, (_, place) =>
    Array.from(run.places.keys())
      .filter((code) => (run.places[code]! >> place) & 1)
      .map((code) => (code === 256 ? '^' : String.fromCharCode(code)))
      .join('')
      .replace('0123456789', '0'),
  ).join('│')
}

test.each([
  ["(?:^|[;']|LED=)([45])\\d\\d[ -]", "\t ';=^│45│0│0│ -"],
  ['LED=([^}]*)', 'L│E│D│='],
  ['(?:^| \\| )([45]\\d\\d[ -].*?)(?: \\| |$)', '\t ^│45│0│0│ -'],
  ['^[0-9a-f]{2}([AEIP]):', '\t ^│0abcdef│0abcdef│AEIP│:'],
  ['ClientType:(\\w+)', 'C│l│i│e│n│t│T│y'],
  ['a+bcd', 'a│b│c│d'],
  ['ab+c\\.d', 'b│c│.│d'],
  ['abc?def', 'd│e│f'],
  ['ab(?:cd)?efg', 'e│f│g'],
  ['ab(?:cd)ef', 'a│b│c│d│e│f'],
  ['(?:|x)abc', 'a│b│c'],
  ['(?:ab|c+)def', 'bc│d│e│f'],
  ['abc"def', 'a│b│c'],
  ['abc[^x]defg', 'd│e│f│g'],
  ['\\bname=', 'n│a│m│e│='],
  ['ab', 'a│b'],
  ['[a-z]+', null],
  ['abc|def', null],
  ['(?i:abc)def', null],
  ['abc\\pLdef', null],
  ['abc{0,2}d', 'a│b'],
  ['a', null],
  ['abc[[:alpha:]]', null],
  ['é€', null],
])('wherever %s finds something, %s stands there', (pattern, run) => {
  expect(shown(runIn(pattern))).toBe(run)
})

test.each([
  ['(?:^| \\| )([45]\\d\\d[ -])', ' | ', "\t ';^│45│0│0│\t '-;"],
  ['LED=4', ' | ', 'L│E│D│=│4'],
  ['a\\|bc', ' | ', null],
  ["ab'cd", ' | ', null],
  ['abc,', ', ', "a│b│c│\t ',;"],
])(
  'and in a list wherever %s finds something in its members, joined by "%s", %s',
  (pattern, separator, run) => {
    const found = runIn(pattern)
    expect(found).not.toBeNull()
    expect(found && shown(runInList(found, separator))).toBe(run)
  },
)
