/** YAML checked against a zod schema: the value, or every problem with its line. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import * as z from 'zod'
import { check } from './mistakes.ts'
import type { Problem } from './problems.ts'

/** A parsed document that can say on which line a path of keys stands. */
export interface YamlFile {
  readonly value: unknown
  /** `file:line` of the value at the path, or of the nearest part of it that exists. */
  where(path: readonly PropertyKey[]): string
}

/** Parses YAML text; syntax errors and duplicate keys are added to `problems`. `name` is shown in them. */
export function parseYaml(name: string, text: string, problems: Problem[]): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of document.errors) {
    problems.push({ where: `${name}:${lines.linePos(error.pos[0]).line}`, message: error.message })
  }
  return {
    value: document.errors.length > 0 ? undefined : toValue(name, document, problems),
    where: (path) => `${name}:${lines.linePos(offsetOf(document, path)).line}`,
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
    problems.push({ where: `${file.where(path)} ${path.join('.')}`.trimEnd(), ...problem })
  }
  return undefined
}

/** An alias to an anchor that does not exist shows only here. */
function toValue(name: string, document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS()
  } catch (error) {
    problems.push({ where: name, message: (error as Error).message })
    return undefined
  }
}

/** Where the path stands: at its key, if it has one, since a nested value begins a line later. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const name = path[length - 1]
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === name)
      : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}
