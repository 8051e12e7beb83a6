/** YAML checked against a zod schema: the value, or every problem with its line. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
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
  const result = schema.safeParse(file.value)
  if (result.success) return result.data
  for (const issue of result.error.issues.flatMap(insideUnion)) {
    for (const path of issuePaths(issue)) {
      problems.push({
        where: `${file.where(path)} ${path.join('.')}`.trimEnd(),
        message: issueMessage(issue),
      })
    }
  }
  return undefined
}

/**
 * Of a value that may have several shapes, the mistakes of the shape it has: that which finds nothing wrong with the
 * value as a whole. Without one, that it has none of them.
 */
function insideUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const inside = issue.errors.find(
    (issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0),
  )
  if (inside === undefined) return [issue]
  return inside.flatMap((one) => insideUnion({ ...one, path: [...issue.path, ...one.path] }))
}

/** An unknown key is reported at its own line, not at that of the map around it. */
function issuePaths(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

function issueMessage(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'unknown setting' : issue.message
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
