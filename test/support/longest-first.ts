/** In which order the files of a run are begun. */
import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { isQuick } from './quick.ts'

/**
 * As Vitest does, but what starts the program comes first, then what waits, and last what computes: on a clean clone
 * nobody knows yet what takes long, and at the end of a run many short files share the processors evenly.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const inOrder = await super.sort(files)
    const ranks = new Map(inOrder.map((each) => [each, this.#rankOf(each)]))
    // Files of a project stay together: they share processes.
    const projects = [...new Set(inOrder.map(({ project }) => project))]
    return projects.flatMap((project) =>
      inOrder
        .filter((each) => each.project === project)
        .sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0)),
    )
  }

  #rankOf({ moduleId }: TestSpecification): number {
    if (/\/test\/(?:faults|integration)\//.test(moduleId)) return 0
    return isQuick(path.relative(this.ctx.config.root, moduleId)) ? 2 : 1
  }
}
