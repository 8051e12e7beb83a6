/** The logs that are measured with: simulated, the same for everyone, and as long as wanted by repetition. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { simulate } from '../src/simulate/simulator.ts'

/** More than rows have on average. */
const enoughBytesPerRow = 3000

export interface Data {
  /** One log with all rows, for programs that read one file. */
  readonly file: string
  readonly rows: number
  readonly bytesPerRow: number
}

export interface DataOptions {
  readonly rows: number
  /** Rows with more bytes are left out; 0: none is. */
  readonly longestRow: number
}

/** Writes a log of simulated rows into a folder. */
export async function writeData(folder: string, { rows, longestRow }: DataOptions): Promise<Data> {
  const parts = path.join(folder, 'parts')
  await simulate({
    into: parts,
    version: '2016',
    seed: 1,
    events: rows,
    signal: new AbortController().signal,
  })
  const file = path.join(folder, logName(1))
  const out = createWriteStream(file)
  let written = 0
  let bytes = 0
  for (const [index, name] of (await readdir(parts)).sort().entries()) {
    const log = await readFile(path.join(parts, name))
    const header = endOfHeader(log)
    if (index === 0) out.write(log.subarray(0, header))
    const kept: Buffer[] = []
    for (let at = header; at < log.length; ) {
      const end = log.indexOf(0x0a, at) + 1
      const isKept = longestRow === 0 || end - at <= longestRow
      if (isKept) kept.push(log.subarray(at, end))
      at = end
    }
    const part = Buffer.concat(kept)
    written += kept.length
    bytes += part.length
    if (!out.write(part)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
  await rm(parts, { recursive: true })
  return { file, rows: written, bytesPerRow: bytes / written }
}

/** A folder in which the same log stands under several names, each of which is another log for msgtrk. */
export async function repeated(file: string, folder: string, times: number): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const links = Array.from({ length: times }, (_, index) => path.join(folder, logName(index + 1)))
  for (const each of links) await link(file, each)
  return links
}

/** The header block of a log and its first rows, each with its line end. */
export async function firstRows(
  file: string,
  count: number,
): Promise<{ readonly header: string; readonly rows: readonly string[] }> {
  const log = await open(file)
  try {
    const { buffer, bytesRead } = await log.read(Buffer.alloc(count * enoughBytesPerRow))
    const text = buffer.toString('utf8', 0, bytesRead)
    const header = endOfHeader(buffer.subarray(0, bytesRead))
    const lines = text
      .slice(buffer.toString('utf8', 0, header).length)
      .split('\r\n')
      .slice(0, -1)
    return {
      header: buffer.toString('utf8', 0, header),
      rows: lines.slice(0, count).map((line) => `${line}\r\n`),
    }
  } finally {
    await log.close()
  }
}

function logName(instance: number): string {
  return `MSGTRK2026112014-${instance}.LOG`
}

function endOfHeader(log: Buffer): number {
  return log.indexOf(0x0a, log.indexOf('#Fields:')) + 1
}
