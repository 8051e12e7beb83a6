/**
 * Change notifications of live files, as hints to look sooner. Only the newest file of each prefix is
 * watched: a watch on a folder would tell of every file in it.
 */
import { type FSWatcher, watch } from 'node:fs'
import type { Log } from '../../flow/log.ts'
import { systemPath } from './file-name.ts'

/** A watch is on a file and not on its name: it is made anew after this, since another file may bear the name. */
const renewMs = 60_000

interface Watch {
  readonly watcher: FSWatcher
  readonly sinceMs: number
}

/** Watches a changing set of files. Whatever fails here is harmless: the timer finds the same changes. */
export class Hints {
  readonly #onHint: (path: string) => void
  readonly #log: Log
  readonly #watches = new Map<string, Watch>()
  /** Not tried again as long as they are wanted: for thousands of files that would cost more than it is worth. */
  readonly #failed = new Set<string>()
  #hasFailed = false

  constructor(onHint: (path: string) => void, log: Log) {
    this.#onHint = onHint
    this.#log = log
  }

  /** From now on exactly these files are watched. To be called again and again: what was renamed is watched anew. */
  watch(paths: ReadonlySet<string>): void {
    const nowMs = performance.now()
    for (const [path, { sinceMs }] of this.#watches) {
      if (!paths.has(path) || nowMs - sinceMs >= renewMs) this.#end(path)
    }
    for (const path of this.#failed) if (!paths.has(path)) this.#failed.delete(path)
    for (const path of paths) {
      if (!this.#watches.has(path) && !this.#failed.has(path)) this.#begin(path, nowMs)
    }
  }

  close(): void {
    for (const path of this.#watches.keys()) this.#end(path)
  }

  #begin(path: string, sinceMs: number): void {
    try {
      const watcher = watch(systemPath(path), { persistent: false }, (type) => {
        // Renamed or deleted: the watch follows the file.
        if (type === 'rename') this.#end(path)
        this.#onHint(path)
      })
      watcher.on('error', (error) => this.#fail(path, error))
      this.#watches.set(path, { watcher, sinceMs })
    } catch (error) {
      this.#fail(path, error)
    }
  }

  #end(path: string): void {
    this.#watches.get(path)?.watcher.close()
    this.#watches.delete(path)
  }

  #fail(path: string, error: unknown): void {
    this.#end(path)
    // It may be back at the next listing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    this.#failed.add(path)
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#log.debug('Change notifications are not to be had; files are looked at by the timer alone', {
      file: path,
      error: String(error),
    })
  }
}
