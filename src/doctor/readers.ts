/** Who can read what holds lines of logs or secrets, as far as the system tells: by modes and owners, on Windows by its lists of rights. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Examined, ok, warning } from '../mistakes/examined.ts'
import { modeOfExposed } from '../mistakes/exposed-file.ts'
import { readersIn } from './sddl.ts'

const part = 'readers'
const icaclsMs = 10_000

/** Gives the security descriptor of a file or folder of Windows as text. */
export type Descriptor = (file: string) => Promise<string>

/** Of a file with a secret; of nothing that is not there. */
export async function examineReaders(
  file: string,
  descriptor: Descriptor = descriptorOf,
  platform = process.platform,
): Promise<readonly Examined[]> {
  const found = await stat(file).catch(() => null)
  if (found === null) return []
  if (platform === 'win32') return [await onWindows(file, descriptor)]
  const mode = modeOfExposed(file)
  if (mode !== undefined) return [openToAll(file, mode)]
  return [ok(part, await ownersOf(found))]
}

/** Of a state folder: dead letters in it are lines of logs. */
export async function examineReadersOfState(
  folder: string,
  descriptor: Descriptor = descriptorOf,
  platform = process.platform,
): Promise<readonly Examined[]> {
  const found = await stat(folder).catch(() => null)
  if (found === null) return []
  if (platform === 'win32') return [await onWindows(folder, descriptor)]
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const letters = names
    .filter((name) => path.basename(name).startsWith('dead-letters'))
    .map((name) => path.join(folder, name))
  const open = letters.flatMap((file) => {
    const mode = modeOfExposed(file)
    return mode === undefined ? [] : [openToAll(file, mode)]
  })
  return open.length > 0 ? open : [ok(part, `dead letters: ${await ownersOf(found)}`)]
}

function openToAll(file: string, mode: string): Examined {
  return warning(
    part,
    `every user of this machine can read ${path.basename(file)} (mode ${mode})`,
    `chmod 600 ${file}, or 640 for a group`,
  )
}

/** `msgtrk and the group adm (mode 750), and root`. */
async function ownersOf({
  mode,
  uid,
  gid,
}: {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}): Promise<string> {
  const owner = await nameOf('/etc/passwd', uid, 'user')
  const group = (mode & 0o040) === 0 ? '' : ` and the group ${await nameOf('/etc/group', gid, 'group')}`
  const root = uid === 0 ? '' : ', and root'
  return `for ${owner}${group} (mode ${(mode & 0o777).toString(8)})${root}`
}

/** As the files of the machine name it; accounts of a directory have a number alone. */
async function nameOf(file: string, id: number, kind: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const line = text.split('\n').find((each) => each.split(':')[2] === String(id))
  return line?.split(':', 1)[0] ?? `${kind} ${id}`
}

async function onWindows(file: string, descriptor: Descriptor): Promise<Examined> {
  const look = `icacls "${file}"`
  const text = await descriptor(file).catch((error: Error) => error)
  if (text instanceof Error) {
    return warning(part, `nobody can tell who can read it: ${text.message}`, `look yourself: ${look}`)
  }
  const { everyone, others } = readersIn(text)
  if (everyone.length === 0) return ok(part, others.length === 0 ? 'nobody' : `for ${others.join(', ')}`)
  return warning(
    part,
    `every user can read it: ${everyone.join(', ')}`,
    `msgtrk service install sets who may; by hand: ${look} /inheritance:r /grant:r "ACCOUNT:(OI)(CI)M" *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F, ` +
      'without (OI)(CI) for a file',
  )
}

/** Asks icacls, which every Windows has, for a text that is the same in every language. */
async function descriptorOf(file: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-acl-'))
  try {
    const saved = path.join(folder, 'acl')
    await promisify(execFile)('icacls', [file, '/save', saved, '/q'], { timeout: icaclsMs })
    return await readFile(saved, 'utf16le').catch(() => Promise.reject(new Error('icacls tells nothing')))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
