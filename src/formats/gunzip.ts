/** Unpacks gzip, of one member or of several, as it comes. */
import { createGunzip, type Gunzip } from 'node:zlib'
import { ProblemsError } from '../mistakes/problem.ts'

const PIECE_BYTES = 64 * 1024

/**
 * The unpacked bytes of the file `name`. What could be unpacked is given before it rejects, but for a last piece whose
 * checksum is wrong: with the error of the input, or with a ProblemsError when the data end too early or are damaged.
 */
export async function* gunzip(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const unpacker = createGunzip({ chunkSize: PIECE_BYTES })
  // It is asked for at the end; without a listener the process would end on it.
  unpacker.on('error', () => {})
  const feeding = feed(packed, unpacker)
  try {
    for (;;) {
      const bytes: Buffer | null = unpacker.read()
      if (bytes !== null) yield bytes
      else if (unpacker.readableEnded || unpacker.errored) break
      else await news(unpacker)
    }
    if (unpacker.errored) throw damaged(unpacker.errored, name)
    await feeding
  } finally {
    unpacker.destroy()
    await feeding.catch(() => {})
  }
}

/** Resolves when there is more to read, or nothing any more. */
function news(unpacker: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close']
    const done = () => {
      for (const event of events) unpacker.off(event, done)
      resolve()
    }
    for (const event of events) unpacker.on(event, done)
  })
}

/** Writes all of the input, at the pace that it is read; what goes wrong with the input goes wrong with the output. */
async function feed(packed: AsyncIterable<Buffer>, unpacker: Gunzip): Promise<void> {
  try {
    for await (const bytes of packed) {
      if (unpacker.destroyed) return
      // The bytes are valid until the next ones are asked for, so it waits until they are used up.
      await new Promise<void>((taken) => {
        const done = () => {
          unpacker.off('close', done)
          taken()
        }
        // Nothing is said of what was just written when it turns out to be damaged.
        unpacker.once('close', done)
        unpacker.write(bytes, done)
      })
    }
    unpacker.end()
  } catch (error) {
    unpacker.destroy(error as Error)
  }
}

/** An error of the system, from the input, stays what it is. */
function damaged(error: Error, name: string): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || !code.startsWith('Z_')) return error
  const message =
    code === 'Z_BUF_ERROR'
      ? 'the gzip data end too early; what comes before was read'
      : `the gzip data are damaged (${error.message}); what comes before was read`
  return new ProblemsError([{ where: { file: name }, message, remedy: 'copy the file again' }])
}
