import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createMapper } from '../../../../src/map/mapper.ts'
import { parseCategories } from '../../../../src/map/table/categories.ts'
import { loadCategories } from '../../../../src/map/table/load.ts'
import { knownColumns } from '../../../../src/records/layouts.ts'
import { layoutOf } from '../../../support/records.ts'
import { made, ownTable, planOf, problemsOf } from '../own-table.ts'

const heading = 'event.deviceEventClassId,set.event.categoryObject,set.event.categoryOutcome'

describe('a file of categories', () => {
  test('says by event class id which categories an event has', () => {
    const text = `\ufeff${heading}\r\nSEND,/Host/Application/Service,/Success\r\n\r\n"FAIL",,"/Failure"\r\n`
    expect(parseCategories('own.csv', text)).toEqual({
      SEND: { categoryObject: '/Host/Application/Service', categoryOutcome: '/Success' },
      FAIL: { categoryOutcome: '/Failure' },
    })
  })

  test.each([
    ['latin1', 'has characters that are no UTF-8'],
    ['utf16le', 'is in UTF-16'],
  ] as const)('is not taken for another one in %s', (encoding, message) => {
    const file = join(mkdtempSync(join(tmpdir(), 'msgtrk-categories-')), 'own.csv')
    onTestFinished(() => rmSync(dirname(file), { recursive: true }))
    writeFileSync(file, `${heading}\nSEND,/Bücher,/B\n`, encoding)
    expect(problemsOf(() => loadCategories(file))).toEqual([`${file}: ${message} → save the file as UTF-8`])
  })

  test.each<[mistake: string, lines: string[], problems: string[]]>([
    [
      'heading, mistyped',
      [heading.replace('Outcome', 'Outcme'), 'SEND,/A,/B'],
      ['own.csv:1: unknown heading set.event.categoryOutcme → did you mean set.event.categoryOutcome?'],
    ],
    [
      'heading that ArcSight has and events have not',
      ['event.deviceEventClassId,set.event.name', 'SEND,x'],
      [
        'own.csv:1: unknown heading set.event.name → headings: event.deviceEventClassId, set.event.categoryObject, set.event.categoryBehavior, set.event.categoryTechnique, set.event.categoryDeviceGroup, set.event.categoryOutcome, set.event.categorySignificance',
      ],
    ],
    [
      'heading twice',
      [`${heading},set.event.categoryOutcome`, 'SEND,/A,/B,/C'],
      ['own.csv:1: set.event.categoryOutcome stands there twice → keep one of the two columns'],
    ],
    [
      'no event class id',
      ['set.event.categoryOutcome', '/Success'],
      [
        'own.csv:1: there is no column event.deviceEventClassId → the first line names the columns: event.deviceEventClassId,set.event.categoryObject,set.event.categoryBehavior,set.event.categoryTechnique,set.event.categoryDeviceGroup,set.event.categoryOutcome,set.event.categorySignificance',
      ],
    ],
    [
      'an empty file',
      [],
      [
        'own.csv:1: there is no column event.deviceEventClassId → the first line names the columns: event.deviceEventClassId,set.event.categoryObject,set.event.categoryBehavior,set.event.categoryTechnique,set.event.categoryDeviceGroup,set.event.categoryOutcome,set.event.categorySignificance',
      ],
    ],
    [
      'several lines, each with its own',
      [heading, 'SEND,/A', ',/A,/B', 'FAIL,/A,/B', 'FAIL,/A,/B', 'DSN,A,"a=b"'],
      [
        'own.csv:2: 2 values under 3 headings → give each heading a value; one that holds a comma belongs in quotes',
        'own.csv:3: no event class id → fill in event.deviceEventClassId, or remove the line',
        'own.csv:5: FAIL has categories already → keep one of the two lines',
        'own.csv:6: categoryObject must begin with /, such as /Success → copy the category from the ArcSight Console',
        'own.csv:6: categoryOutcome must be text without `=`, `\\`, `|`, line breaks or outer spaces → copy the category from the ArcSight Console',
      ],
    ],
  ])('with a mistake: %s', (_, lines, problems) => {
    expect(problemsOf(() => parseCategories('own.csv', lines.join('\n')))).toEqual(problems)
  })

  test('that is no CSV is a mistake in its line', () => {
    expect(problemsOf(() => parseCategories('own.csv', `${heading}\nSEND,"/A"x,/B`))[0]).toMatch(
      /^own\.csv:2: /,
    )
  })
})

describe('the categories of an event', () => {
  const table = ownTable(`categories:
  SEND: { categoryOutcome: /Success, categoryObject: /Host/Application/Service }
  FAIL: { categoryOutcome: /Failure }`)
  const columns = ['event-id', 'date-time']

  test('come last of the fields, in one order, and only those that are used', () => {
    expect(planOf(table, columns).fields.map(({ key }) => key)).toEqual([
      'rt',
      'categoryObject',
      'categoryOutcome',
    ])
  })

  test.each([
    ['SEND', '/Host/Application/Service', '/Success'],
    [' SEND ', '/Host/Application/Service', '/Success'],
    ['FAIL', '', '/Failure'],
    ['RECEIVE', '', ''],
    ['constructor', '', ''],
  ])('%s', (event, object, outcome) => {
    const record = { 'event-id': event, 'date-time': '' }
    expect(
      planOf(table, columns)
        .fields.slice(1)
        .map((value) => made(value, record)),
    ).toEqual([object, outcome])
  })

  test('a log without event ids has none', () => {
    expect(planOf(table, ['date-time']).fields.map(({ key }) => key)).toEqual(['rt'])
  })

  describe('from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgtrk-categories-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'own.csv')
    const options = { mapping: 'auto', cefVersion: 0, additionalData: 'none' } as const

    test('go into the events of every table', () => {
      writeFileSync(file, `${heading}\nSEND,/A,/B`)
      const mapper = createMapper({ ...options, categories: file })
      for (const version of ['2007', '2016'] as const) {
        const keys = mapper.planFor(layoutOf(knownColumns[version])).fields.map(({ key }) => key)
        expect(keys.slice(-2)).toEqual(['categoryObject', 'categoryOutcome'])
      }
    })

    test('that is not there is a mistake', () => {
      const absent = join(folder, 'absent.csv')
      expect(problemsOf(() => createMapper({ ...options, categories: absent }))).toEqual([
        `categories: can't read ${absent} (ENOENT) → give the path of a file that this user may read`,
      ])
    })
  })
})

test('mistakes of the categories and of the table are told at once', () => {
  const settings = {
    mapping: 'exchange-2031',
    categories: '/nowhere.csv',
    cefVersion: 0,
    additionalData: 'arcsight',
  }
  const problems = problemsOf(() => createMapper(settings as Parameters<typeof createMapper>[0]))
  expect(problems.join('\n')).toMatch(/nowhere\.csv/)
  expect(problems.join('\n')).toMatch(/exchange-2031/)
})
