/**
 * A file that lines are appended to, and that goes on in a new one when it is full: the full one gets the time into its
 * name. A stream that never fails: what goes wrong is told, and tried again with the next line.
 *
 *   msgtrk.log                          the newest
 *   msgtrk-20261120T140001.037Z.log     older ones, as many as are kept
 *
 * One rename, and no chain of them. On Windows it is refused while a viewer, a scanner or a backup holds the file: then it
 * is copied and cut off in place, and where that is refused, too, it goes on growing until one of them works. No line is
 * lost by it.
 */
import { constants, type Stats } from 'node:fs'
import {
  access,
  copyFile,
  type FileHandle,
  open,
  readdir,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises'
import path from 'node:path'
import { Writable } from 'node:stream'
import { Trouble } from '../flow/trouble.ts'
import { makeFolder } from '../lock/make-folder.ts'
import { isHeld, withPatience } from '../lock/patience.ts'

/** What is to be known of the file. */
export type FileNews =
  | { readonly is: 'losing'; readonly error: Error }
  | { readonly is: 'written again'; readonly lostLines: number }
  | { readonly is: 'growing'; readonly error: Error }
  | { readonly is: 'rotated again' }

/** How large a file may become, and how many there are, the newest included. */
export interface Rotation {
  readonly maxBytes: number
  readonly maxFiles: number
}

/** Opened with its first line. */
export class RotatingFile extends Writable {
  readonly #file: string
  readonly #rotation: Rotation
  readonly #tell: (news: FileNews) => void
  readonly #losing = new Trouble()
  readonly #growing = new Trouble()
  #open: { readonly handle: FileHandle; readonly identity: string } | undefined
  #bytes = 0
  /** Size at which it is moved away, or tried to. */
  #fullBytes: number
  /** Whether the file ends within a line that could not be written whole. */
  #isTorn = false
  #lostLines = 0

  constructor(file: string, rotation: Rotation, tell: (news: FileNews) => void) {
    super()
    this.#file = file
    this.#rotation = rotation
    this.#tell = tell
    this.#fullBytes = rotation.maxBytes
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#append([chunk]).then(done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    void this.#append(chunks.map(({ chunk }) => chunk)).then(done)
  }

  override _final(done: () => void): void {
    void this.#close().then(done)
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    try {
      await this.#prepare()
      if (this.#bytes >= this.#fullBytes) await this.#rotate()
      const { handle } = this.#open ?? (await this.#openFile())
      const bytes = Buffer.concat(this.#isTorn ? [Buffer.from('\n'), ...lines] : lines)
      await handle.appendFile(bytes)
      this.#bytes += bytes.length
      this.#isTorn = false
      if (this.#losing.over() !== null) this.#tell({ is: 'written again', lostLines: this.#lostLines })
      this.#lostLines = 0
    } catch (error) {
      await this.#lost(lines.length, error as Error)
    }
  }

  /** The file may have been moved away or removed by somebody else. */
  async #prepare(): Promise<void> {
    if (this.#open === undefined) return
    const there = await stat(this.#file).then(identityOf, () => undefined)
    if (there !== this.#open.identity) await this.#close()
  }

  async #openFile(): Promise<{ readonly handle: FileHandle }> {
    const folder = path.dirname(this.#file)
    await makeFolder(folder, 0o700)
    // Else it could never be moved away.
    await access(folder, constants.W_OK | constants.X_OK)
    const handle = await open(this.#file, 'a', 0o600)
    try {
      const found = await handle.stat()
      this.#bytes = found.isFile() ? found.size : 0
      this.#open = { handle, identity: identityOf(found) }
    } catch (error) {
      await handle.close()
      throw error
    }
    if (this.#bytes >= this.#fullBytes) await this.#rotate()
    return this.#open ?? this.#openFile()
  }

  async #lost(lines: number, error: Error): Promise<void> {
    this.#lostLines += lines
    const before = this.#bytes
    const found = await this.#open?.handle.stat().catch(() => undefined)
    this.#isTorn ||= found?.isFile() === true && found.size > before
    await this.#close()
    if (this.#losing.begins(error.message)) this.#tell({ is: 'losing', error })
  }

  async #rotate(): Promise<void> {
    const { maxBytes, maxFiles } = this.#rotation
    await this.#close()
    try {
      await moveAway(this.#file, await freeName(this.#file))
      this.#fullBytes = maxBytes
      this.#bytes = 0
      if (this.#growing.over() !== null) this.#tell({ is: 'rotated again' })
    } catch (error) {
      this.#fullBytes = this.#bytes + Math.ceil(maxBytes / 10)
      if (this.#growing.begins((error as Error).message)) this.#tell({ is: 'growing', error: error as Error })
    }
    const files = await filesOf(this.#file)
    for (const old of files.slice(maxFiles - 1)) await rm(old, { force: true }).catch(() => undefined)
  }

  async #close(): Promise<void> {
    const handle = this.#open?.handle
    this.#open = undefined
    await handle?.close().catch(() => undefined)
  }
}

/** Tells a file from another one that has its name later. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}/${ino}`
}

async function moveAway(file: string, to: string): Promise<void> {
  try {
    await withPatience(() => rename(file, to))
    return
  } catch (error) {
    if (!isHeld(error)) throw error
  }
  try {
    await copyFile(file, to, constants.COPYFILE_EXCL)
    await truncate(file, 0)
  } catch (error) {
    // What stands in both would be told twice.
    await rm(to, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Behind those that are there, also when a clock that was ahead is set right: the one with the earliest time goes first. */
async function freeName(file: string): Promise<string> {
  const { dir, name, ext } = path.parse(file)
  const [newest = ''] = await filesOf(file)
  const mark = path.basename(newest, ext).slice(name.length + 1)
  for (let time = Math.max(Date.now(), timeIn(mark) + 1); ; time++) {
    const stamp = new Date(time).toISOString().replace(/[-:]/g, '')
    const free = path.join(dir, `${name}-${stamp}${ext}`)
    const isTaken = await stat(free).then(
      () => true,
      () => false,
    )
    if (!isTaken) return free
  }
}

/** Of the name of an older file, in milliseconds since 1970; 0 where there is none. */
function timeIn(mark: string): number {
  const iso = mark.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:')
  return Date.parse(iso) || 0
}

/** The older files of a log, the newest first; none where the folder can't be read. */
export async function filesOf(file: string): Promise<readonly string[]> {
  const { dir, name, ext } = path.parse(file)
  const names = await readdir(dir === '' ? '.' : dir).catch(() => [])
  const marks = names.flatMap((each) =>
    each.startsWith(name) && each.endsWith(ext) && each.length > name.length + ext.length
      ? [each.slice(name.length, each.length - ext.length)]
      : [],
  )
  const dated = marks.filter((mark) => /^-\d{8}T\d{6}\.\d{3}Z$/.test(mark))
  // As versions up to 0.1 named them.
  const numbered = marks.filter((mark) => /^[1-9]$/.test(mark))
  return [...dated.sort().reverse(), ...numbered.sort()].map((mark) => path.join(dir, `${name}${mark}${ext}`))
}
