/** Mistakes of a filter, as a person sees them: with their line, also deep inside groups. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { ProblemsError } from '../../../src/problems.ts'

test('all mistakes at once, each at its line', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-filter-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `sources: [{ folder: /logs }]
destinations:
  - to: tcp://siem.example:514
    noise: [shadow-redundancy, monitorin]
    filter:
      senders: [ann@contoso.com, '/(a+/']
      sizeBytes: { min: 10, max: 5 }
      directionality: [incoming]
      not:
        or:
          - recipient: [bob@contoso.com]
          - recipients: [bob@contoso.com]
            not: {}
          - events: SEND
`,
  )
  const error: unknown = await loadConfig(file, { env: {} }).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  const found = error.problems.map(({ where, message, remedy }) => [where.replace(file, ''), message, remedy])
  const at = (line: number, setting: string) => `:${line} destinations.0.${setting}`
  expect(found).toEqual([
    [
      at(4, 'noise.1'),
      expect.stringContaining('must be one of: shadow-redundancy'),
      'did you mean monitoring?',
    ],
    [at(6, 'filter.senders.1'), 'is no regular expression: missing closing )', undefined],
    [at(7, 'filter.sizeBytes.min'), 'is more than max', 'no record is that large'],
    [at(8, 'filter.directionality.0'), expect.stringContaining('must be one of'), 'did you mean Incoming?'],
    [at(11, 'filter.not.or.0.recipient'), 'is no setting', 'did you mean recipients?'],
    [at(13, 'filter.not.or.1.not'), 'has no condition', 'give one, such as events, or leave it out'],
    [at(14, 'filter.not.or.2.events'), 'must be a list, and is text', 'put it in brackets: [ … ]'],
  ])
})
