/** In which order the files of a run are begun. */
import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { replacesModules, stopsClock } from './apart.ts'
import { isOfProgram, isQuick, isWaiting } from './quick.ts'

/**
 * As Vitest does, but what starts the program or waits comes before what computes: on a clean clone nobody knows yet what
 * takes long, and at the end of a run many short files share the processors evenly. What starts the program and what only
 * waits take turns, so that never all workers wait. First of all comes what stops the clock, since other files may still be
 * ending something in their process, and what replaces modules, while few are loaded that are thrown away for it.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = ranksOf(await super.sort(files), ({ moduleId }) =>
      this.#kindOf(path.relative(this.ctx.config.root, moduleId)),
    )
    return [...ranks].sort(([, a], [, b]) => a - b).map(([each]) => each)
  }

  #kindOf(file: string): Kind {
    if (stopsClock(file)) return replacesModules(file) ? 'stops and replaces' : 'stops'
    if (replacesModules(file)) return 'replaces'
    if (isOfProgram(file)) return 'starts'
    if (isWaiting(file)) return 'waits'
    // All fixtures through all tables.
    return isQuick(file) && !/^test[\\/]golden[\\/]/.test(file) ? 'quick' : 'makes much'
  }
}

type Kind = 'stops' | 'stops and replaces' | 'replaces' | 'starts' | 'waits' | 'makes much' | 'quick'

/** Kinds of one number are mixed evenly. */
const kinds: Readonly<Record<Kind, number>> = {
  stops: 0,
  'stops and replaces': 1,
  replaces: 2,
  starts: 3,
  waits: 3,
  'makes much': 4,
  quick: 5,
}

function ranksOf<T>(all: readonly T[], kindOf: (each: T) => Kind): ReadonlyMap<T, number> {
  const byKind = new Map<Kind, T[]>()
  for (const each of all) byKind.set(kindOf(each), [...(byKind.get(kindOf(each)) ?? []), each])
  return new Map(
    [...byKind].flatMap(([kind, of]) => of.map((each, index) => [each, kinds[kind] + index / of.length])),
  )
}
