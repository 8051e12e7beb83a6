/** In which order the files of a run are begun. */
import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { isOfProgram, isQuick, isWaiting } from './quick.ts'

/**
 * As Vitest does, but what starts the program or waits comes first, and last what computes: on a clean clone nobody knows
 * yet what takes long, and at the end of a run many short files share the processors evenly. What starts the program and
 * what only waits take turns, so that never all workers wait.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = ranksOf(await super.sort(files), ({ moduleId }) =>
      this.#kindOf(path.relative(this.ctx.config.root, moduleId)),
    )
    const ranked = [...ranks].sort(([, a], [, b]) => a - b).map(([each]) => each)
    // Files of a project stay together: they share processes.
    const projects = [...new Set(ranked.map(({ project }) => project))]
    return projects.flatMap((project) => ranked.filter((each) => each.project === project))
  }

  #kindOf(file: string): Kind {
    if (isOfProgram(file)) return 'starts'
    if (isWaiting(file)) return 'waits'
    return isQuick(file) ? 'quick' : 'makes much'
  }
}

type Kind = 'starts' | 'waits' | 'makes much' | 'quick'

/** Kinds of one number are mixed evenly. */
const kinds: Readonly<Record<Kind, number>> = { starts: 0, waits: 0, 'makes much': 1, quick: 2 }

function ranksOf<T>(all: readonly T[], kindOf: (each: T) => Kind): ReadonlyMap<T, number> {
  const byKind = new Map<Kind, T[]>()
  for (const each of all) byKind.set(kindOf(each), [...(byKind.get(kindOf(each)) ?? []), each])
  return new Map(
    [...byKind].flatMap(([kind, of]) => of.map((each, index) => [each, kinds[kind] + index / of.length])),
  )
}
