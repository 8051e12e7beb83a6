/** In which order the files of a run are begun. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * As Vitest does, but what starts the program and waits comes before what computes: on a clean clone nobody knows yet
 * what takes long, and at the end of a run many short files share the processors evenly.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const inOrder = await super.sort(files)
    const isShort = ({ moduleId }: TestSpecification) => !/\/test\/(?:faults|integration)\//.test(moduleId)
    // Files of a project stay together: they share processes.
    const projects = [...new Set(inOrder.map(({ project }) => project))]
    return projects.flatMap((project) =>
      inOrder
        .filter((each) => each.project === project)
        .sort((a, b) => Number(isShort(a)) - Number(isShort(b))),
    )
  }
}
