/** The files of a destination that are written now: which one is next, and what has to be cut off of them. */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HeldFolder } from './held-folder.ts'
import type { FileNames } from './names.ts'
import { OpenFile, syncFolder } from './open-file.ts'
import type { FileSettings } from './options.ts'

/** What it works with. */
export interface WrittenFilesOptions {
  readonly folder: string
  readonly names: FileNames
  readonly settings: FileSettings
  readonly stop: AbortSignal
  /** Hears what was cut off of a file. */
  readonly onCut: (path: string, bytes: number) => void
}

interface Current {
  readonly first: string
  readonly number: number
  readonly file: OpenFile
}

/** One call at a time; each rejects with what is wrong. */
export class WrittenFiles {
  readonly #options: WrittenFilesOptions
  readonly #held: HeldFolder
  /** By source, where sources have files of their own. */
  readonly #current = new Map<string, Current>()
  /** Where files are to end, before they are written again. */
  readonly #ends = new Map<string, number>()
  /** Written no more, and still to be closed. */
  readonly #done = new Set<OpenFile>()

  constructor(options: WrittenFilesOptions) {
    this.#options = options
    this.#held = new HeldFolder(options.folder, options.stop, () => this.#leave())
  }

  /** The folder is there, and held. */
  async ready(): Promise<void> {
    await this.#held.hold()
  }

  /** The file that so many bytes of a source are to be appended to. */
  async fileFor(source: string, nowMs: number, bytes: number): Promise<OpenFile> {
    const { names, settings } = this.#options
    await this.#held.hold()
    // A call that did not answer, or a cut that failed, has left something to be done.
    if (this.#ends.size > 0) await this.recover()
    await this.#closeDone()
    const key = names.isBySource ? source : ''
    const first = names.firstOf(source, nowMs)
    const fits = ({ size }: OpenFile) => size === 0 || size + bytes <= settings.rotateBytes
    const current = this.#current.get(key)
    if (current?.first === first && fits(current.file)) return current.file
    if (current !== undefined) this.#set(key, undefined)
    let number = await this.#lastOf(first)
    for (;;) {
      const file = await this.#open(names.numbered(first, number))
      this.#set(key, { first, number, file })
      if (fits(file)) return file
      number++
      this.#set(key, undefined)
    }
  }

  /** It is written no more, and closed before anything else is. */
  forget(file: OpenFile): void {
    this.#done.add(file)
    for (const [key, current] of this.#current) if (current.file === file) this.#set(key, undefined)
  }

  /** Nothing of a file is to stay behind so many bytes. */
  cut({ path }: OpenFile, size: number): void {
    this.#ends.set(path, Math.min(size, this.#ends.get(path) ?? size))
  }

  /** Closes all files, and cuts off what is not to stay. */
  async recover(): Promise<void> {
    for (const key of [...this.#current.keys()]) this.#set(key, undefined)
    await this.#closeDone(true)
    // While a call did not answer, another machine may have taken the folder.
    if (this.#ends.size > 0) await this.#held.hold(0)
    for (const path of [...this.#ends.keys()])
      if (this.#ends.has(path)) await (await this.#openAt(path)).close()
  }

  /** Writes no more into files whose time is over. */
  async finish(nowMs: number): Promise<void> {
    for (const [key, { first }] of this.#current) {
      if (!this.#options.names.isOf(first, nowMs)) this.#set(key, undefined)
    }
    await this.#closeDone()
  }

  /** Removes a file, unless it is written or not of that size; false when it stays. */
  async remove(name: string, size: number): Promise<boolean> {
    await this.#held.hold()
    const path = join(this.#options.folder, name)
    const isOpen = [...this.#done, ...[...this.#current.values()].map(({ file }) => file)].some(
      (file) => file.path === path,
    )
    const now = await lstat(path).catch(() => undefined)
    if (isOpen || this.#ends.has(path) || now?.size !== size) return false
    await rm(path)
    await syncFolder(this.#options.folder)
    return true
  }

  async close(): Promise<void> {
    await this.recover().catch(() => this.#leave())
    await this.#closeDone(true).catch(() => undefined)
    await this.#held.release()
  }

  /** What stands in the files now may be of another one, and stays. */
  #leave(): void {
    this.#ends.clear()
    for (const key of [...this.#current.keys()]) this.#set(key, undefined)
  }

  #set(key: string, next: Current | undefined): void {
    const before = this.#current.get(key)
    if (before !== undefined) this.#done.add(before.file)
    if (next === undefined) this.#current.delete(key)
    else this.#current.set(key, next)
  }

  /** What is not on disk yet of a file that is finished is synced elsewhere, by its open handle: so it waits until then. */
  async #closeDone(isAll = false): Promise<void> {
    for (const file of this.#done) {
      if (file.synced < file.size && !isAll) continue
      this.#done.delete(file)
      await file.close()
    }
  }

  /** The highest number that a file of that name has, behind one that is packed; 0 without a file. */
  async #lastOf(first: string): Promise<number> {
    const found = (await readdir(this.#options.folder)).flatMap((name) => {
      const parsed = this.#options.names.parse(name)
      return parsed?.first === first ? parsed : []
    })
    return Math.max(0, ...found.map(({ number, isPacked }) => (isPacked ? number + 1 : number)))
  }

  #open(name: string): Promise<OpenFile> {
    return this.#openAt(join(this.#options.folder, name))
  }

  async #openAt(path: string): Promise<OpenFile> {
    const { settings, onCut } = this.#options
    const file = await OpenFile.open(path, {
      mode: Number.parseInt(settings.mode, 8),
      most: this.#ends.get(path),
      onCut: (bytes) => onCut(path, bytes),
    })
    this.#ends.delete(path)
    return file
  }
}
