/**
 * How a condition asks for the values of a column: a list of entries, one of which must fit; or by name, where a field
 * is a list of its own:
 *
 *                 one member at least   every member, of one at least   no member
 *   fits          any                   all                             none
 *   fits not      anyOther
 */
import * as z from 'zod'
import { report, said, type Words } from '../mistakes/words.ts'
import { type ByteTest, everyMember, someMember } from '../records/members.ts'

type Entries = readonly string[]

/** Conditions on a single value, all of which must hold; a plain list is `any`. */
export type Asked = Entries | { readonly any?: Entries | undefined; readonly none?: Entries | undefined }

/** Conditions on the members of a list, all of which must hold; a plain list is `any`. */
export type AskedOfList =
  | Entries
  | {
      readonly any?: Entries | undefined
      readonly all?: Entries | undefined
      readonly none?: Entries | undefined
      readonly anyOther?: Entries | undefined
    }

/** What is wrong with an entry; null when it is fine. */
export type EntryProblem = (entry: string) => Words | null

/** A list of texts, each of which `problem` finds fine. */
export function entriesSchema(problem: EntryProblem) {
  return z
    .array(
      z.string().superRefine((entry, context) => {
        const words = problem(entry)
        if (words !== null) report(context, words)
      }),
    )
    .min(1, said('is empty', 'leave it out to let all pass'))
}

/** Schema of what is asked of a single value. */
export function askedSchema(problem: EntryProblem): z.ZodType<Asked> {
  const entries = entriesSchema(problem)
  return oneOf(entries, { any: entries.optional(), none: entries.optional() })
}

/** Schema of what is asked of a list. */
export function askedOfListSchema(problem: EntryProblem): z.ZodType<AskedOfList> {
  const entries = entriesSchema(problem)
  const optional = entries.optional()
  return oneOf(entries, { any: optional, all: optional, none: optional, anyOther: optional })
}

function oneOf<Shape extends z.ZodRawShape>(entries: ReturnType<typeof entriesSchema>, shape: Shape) {
  const names = Object.keys(shape).join(', ')
  const conditions = z
    .strictObject(shape)
    .refine((group) => Object.values(group).some((condition) => condition !== undefined), {
      error: said('has no condition', `give one of: ${names}`),
      // A mistyped name is told already.
      when: ({ issues }) => issues.length === 0,
    })
  return z.union([entries, conditions], {
    error: said(`must be a list, or a group with one of: ${names}`, 'put it in brackets: [ … ]'),
  })
}

/** A test of a whole field, and the name of the condition that it is: '' for a plain list. */
export interface AskedTest {
  readonly name: string
  readonly entries: Entries
  readonly test: ByteTest
}

/** The tests that must all hold; `compile` makes one for a value, or for a member, of entries. */
export function askedTests(asked: Asked, compile: (entries: Entries) => ByteTest): readonly AskedTest[] {
  return conditionsOf(asked).map(([name, entries]) => {
    const test = compile(entries)
    return { name, entries, test: name === 'none' ? not(test) : test }
  })
}

/** As `askedTests`, of a list. */
export function askedTestsOfList(
  asked: AskedOfList,
  compile: (entries: Entries) => ByteTest,
): readonly AskedTest[] {
  return conditionsOf(asked).map(([name, entries]) => {
    const test = compile(entries)
    switch (name) {
      case 'all':
        return { name, entries, test: everyMember(test) }
      case 'none':
        return { name, entries, test: not(someMember(test)) }
      case 'anyOther':
        return { name, entries, test: someMember(not(test)) }
      default:
        return { name, entries, test: someMember(test) }
    }
  })
}

function conditionsOf(asked: AskedOfList): readonly (readonly [string, Entries])[] {
  if (isPlain(asked)) return [['', asked]]
  return Object.entries(asked).flatMap(([name, entries]) => (entries === undefined ? [] : [[name, entries]]))
}

/** Whether it is a list without a name. */
export function isPlain(asked: AskedOfList): asked is Entries {
  return Array.isArray(asked)
}

function not(test: ByteTest): ByteTest {
  return (bytes, start, end) => !test(bytes, start, end)
}
