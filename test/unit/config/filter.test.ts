/** Mistakes of a filter, as a person sees them: with their line, also deep inside groups. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { told } from '../../support/told.ts'

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
          - recipients: { every: [bob@contoso.com], none: [contoso.com] }
          - recipients: bob@contoso.com
          - senders: { all: [bob@contoso.com] }
          - columns: { conector-id: [x], client-ip: [10.0.0.0/40], message-info: {} }
`,
  )
  const error: unknown = await loadConfig(file, { env: {} }).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  const found = told(error.problems).map(({ where, message, remedy }) => [
    where.replace(file, ''),
    message,
    remedy,
  ])
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
    [at(15, 'filter.not.or.3.recipients.none.0'), 'is no address', expect.stringContaining('@contoso.com')],
    [
      at(15, 'filter.not.or.3.recipients.every'),
      'is no setting',
      'the settings here are any, all, none, anyOther',
    ],
    [
      at(16, 'filter.not.or.4.recipients'),
      'must be a list, or a group with one of: any, all, none, anyOther',
      'put it in brackets: [ … ]',
    ],
    [at(17, 'filter.not.or.5.senders.all'), 'is no setting', 'the settings here are any, none'],
    [at(18, 'filter.not.or.6.columns.client-ip.0'), 'is no network', 'write 10.0.0.0/8 or fd00::/8'],
    [at(18, 'filter.not.or.6.columns.message-info'), 'has no condition', 'give one of: any, none'],
    [at(18, 'filter.not.or.6.columns.conector-id'), 'is no setting', 'did you mean connector-id?'],
  ])
})
