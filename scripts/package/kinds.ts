/** Every kind of package that there is. */
import { tarOf, tarTools, zipOf, zipTools } from './archive.ts'
import { executableFolder, executableTools, type TargetName } from './executable.ts'
import type { PackageKind } from './workshop.ts'

export const kinds: readonly PackageKind[] = [
  executableIn('linux-x64'),
  executableIn('linux-arm64'),
  executableIn('win-x64'),
  executableIn('win-x64-2012r2'),
]

/** An executable in an archive, as its platform is used to. */
function executableIn(name: TargetName): PackageKind {
  const isWindows = name.startsWith('win-')
  return {
    name,
    tools: [...executableTools(name), ...(isWindows ? zipTools : tarTools)],
    async make(workshop) {
      const folder = await executableFolder(workshop, name)
      return [await (isWindows ? zipOf : tarOf)(workshop, folder)]
    },
  }
}
