/** The own log of the program: to standard error, and to a file when one is named. */
import type { Writable } from 'node:stream'
import type { Log } from '../flow/log.ts'
import { Trouble, type Wrong } from '../flow/trouble.ts'
import { Flood } from './flood.ts'
import { formatJson, formatReadable, type LineWriter, type LogEntry } from './format.ts'
import { LineBelow } from './line-below.ts'
import { type LogLevel, logLevels } from './options.ts'
import type { FileNews } from './rotating-file.ts'

/** Where the log goes and what is left out of it. */
export interface LogSetup {
  /** Least urgent level that is written, `info` by default. */
  readonly level?: LogLevel | undefined
  /** Gets JSON lines, besides `stderr`. */
  readonly file?: string | undefined
  /** Readable on a terminal, JSON lines elsewhere; standard error by default. */
  readonly stderr?: Writable & { readonly isTTY?: boolean; readonly columns?: number; hasColors?(): boolean }
}

/** A log that stays open until it is closed; neither side ever throws or rejects. */
export interface OpenLog {
  readonly log: Log
  /** From now on it goes where these say; resolves when what went elsewhere before is written. */
  change(setup: Pick<LogSetup, 'level' | 'file'>): Promise<void>
  /** The level in force. */
  readonly level: LogLevel
  /** This level is in force, whatever `change` says; null: the one that it says. */
  overrule(level: LogLevel | null): void
  /** As `info`, and written whatever the level is. */
  tell(message: string, fields: LogEntry['fields']): void
  /** On a terminal: what stands in the line below all others; null for nothing. */
  showBelow(text: string | null): void
  /** Why nothing can be written into the file, and since when; null when it can, or none is named. */
  readonly fileWrong: Wrong | null
  /** Resolves when all is written; entries that come later are dropped. */
  close(): Promise<void>
}

/** Opens the own log. A file that can't be written is said once on `stderr`, and tried again with each line. */
export async function createLog({
  level = 'info',
  file,
  stderr = process.stderr,
}: LogSetup = {}): Promise<OpenLog> {
  const colour = stderr.isTTY === true && (stderr.hasColors?.() ?? true)
  const line = stderr.isTTY ? (entry: LogEntry) => formatReadable(entry, colour) : formatJson
  // A terminal that went away must not take the program with it.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore)

  const below = new LineBelow(stderr)
  const onStderr: LineWriter = {
    write: (entry) => below.behind(`${line(entry)}\n`),
    end: () => new Promise((flushed) => stderr.write('', () => flushed())),
  }
  // A pipe of its own: a stalled disk must not silence the terminal.
  let fileTrouble = new Trouble()
  const opened = async (file: string | undefined) => {
    fileTrouble = new Trouble()
    return file === undefined ? undefined : openFile(file, onStderr, fileTrouble)
  }
  let onFile = await opened(file)
  let configured = level
  let threshold = logLevels.indexOf(level)
  let isOverruled = false
  const flood = new Flood()
  let open = true

  const put = (level: LogLevel, message: string, fields: LogEntry['fields']) => {
    const entry: LogEntry = { level, message, time: new Date(), fields }
    onStderr.write(entry)
    onFile?.write(entry)
  }
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogEntry['fields'] = {}) => {
      if (open && logLevels.indexOf(level) >= threshold) put(level, message, fields)
    }
  /** As `write`, for what a log or a receiver may cause as often as it likes. */
  const writeBounded =
    (level: LogLevel) =>
    (message: string, fields: LogEntry['fields'] = {}) => {
      if (!open || logLevels.indexOf(level) < threshold) return
      const verdict = flood.judge(message, performance.now())
      if (verdict.isWritten)
        put(level, message, verdict.leftOut === 0 ? fields : { ...fields, leftOut: verdict.leftOut })
      else if (verdict.isFirst)
        put(level, 'A line comes too often; more of them are left out', { line: message })
    }

  return {
    log: {
      debug: write('debug'),
      info: write('info'),
      warn: writeBounded('warn'),
      error: writeBounded('error'),
    },
    get level() {
      return logLevels[threshold] ?? configured
    },
    overrule(level) {
      isOverruled = level !== null
      threshold = logLevels.indexOf(level ?? configured)
    },
    tell(message, fields) {
      if (open) put('info', message, fields)
    },
    async change({ level = 'info', file: other }) {
      configured = level
      if (!isOverruled) threshold = logLevels.indexOf(level)
      if (other === file) return
      file = other
      const before = onFile
      onFile = await opened(other)
      await before?.end()
    },
    get fileWrong() {
      return fileTrouble.now ?? null
    },
    showBelow: (text) => {
      if (open && stderr.isTTY) below.show(text)
    },
    async close() {
      if (!open) return
      below.show(null)
      const { leftOut } = flood
      if (leftOut > 0) put('warn', 'Lines that came too often were left out of this log', { lines: leftOut })
      open = false
      // The file first: its last lines may fail, which is told on standard error.
      await onFile?.end()
      await onStderr.end()
    },
  }
}

/** winston is loaded only for a file: it would be felt at every start. */
async function openFile(file: string, onStderr: LineWriter, trouble: Trouble): Promise<LineWriter> {
  const { logFile } = await import('./log-file.ts')
  const lines = logFile(file, (news) => {
    const { level, message, fields } = wordsFor(news)
    const entry: LogEntry = { level, message, time: new Date(), fields: { file, ...fields } }
    onStderr.write(entry)
    if (news.is === 'losing') trouble.is(news.error.message)
    if (news.is === 'written again') trouble.over()
    // What happens to the rotation loses nothing: the file can tell of it as well.
    if (news.is === 'growing' || news.is === 'rotated again') lines.write(entry)
  })
  return lines
}

function wordsFor(news: FileNews): Pick<LogEntry, 'message' | 'fields'> & { readonly level: LogLevel } {
  switch (news.is) {
    case 'losing':
      return {
        level: 'warn',
        message: 'The log file cannot be written; its lines are lost until it can',
        fields: { error: news.error.message },
      }
    case 'written again':
      return {
        level: 'info',
        message: 'The log file is written again',
        fields: { lostLines: news.lostLines },
      }
    case 'growing':
      return {
        level: 'warn',
        message: 'The log file is full and can not be moved away; it goes on growing until it can',
        fields: { error: news.error.message, remedy: 'end the program that holds it open' },
      }
    case 'rotated again':
      return { level: 'info', message: 'The log file was moved away again', fields: {} }
  }
}

function ignore(): void {}
