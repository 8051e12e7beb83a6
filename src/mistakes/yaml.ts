/** YAML checked against a zod schema: the value, or every problem with its line. */
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import * as z from 'zod'
import { mistakeOfEncoding, noUtf8, unreadableIn } from './encoding.ts'
import { check } from './of-settings.ts'
import type { InFile } from './place.ts'
import type { Problem } from './problem.ts'
import type { Words } from './words.ts'
import type { Path } from './written.ts'
import { isTooDeep } from './yaml-depth.ts'
import {
  leaveTheRest,
  mistakesOfAliases,
  mistakesOfForm,
  noName,
  tooDeep,
  tooManyAliases,
} from './yaml-mistakes.ts'

/** A parsed document that can say on which line a path of keys stands. */
export interface YamlFile {
  /** Undefined when there are mistakes in its form. */
  readonly value: unknown
  /** What can be told of it beside them; undefined when they may have changed the meaning of all else. */
  readonly rest?: Rest
  /** The setting at the path, in the line where it begins, or the nearest part of it that exists. */
  place(path: Path): InFile
}

/** A value with mistakes in its form, and where they are: of what stands there nothing is known. */
interface Rest {
  readonly value: unknown
  readonly mistaken: readonly Path[]
}

/** Parses YAML; mistakes in its form are added to `problems`. `name` is shown in them. */
export function parseYaml(name: string, content: string | Buffer, problems: Problem[]): YamlFile {
  const lines = new LineCounter()
  const bytes = Buffer.from(content)
  const text = bytes.toString('utf8')
  const ofAll = mistakeOfEncoding(bytes) ?? (isTooDeep(text) ? tooDeep : undefined)
  if (ofAll !== undefined) {
    problems.push({ where: { file: name }, ...ofAll })
    return { value: undefined, place: () => ({ file: name }) }
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const unreadable = unreadableIn(document, bytes)
  const nameless = namelessIn(document)
  const at = (words: Words) => (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { where: { file: name, line, column: col }, ...words }
  }
  const mistakes = [
    ...mistakesOfForm(name, text, document, lines),
    ...unreadable.map(at(noUtf8)),
    ...nameless.map(at(noName)),
  ]
  const isRead = leaveTheRest(document)
  const aliases = isRead ? mistakesOfAliases(name, document, lines) : []
  problems.push(...mistakes, ...aliases)
  const value = isRead && aliases.length === 0 ? toValue(name, document, problems) : undefined
  return {
    value: mistakes.length > 0 ? undefined : value,
    ...(mistakes.length > 0 &&
      value !== undefined && {
        rest: { value, mistaken: mistakenIn(document, [...unreadable, ...nameless]) },
      }),
    place: (path) => ({
      file: name,
      line: lines.linePos(offsetOf(document, path)).line,
      ...(path.length > 0 && { setting: path }),
    }),
  }
}

/** Checks `file` against `schema`; undefined when there were problems, which are then all in `problems`. */
export function checkYaml<T>(file: YamlFile, schema: z.ZodType<T>, problems: Problem[]): T | undefined {
  if (file.value === undefined) return undefined
  const describe = () => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  // An empty file has nothing of what is needed.
  const result = check(file.value ?? {}, schema, describe)
  if ('data' in result) return result.data
  for (const { path, ...problem } of result.mistakes) {
    problems.push({ where: file.place(path), ...problem })
  }
  return undefined
}

/** What aliases stand for is counted only here. */
function toValue(name: string, document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS()
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    problems.push({ where: { file: name }, ...tooManyAliases })
    return undefined
  }
}

function mistakenIn({ contents, errors, warnings }: Document, others: readonly number[]): readonly Path[] {
  const offsets = [...[...errors, ...warnings].map(({ pos: [offset] }) => offset), ...others]
  return offsets.map((offset) => pathAt(contents, offset))
}

/** The path of what stands at an offset, be it a name or a value; a tag stands before what it belongs to. */
function pathAt(node: unknown, offset: number): Path {
  if (!isNode(node) || node.range == null || offset < node.range[0]) return []
  const endsBehind = (part: unknown) => isNode(part) && part.range != null && offset < part.range[2]
  if (isSeq(node)) {
    const index = node.items.findIndex(endsBehind)
    return index < 0 ? [] : [index, ...pathAt(node.items[index], offset)]
  }
  if (!isMap(node)) return []
  const pair = node.items.find(({ key, value }) => endsBehind(key) || endsBehind(value))
  if (pair === undefined) return []
  return [nameOf(pair.key), ...pathAt(pair.value, offset)]
}

/** The name that the value of a document has for what stands in front of a colon; none at all is an empty one. */
function nameOf(key: unknown): string {
  return String((isScalar(key) ? key.value : key) ?? '')
}

/** Offsets of what stands in front of a colon and is no name. */
function namelessIn(document: Document): readonly number[] {
  const offsets: number[] = []
  visit(document, {
    Pair(_key, { key }) {
      if (isScalar(key) && key.value === null) offsets.push(key.range?.[0] ?? 0)
    },
  })
  return offsets
}

/** Where the path stands: at its key, if it has one, since a nested value begins a line later. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const name = path[length - 1]
    const pair = isMap(parent) ? parent.items.find(({ key }) => nameOf(key) === String(name)) : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}
