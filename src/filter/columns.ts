/** Conditions on a column by its name: what it holds, and so how entries ask for it. */
import * as z from 'zod'
import { said } from '../mistakes/words.ts'
import { allColumns, type Column } from '../records/layouts.ts'
import {
  type Asked,
  type AskedOfList,
  type AskedTest,
  askedOfListSchema,
  askedSchema,
  askedTests,
  askedTestsOfList,
} from './asked.ts'
import { compileNetworks, networkProblem } from './networks.ts'
import { addressProblem, compileAddresses, compileTexts, textProblem } from './text-entry.ts'

const lists: readonly Column[] = [
  'recipient-address', 'recipient-status', 'related-recipient-address', 'reference', 'custom-data',
] // biome-ignore format: a list of columns
const addresses: readonly Column[] = [
  'recipient-address', 'related-recipient-address', 'sender-address', 'return-path',
] // biome-ignore format: a list of columns
const ips: readonly Column[] = ['client-ip', 'server-ip', 'original-client-ip', 'original-server-ip']

/** What is asked of columns, all of which must hold. */
export type AskedColumns = { readonly [Name in Column]?: AskedOfList | undefined }

/** Schema of conditions by column. */
export const columnsSchema: z.ZodType<AskedColumns> = z
  .strictObject(Object.fromEntries(allColumns.map((name) => [name, conditionOn(name)])))
  .refine((columns) => Object.values(columns).some((condition) => condition !== undefined), {
    error: said('names no column', 'give one, such as connector-id, or leave it out'),
    // A mistyped name of a column is told already.
    when: ({ issues }) => issues.length === 0,
  })

function conditionOn(name: Column): z.ZodType<AskedOfList | undefined> {
  const problem = addresses.includes(name)
    ? addressProblem
    : ips.includes(name)
      ? networkProblem
      : textProblem
  const schema = lists.includes(name) ? askedOfListSchema(problem) : askedSchema(problem)
  return schema.optional().describe(`${holds(name)}.`)
}

function holds(name: Column): string {
  if (ips.includes(name)) return 'An IP address; asked for as one, as a network (10.0.0.0/8) or as text'
  const what = addresses.includes(name) ? 'address' : 'text'
  if (lists.includes(name)) return `A list of ${addresses.includes(name) ? 'addresses' : 'texts'}`
  return what === 'address' ? 'An address' : 'Text'
}

/** The tests of a column's fields that must all hold. */
export function columnTests(name: Column, asked: AskedOfList): readonly AskedTest[] {
  const compile = addresses.includes(name)
    ? compileAddresses
    : ips.includes(name)
      ? compileNetworks
      : compileTexts
  return lists.includes(name) ? askedTestsOfList(asked, compile) : askedTests(asked as Asked, compile)
}
