/**
 * Events in files, a line each. Written in the order in which batches come; a batch is delivered once the system says
 * that it is on disk, for all batches that were written meanwhile at once:
 *
 *     write 1 │ write 2 │ write 3 │ write 4 │ …
 *             └ sync 1 ───────────┴ sync 2+3 ──…
 *
 * A batch that could not be written whole is cut off again before anything else is written, so that it does not stand
 * there twice, or by half.
 */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Outcome, type Sending, settledAs } from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { pause } from '../../flow/pause.ts'
import { Mistaken } from '../../mistakes/words.ts'
import { headerBlock } from '../../records/header.ts'
import { HeadersInForce } from '../rows-under-header.ts'
import { DestinationStatus } from '../status.ts'
import type { FileAddress } from './address.ts'
import { BoundedCalls } from './bounded.ts'
import { FileNames } from './names.ts'
import { FileTrouble, type OpenFile } from './open-file.ts'
import { defaultFile, type FileOptions } from './options.ts'
import { fileReason } from './reasons.ts'
import { Tidying } from './tidying.ts'
import { WrittenFiles } from './written-files.ts'

/** A share that is slow gets this long; a disk takes milliseconds. */
const answerMs = 30_000
const closeMs = 2500
/** What waits to be on disk is in the memory of the system; there is no use in more. */
const mostUnsynced = 16 * 1024 * 1024

/** What it works with beside the settings: for tests a clock, and how long a call may take. */
export interface FileTimes {
  readonly now?: () => number
  /** Milliseconds that have passed, whoever sets a clock. */
  readonly elapsed?: () => number
  readonly answerMs?: number
}

/** A destination in the files that an address names. */
export function createFile(
  options: FileOptions,
  address: FileAddress,
  log: Log,
  events?: Listener,
  times: FileTimes = {},
): FileDestination {
  return new FileDestination(options, address, log, events, times)
}

class ChangedFile extends FileTrouble {}

interface Written {
  readonly bytes: number
  readonly file: OpenFile
  readonly settle: (outcome: Outcome) => void
}

/** Files of one address. */
export class FileDestination implements Destination {
  readonly name: string
  readonly #folder: string
  readonly #status: DestinationStatus
  readonly #files: WrittenFiles
  readonly #headers = new HeadersInForce()
  readonly #calls: BoundedCalls
  readonly #now: () => number
  readonly #closing = new AbortController()
  /** What is done to the files, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #unsynced: Written[] = []
  #syncing: Promise<void> | undefined
  #isConnected = false
  readonly #tidying: Tidying

  constructor(
    { name, to, file = defaultFile }: FileOptions,
    { folder, name: template }: FileAddress,
    log: Log,
    events: Listener | undefined,
    { now = Date.now, elapsed, answerMs: mostMs = answerMs }: FileTimes,
  ) {
    const names = FileNames.read(template)
    if (names instanceof Mistaken) throw names
    this.name = name
    this.#folder = folder
    this.#now = now
    this.#status = new DestinationStatus(name, to, log, { events })
    this.#calls = new BoundedCalls(folder, mostMs)
    this.#files = new WrittenFiles({
      folder,
      names,
      settings: file,
      stop: this.#closing.signal,
      onCut: (path, bytes) =>
        log.warn(
          'The end of a file was no whole event, or not known to be on disk; it is cut off and written again',
          {
            destination: name,
            file: path,
            bytes,
          },
        ),
    })
    this.#tidying = new Tidying({
      name,
      folder,
      names,
      settings: file,
      log,
      events,
      now,
      elapsed,
      files: this.#files,
      inTurn: (work) => this.#next(() => this.#calls.run(work)),
    })
  }

  send(batch: Batch): Promise<Sending> {
    if (batch.ends.length === 0) return Promise.resolve(settledAs({ status: 'delivered' }))
    return this.#next(() => this.#write(batch))
  }

  /** Takes the folder, and opens nothing: which file it will be is for the first batch to say. */
  connect(): Promise<string | null> {
    return this.#next(async () => {
      try {
        await this.#calls.run(() => this.#files.ready())
        this.#connected()
        return null
      } catch (error) {
        const reason = fileReason(error, this.#folder)
        if (!this.#closing.signal.aborted) this.#status.unavailable(reason, 'before')
        return reason
      }
    })
  }

