/**
 * ArcSight categories by event class id, and the file in which ArcSight's users keep them:
 *
 *   event.deviceEventClassId,set.event.categoryObject,set.event.categoryBehavior,…
 *   RECEIVE,/Host/Application/Service,/Communicate/Query,…
 */
import { CsvError, parse } from 'csv-parse/sync'
import { counted } from '../../mistakes/counted.ts'
import { didYouMean } from '../../mistakes/nearest.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { type Categories, type CategoryKey, categoryKeys, categorySchema } from './schema.ts'

const idHeading = 'event.deviceEventClassId'
const prefix = 'set.event.'

interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly cells: readonly string[]
}

/** Reads the text of a file of categories; throws a ProblemsError with all its mistakes, each with its line. */
export function parseCategories(file: string, text: string): Categories {
  const problems: Problem[] = []
  const [heading, ...lines] = linesOf(file, text)
  const columns = headingOf(file, heading, problems)
  const idColumn = columns.indexOf('id')
  const found = new Map<string, Partial<Record<CategoryKey, string>>>()
  for (const { number, cells } of lines) {
    const report = (message: string, remedy: string) =>
      problems.push({ where: { file, line: number }, message, remedy })
    if (cells.length !== columns.length) {
      report(
        `${counted(cells.length, 'value')} under ${counted(columns.length, 'heading')}`,
        'give each heading a value; one that holds a comma belongs in quotes',
      )
      continue
    }
    const id = cells[idColumn] ?? ''
    if (idColumn >= 0 && id === '') report('no event class id', `fill in ${idHeading}, or remove the line`)
    if (found.has(id) && id !== '') report(`${id} has categories already`, 'keep one of the two lines')
    const categories: Partial<Record<CategoryKey, string>> = {}
    columns.forEach((column, index) => {
      const value = cells[index] ?? ''
      if (column === undefined || column === 'id' || value === '') return
      const mistake = categorySchema.safeParse(value).error?.issues[0]?.message
      if (mistake !== undefined) report(`${column} ${mistake}`, 'copy the category from the ArcSight Console')
      categories[column] = value
    })
    found.set(id, categories)
  }
  if (problems.length > 0) throw new ProblemsError(problems)
  return Object.fromEntries(found)
}

function linesOf(file: string, text: string): readonly Line[] {
  const options = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }
  try {
    const rows = parse(text, options) as unknown as { info: { lines: number }; record: string[] }[]
    return rows.map(({ info, record }) => ({ number: info.lines, cells: record }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const where = { file, line: Number(error.lines ?? 1) }
    throw new ProblemsError([
      { where, message: error.message, remedy: 'write quotes only around a whole value' },
    ])
  }
}

/** What stands in each column; undefined where the heading is a mistake. */
function headingOf(
  file: string,
  heading: Line | undefined,
  problems: Problem[],
): readonly (CategoryKey | 'id' | undefined)[] {
  const where = { file, line: heading?.number ?? 1 }
  const allowed = [idHeading, ...categoryKeys.map((key) => prefix + key)]
  const cells = heading?.cells ?? []
  const columns = cells.map((cell, index) => {
    if (cells.indexOf(cell) < index) {
      problems.push({ where, message: `${cell} stands there twice`, remedy: 'keep one of the two columns' })
      return undefined
    }
    if (cell === idHeading) return 'id'
    const key = categoryKeys.find((key) => prefix + key === cell)
    if (key !== undefined) return key
    const remedy = didYouMean(cell, allowed) ?? `headings: ${allowed.join(', ')}`
    problems.push({ where, message: `unknown heading ${cell}`, remedy })
    return undefined
  })
  if (!cells.some((cell) => cell === idHeading)) {
    const remedy = `the first line names the columns: ${allowed.join(',')}`
    problems.push({ where, message: `there is no column ${idHeading}`, remedy })
  }
  return columns
}
