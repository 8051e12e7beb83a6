/** The file side of the own log: a winston logger over a file that never fails. */
import { once } from 'node:events'
import { createLogger, format, transports } from 'winston'
import { formatJson, type LineWriter, type LogEntry } from './format.ts'
import { type FileNews, RotatingFile, type Rotation } from './rotating-file.ts'

/** Longest time that closing waits for a stalled disk. */
const closeTimeoutMs = 2000

/** Ten files of 10 MB, the newest included. */
export const rotation: Rotation = { maxBytes: 10_000_000, maxFiles: 10 }

/**
 * Writes each entry as a line of JSON behind the end of `file`, its folder made if need be, both for their owner only;
 * `rotate` is for tests.
 */
export function logFile(file: string, tell: (news: FileNews) => void, rotate = rotation): LineWriter {
  const stream = new RotatingFile(file, rotate, tell)
  const transport = new transports.Stream({ stream, eol: '\n' })
  const logger = createLogger({
    level: 'debug',
    format: format.printf((info) => formatJson(info.entry as LogEntry)),
    transports: [transport],
  })
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
        const finished = once(stream, 'finish', { signal })
        logger.end()
        stream.end()
        await finished
      } catch {
        // Stalled: the program ends without its last lines.
      }
    },
  }
}
