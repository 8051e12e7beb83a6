/** Packages of the Windows installer, made of tables (msi-tables.ts) and a cabinet of files. */
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { executableFolder, type TargetName } from './executable.ts'
import { archiveText, cabinet, type MsiFile, msiTables } from './msi-tables.ts'
import { numbersOf } from './windows-executable.ts'
import { call, signed, type Tool, type Workshop } from './workshop.ts'

export const msiTools: readonly Tool[] = [
  { program: 'msibuild', debian: 'msitools' },
  { program: 'gcab', debian: 'gcab' },
]

/** By its key in the cabinet. */
const fileKeys = {
  MsgtrkExe: 'msgtrk.exe',
  HostExe: 'msgtrk-service.exe',
  KoffiNode: 'koffi.node',
  License: 'LICENSE',
  ThirdParty: 'THIRD-PARTY-LICENSES.md',
  Changes: 'CHANGELOG.md',
  Bill: 'msgtrk.cdx.json',
} as const

/** Makes the installer of an executable; gives its name. */
export async function msiOf(workshop: Workshop, target: TargetName): Promise<string> {
  const kind = target.replace(/^win-/, '')
  const folder = path.join(workshop.temporary, `msi-${kind}`)
  await mkdir(folder)
  const files = await takeFiles(await executableFolder(workshop, target), folder, workshop)
  const product = `msgtrk-${workshop.version}-${kind}.msi`
  await build(files, folder, path.join(workshop.out, product), workshop)
  await signed(path.join(workshop.out, product))
  return product
}

/** Copies the files under their keys. */
async function takeFiles(
  from: string,
  folder: string,
  { version, seconds }: Workshop,
): Promise<readonly MsiFile[]> {
  const files: MsiFile[] = []
  for (const [key, name] of Object.entries(fileKeys)) {
    const file = path.join(folder, key)
    await copyFile(path.join(from, name), file)
    await utimes(file, seconds, seconds)
    const content = await readFile(file)
    const hash = createHash('md5').update(content).digest()
    const versioned = name === 'msgtrk.exe' ? { version: numbersOf(version) } : {}
    files.push({ key, name: shortAndLong(name), bytes: content.length, hash, ...versioned })
  }
  return files
}

async function build(
  files: readonly MsiFile[],
  folder: string,
  out: string,
  { version, homepage, seconds }: Workshop,
): Promise<void> {
  await call('gcab', ['--create', '--zip', '--nopath', cabinet, ...files.map(({ key }) => key)], {
    cwd: folder,
  })
  const content = createHash('sha256')
    .update(await readFile(path.join(folder, cabinet)))
    .digest('hex')
  const tables = msiTables({
    version: numbersOf(version).split('.').slice(0, 3).join('.'),
    productCode: codeOf(`product ${path.basename(out)}`),
    packageCode: codeOf(`package ${path.basename(out)} ${content}`),
    homepage,
    files,
    time: new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' '),
  })
  const imports: string[] = []
  for (const table of tables) {
    const file = path.join(folder, `${table.name}.idt`)
    await writeFile(file, archiveText(table), 'latin1')
    imports.push('-i', file)
  }
  await call('msibuild', [out, ...imports, '-a', cabinet, path.join(folder, cabinet)])
}

/** The same for the same text. */
function codeOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').toUpperCase()
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20, 32)}}`
}

/** A file has a name of 8.3 characters besides, which nobody sees. */
function shortAndLong(name: string): string {
  const { name: base, ext } = path.parse(name)
  if (base.length <= 8 && /^[\w-]+$/.test(base) && ext.length <= 4) return name
  return `${base.replace(/\W/g, '').slice(0, 6).toUpperCase()}~1${ext.slice(0, 4).toUpperCase()}|${name}`
}
