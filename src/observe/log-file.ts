/**
 * The file side of the own log: winston's File transport on a file system that never fails.
 *
 * The transport has no way back from an error: a failed open or write leaves it waiting for ever, and with it
 * whoever waits for the log to be flushed. So errors end here. A line that can't be written is told to
 * `onState` and counts as written; the next one is tried again.
 */
import { once } from 'node:events'
import * as fs from 'node:fs'
import { devNull } from 'node:os'
import { dirname } from 'node:path'
import { createLogger, format, transports } from 'winston'
import { Trouble } from '../flow/trouble.ts'
import { formatJson, type LineWriter, type LogEntry } from './format.ts'

/** Longest time that closing waits for a stalled disk. */
const closeTimeoutMs = 2000

/** Ten files of 10 MB: `msgtrk.log` is the newest, `msgtrk9.log` the oldest. */
export const rotation = { maxsize: 10_000_000, maxFiles: 10, tailable: true } as const

/**
 * Opens `file` for appending, its folder made if need be, both for their owner only; `rotate` is for tests.
 * `onState` hears the error when lines begin to get lost, and null when they are written again.
 * Throws when the folder can't be made or written to: the file could never be rotated there.
 */
export function logFile(
  file: string,
  onState: (error: Error | null) => void,
  rotate: { readonly maxsize: number; readonly maxFiles: number; readonly tailable: boolean } = rotation,
): transports.FileTransportInstance {
  fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  fs.accessSync(dirname(file), fs.constants.W_OK | fs.constants.X_OK)
  const transport = new transports.File({
    ...rotate,
    eol: '\n',
    filename: file,
    options: { flags: 'a', mode: 0o600, fs: unfailing(onState) },
  })
  transport.on('error', onState)
  return transport
}

/** A winston logger over the transport, which gets each entry as a line of JSON. */
export function lineWriter(transport: transports.FileTransportInstance): LineWriter {
  const logger = createLogger({
    level: 'debug',
    format: format.printf((info) => formatJson(info.entry as LogEntry)),
    transports: [transport],
  })
  // What there is to tell about an error is told where it happens.
  logger.on('error', () => {})
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

/** The calls of `fs` that a write stream makes, for `fs.createWriteStream`. */
function unfailing(onState: (error: Error | null) => void): object {
  const trouble = new Trouble()
  let discarding = false
  const settle = (error: Error | null) => {
    if (discarding) return
    if (error === null ? trouble.over() !== null : trouble.begins(error.message)) onState(error)
  }
  return {
    open(path: string, flags: string, mode: number, done: (error: Error | null, fd?: number) => void) {
      fs.open(path, flags, mode, (error, fd) => {
        settle(error)
        discarding = error !== null
        if (error === null) done(null, fd)
        else fs.open(devNull, 'a', done)
      })
    },
    write(
      fd: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
      done: (error: null, written: number, bytes: Uint8Array) => void,
    ) {
      fs.write(fd, bytes, offset, length, position, (error, written) => {
        settle(error)
        done(null, error === null ? written : length, bytes)
      })
    },
    // `position` is null when appending, which the types of `fs.writev` leave out.
    writev(
      fd: number,
      buffers: readonly Uint8Array[],
      position: number | null,
      done: (error: null, written: number, buffers: readonly Uint8Array[]) => void,
    ) {
      fs.writev(fd, buffers, position as number, (error, written) => {
        settle(error)
        const all = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0)
        done(null, error === null ? written : all, buffers)
      })
    },
    close: fs.close,
  }
}
