/**
 * Executables: Node.js with the program inside, as its single executable applications (SEA). Each is a folder with the
 * licences and the bill of materials beside it, from which the packages of its platform are made.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { addBeside } from './beside-executable.ts'
import { executableBlob } from './executable-blob.ts'
import { nodeProgram, nodeVersions } from './registry.ts'
import { fuse, windowsExecutable } from './windows-executable.ts'
import { call, once, signed, type Tool, type Workshop } from './workshop.ts'

interface Target {
  /** As npm's packages of Node.js call it. */
  readonly platform: string
  readonly nodeVersion: string
  /** What takes the symbols out of it; null where they are no part of it. */
  readonly strip: Tool | null
}

/** For what there are executables. */
const targets = {
  'linux-x64': {
    platform: 'linux-x64',
    nodeVersion: nodeVersions.current,
    strip: { program: 'x86_64-linux-gnu-strip', debian: 'binutils-x86-64-linux-gnu' },
  },
  'linux-arm64': {
    platform: 'linux-arm64',
    nodeVersion: nodeVersions.current,
    strip: { program: 'aarch64-linux-gnu-strip', debian: 'binutils-aarch64-linux-gnu' },
  },
  'win-x64': { platform: 'win-x64', nodeVersion: nodeVersions.current, strip: null },
  'win-x64-2012r2': { platform: 'win-x64', nodeVersion: nodeVersions.old, strip: null },
} as const satisfies Readonly<Record<string, Target>>

export type TargetName = keyof typeof targets

/** What makes one. */
export function executableTools(name: TargetName): readonly Tool[] {
  const { strip } = targets[name]
  return [strip ?? { program: 'x86_64-w64-mingw32-gcc', debian: 'gcc-mingw-w64-x86-64' }]
}

const make = once(async (workshop: Workshop, name: string): Promise<string> => {
  const { platform, nodeVersion, strip } = targets[name as TargetName]
  const folder = path.join(workshop.temporary, name, `msgtrk-${workshop.version}-${name}`)
  await mkdir(folder, { recursive: true })
  const node = await nodeProgram(workshop, platform, nodeVersion)
  const blob = await executableBlob(workshop, nodeVersion)
  if (strip === null) {
    await writeFile(
      path.join(folder, 'msgtrk.exe'),
      windowsExecutable(await readFile(node), await readFile(blob), workshop.version),
    )
  } else {
    const program = path.join(folder, 'msgtrk')
    // Before the program is in it: what is put in would be taken for symbols.
    await call(strip.program, ['-o', program, node])
    // Its warnings of sections of notes are of no concern.
    const args = [program, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse]
    await call(process.execPath, [path.join(workshop.root, 'node_modules/postject/dist/cli.js'), ...args])
    await chmod(program, 0o755)
  }
  await addBeside(workshop, folder, { nodeVersion, isWindows: strip === null })
  if (strip === null) {
    for (const name of ['msgtrk.exe', 'msgtrk-service.exe', 'koffi.node'])
      await signed(path.join(folder, name))
  }
  return folder
})

/** The folder of the executable `msgtrk`, on Windows `msgtrk.exe`, with what has to be beside it; made once. */
export function executableFolder(workshop: Workshop, name: TargetName): Promise<string> {
  return make(workshop, name)
}