  /** Packs and removes finished files, as the settings say. Never rejects. */
  tidy(): Promise<void> {
    return this.#tidying.tidy()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#tidying.end()
    const over = new AbortController()
    const ended = this.#turn.then(async () => {
      await this.#syncing
      // A share that does not answer is left alone until it does: who comes next waits for the folder.
      await this.#calls.finally(() => this.#files.close())
      over.abort()
    })
    await Promise.race([ended, pause(closeMs, over.signal)])
    for (const { settle } of this.#unsynced.splice(0)) settle(closed)
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #write(batch: Batch): Promise<Sending> {
    const { source } = batch.file
    while (this.#unsyncedBytes > mostUnsynced) await this.#syncing
    if (this.#closing.signal.aborted) return settledAs(closed)
    let file: OpenFile | undefined
    let start = 0
    try {
      const most = (batch.layout === undefined ? 0 : headerBlock(batch.layout).length) + batch.frames.length
      file = await this.#calls.run(() => this.#files.fileFor(source, this.#now(), most))
      start = file.size
      // Of its own: what a share takes late must not be another batch by then.
      const bytes = Buffer.concat([this.#headers.inFrontOf(batch, file), batch.frames])
      await this.#calls.run(() => (file as OpenFile).append(bytes))
      this.#headers.isThere(batch, file)
      this.#connected()
      return { outcome: this.#onDisk(file, bytes.length) }
    } catch (error) {
      const reason = fileReason(error, this.#folder)
      // What was written before may still get there.
      await this.#syncing
      if (file !== undefined) this.#files.cut(file, start)
      const isCut = await this.#recover()
      return settledAs(this.#unavailable(reason, file === undefined || isCut))
    }
  }

  get #unsyncedBytes(): number {
    return this.#unsynced.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Closes all files, and cuts off what is not to stay; what fails of that is done before the next batch. */
  async #recover(): Promise<boolean> {
    try {
      await this.#calls.run(() => this.#files.recover())
      return true
    } catch {
      return false
    }
  }

  #onDisk(file: OpenFile, bytes: number): Promise<Outcome> {
    return new Promise((settle) => {
      this.#unsynced.push({ file, bytes, settle })
      this.#syncing ??= this.#syncAll()
    })
  }

  async #syncAll(): Promise<void> {
    while (this.#unsynced.length > 0) {
      const group = [...this.#unsynced]
      try {
        for (const file of new Set(group.map(({ file }) => file))) await this.#sync(file)
      } catch (error) {
        this.#lost(error)
        continue
      }
      this.#unsynced = this.#unsynced.slice(group.length)
      for (const { settle } of group) settle({ status: 'delivered' })
      this.#status.delivered()
    }
    // In the same breath: a batch that comes right then starts the next one.
    this.#syncing = undefined
  }

  async #sync(file: OpenFile): Promise<void> {
    const seen = await this.#calls.run(() => file.sync())
    switch (seen) {
      case 'as it was':
        return
      case 'moved':
        // It is there, under another name.
        this.#files.forget(file)
        return
      case 'removed':
        throw new FileTrouble(`${file.path} was removed while it was written`)
      case 'changed':
        throw new ChangedFile(`another program writes into ${file.path} or cuts it: keep it from that`)
    }
  }

  /** After a failed sync nobody knows what is on disk: what was not, is written again. What another has written stays. */
  #lost(error: unknown): void {
    const all = this.#unsynced.splice(0)
    for (const { file } of all) {
      if (error instanceof ChangedFile) this.#files.forget(file)
      else this.#files.cut(file, file.synced)
    }
    // Closing does that itself, and then gives the folder free.
    if (!this.#closing.signal.aborted) void this.#next(() => this.#recover())
    const outcome = this.#unavailable(fileReason(error, this.#folder), false)
    for (const { settle } of all) settle(outcome)
  }

  #connected(): void {
    this.#tidying.begin()
    if (this.#isConnected) return
    this.#isConnected = true
    this.#status.connected()
  }

  #unavailable(reason: string, unsent: boolean): Outcome {
    if (this.#closing.signal.aborted) return { ...closed, unsent }
    this.#isConnected = false
    this.#status.unavailable(reason)
    return { status: 'unavailable', reason, unsent }
  }
}
