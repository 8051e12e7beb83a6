/** Every kind of package that there is. */
import { tarOf, tarTools, zipOf, zipTools } from './archive.ts'
import { containerTools, imageOf } from './container.ts'
import { debOf, debTools } from './deb.ts'
import { executableFolder, executableTools, type TargetName } from './executable.ts'
import { msiOf, msiTools } from './msi.ts'
import { npmPackageOf } from './npm-package.ts'
import { rpmOf, rpmTools } from './rpm.ts'
import { vexOf } from './vex.ts'
import type { PackageKind, Tool, Workshop } from './workshop.ts'

export const kinds: readonly PackageKind[] = [
  { name: 'npm', tools: [], make: npmPackageOf },
  executableIn('linux-x64'),
  executableIn('linux-arm64'),
  ofExecutable('deb', 'linux-x64', debTools, debOf),
  ofExecutable('deb-arm64', 'linux-arm64', debTools, debOf),
  ofExecutable('rpm', 'linux-x64', rpmTools, rpmOf),
  ofExecutable('rpm-arm64', 'linux-arm64', rpmTools, rpmOf),
  ofExecutable('container', 'linux-x64', containerTools, imageOf),
  executableIn('win-x64'),
  executableIn('win-x64-2012r2'),
  ofExecutable('msi-x64', 'win-x64', msiTools, msiOf),
  ofExecutable('msi-x64-2012r2', 'win-x64-2012r2', msiTools, msiOf),
  { name: 'vex', tools: [], make: async (workshop) => [await vexOf(workshop)] },
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

/** A package that is made of an executable. */
function ofExecutable<T extends TargetName>(
  name: string,
  target: T,
  tools: readonly Tool[],
  makeOf: (workshop: Workshop, target: T) => Promise<string>,
): PackageKind {
  return {
    name,
    tools: [...executableTools(target), ...tools],
    make: async (workshop) => [await makeOf(workshop, target)],
  }
}
