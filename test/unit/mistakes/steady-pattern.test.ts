import { expect, test } from 'vitest'
import { steadyPattern } from '../../../src/mistakes/steady-pattern.ts'

test.each([
  'ClientType:(\\w+)',
  '^([0-9A-Fa-f]{2})[A-Z]:',
  '^[0-9A-Fa-f]{2}([AEIP]):',
  '\\bname=([^|;]*)',
  '^\\w+',
  'RESOLVER\\.(?:FWD)\\.',
  '^(Failure|Delay)\\b',
  "(?:^|[;']|LED=)([45])\\d\\d[ -]",
  '(a|\\d{3}x)\\w+',
])('%s is one that nothing can be taken back in', (source) => {
  expect(steadyPattern(source)).not.toBeNull()
})

test.each([
  ['what may be taken back', '\\w+x'],
  ['what may be taken back by a group', '(\\w+)x'],
  ['one of several, twice', '(?:a|b)(?:a|b)'],
  ['one of several with any number of something', '(?:a|\\w+)'],
  ['one of several, one of which is nothing', '(?:a|)b'],
  ['one of very many', `(${'ab|'.repeat(8)}c)`],
  ['one of several, without a group', 'a|b'],
  ['a beginning in the middle', 'a^b'],
  ['one of several, repeated', '(?:a|b)+'],
  ['what may be there', 'ab?'],
  ['repetitions within each other', '(\\w+)+'],
  ['repetitions of a group', '(ab){2}'],
  ['a number between two', '\\d{1,3}'],
  ['a dot, which is another one in each', 'a.'],
  ['blanks, likewise', 'a\\s'],
  ['half a letter that counts', '[^a]{2}'],
  ['the end', 'a\\w+$'],
  ['letters beyond ASCII', 'é'],
  ['a flag', '(?i)abc'],
  ['a group by name', '(?<code>\\d)'],
])('%s is not', (_, source) => {
  expect(steadyPattern(source)).toBeNull()
})
