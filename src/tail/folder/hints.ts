/**
 * Change notifications of live files, as hints to look sooner. Only the newest file of each prefix is
 * watched: a watch on a folder would look at every file in it whenever one of them grows.
 */
import type { FSWatcher } from 'chokidar'
import type { Log } from '../../flow/log.ts'

/** Watches a changing set of files. Whatever fails here is harmless: the timer finds the same changes. */
export class Hints {
  readonly #onHint: (path: string) => void
  readonly #log: Log
  readonly #watchers = new Map<string, FSWatcher>()
  #wanted: ReadonlySet<string> = new Set()
  #hasFailed = false

  constructor(onHint: (path: string) => void, log: Log) {
    this.#onHint = onHint
    this.#log = log
  }

  /** From now on exactly these files are watched. */
  async watch(paths: ReadonlySet<string>): Promise<void> {
    this.#wanted = paths
    for (const [path, watcher] of this.#watchers) if (!paths.has(path)) this.#close(path, watcher)
    if (paths.size === this.#watchers.size) return
    // Loaded only by whoever follows.
    const { watch } = await import('chokidar')
    for (const path of this.#wanted) {
      if (this.#watchers.has(path)) continue
      // One watcher for each file: unwatching a file of a common one would leave its name behind for ever.
      const watcher = watch(path, { ignoreInitial: true, atomic: false, depth: 0 })
      this.#watchers.set(path, watcher)
      watcher.on('add', () => this.#onHint(path))
      // Before it asks for the size, and not only every 50 ms.
      watcher.on('raw', () => this.#onHint(path))
      watcher.on('error', (error) => this.#fail(path, error))
    }
  }

  close(): void {
    this.#wanted = new Set()
    for (const [path, watcher] of this.#watchers) this.#close(path, watcher)
  }

  #close(path: string, watcher: FSWatcher): void {
    this.#watchers.delete(path)
    void watcher.close().catch(() => {})
  }

  #fail(path: string, error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#log.debug('Change notifications are not to be had; files are looked at by the timer alone', {
      file: path,
      error: String(error),
    })
  }
}
