/** The own log of the program: to standard error, and to a file when one is named. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createLogger, format, transports } from 'winston'
import type { Log } from '../types.ts'
import { formatJson, formatReadable, type LogEntry } from './format.ts'
import { logFile } from './log-file.ts'
import { type LogLevel, logLevels } from './options.ts'

/** Where the log goes and what is left out of it. */
export interface LogSetup {
  /** Least urgent level that is written, `info` by default. */
  readonly level?: LogLevel | undefined
  /** Gets JSON lines, besides `stderr`. */
  readonly file?: string | undefined
  /** Readable on a terminal, JSON lines elsewhere; standard error by default. */
  readonly stderr?: Writable & { readonly isTTY?: boolean; hasColors?(): boolean }
}

/** A log that stays open until it is closed; neither side ever throws or rejects. */
export interface OpenLog {
  readonly log: Log
  /** Resolves when all is written; entries that come later are dropped. */
  close(): Promise<void>
}

/** Longest time that closing waits for a stalled disk. */
const closeTimeoutMs = 2000

/** Opens the own log. A file that can't be written is said once on `stderr` and the program goes on. */
export function createLog({ level = 'info', file, stderr = process.stderr }: LogSetup = {}): OpenLog {
  const colour = stderr.isTTY === true && (stderr.hasColors?.() ?? true)
  const line = stderr.isTTY ? (entry: LogEntry) => formatReadable(entry, colour) : formatJson
  // A terminal that went away must not take the program with it.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore)

  // A logger for each: pipes of one logger wait for the slowest, and a stalled disk must not silence the terminal.
  const onStderr = lineWriter(new transports.Stream({ stream: stderr, eol: '\n' }), line)
  const onFile = file === undefined ? undefined : openFile(file, onStderr)
  const threshold = logLevels.indexOf(level)
  let open = true

  const write =
    (level: LogLevel) =>
    (message: string, fields: LogEntry['fields'] = {}) => {
      // winston takes 2 µs to find out that a level is off.
      if (!open || logLevels.indexOf(level) < threshold) return
      const entry: LogEntry = { level, message, time: new Date(), fields }
      onStderr.write(entry)
      onFile?.write(entry)
    }

  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    async close() {
      if (!open) return
      open = false
      // The file first: its last lines may fail, which is told on standard error.
      await onFile?.end()
      await onStderr.end()
      await new Promise<void>((flushed) => stderr.write('', () => flushed()))
    },
  }
}

interface LineWriter {
  write(entry: LogEntry): void
  end(): Promise<void>
}

function openFile(file: string, onStderr: LineWriter): LineWriter | undefined {
  const tell = (level: LogLevel, message: string, error?: Error) =>
    onStderr.write({ level, message, time: new Date(), fields: { file, error: error?.message } })
  try {
    const transport = logFile(file, (error) => {
      if (error) tell('warn', 'The log file cannot be written; its lines are lost until it can', error)
      else tell('info', 'The log file is written again')
    })
    return lineWriter(transport, formatJson)
  } catch (error) {
    tell('warn', 'The log file cannot be opened; the log goes to standard error only', error as Error)
    return undefined
  }
}

type Transport = transports.StreamTransportInstance | transports.FileTransportInstance

/** A winston logger with one transport, which gets each entry as the line that `line` makes of it. */
function lineWriter(transport: Transport, line: (entry: LogEntry) => string): LineWriter {
  const logger = createLogger({
    level: 'debug',
    format: format.printf((info) => line(info.entry as LogEntry)),
    transports: [transport],
  })
  // What there is to tell about an error is told where it happens.
  logger.on('error', ignore)
  let pending = 0
  transport.on('logged', () => pending--)
  return {
    write(entry) {
      pending++
      logger.log({ level: entry.level, message: entry.message, entry })
    },
    async end() {
      const signal = AbortSignal.timeout(closeTimeoutMs)
      try {
        // Ending a logger drops what it has not passed on to its transport yet.
        while (pending > 0) await once(transport, 'logged', { signal })
        const finished = once(logger, 'finish', { signal })
        logger.end()
        await finished
      } catch {
        // Stalled or broken: the program ends without its last lines.
      }
    },
  }
}

function ignore(): void {}
