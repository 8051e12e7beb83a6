/** Finds the record that stands in one line of a log. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createParser } from '../parse/parser.ts'
import { ExitCode, ProblemsError } from '../problems.ts'
import { fileChunks, streamChunks } from '../tail/file-chunks.ts'
import type { Chunk, Records } from '../types.ts'
import { STDIN, unreadable } from './inputs.ts'

const LF = 0x0a

export interface OneRecord {
  readonly records: Records
  readonly row: number
}

/** The record in `line` (from 1; the first record without one). Throws a `ProblemsError` when it is none. */
export async function findRecord(file: string, line: number | undefined): Promise<OneRecord> {
  const where = line === undefined ? file : `${file}:${line}`
  try {
    const input = file === STDIN ? await buffer(process.stdin) : file
    const target = line === undefined ? 0 : await lineOffset(input, line)
    const chunks =
      typeof input === 'string' ? fileChunks(input) : streamChunks(Readable.from([input]), 'standard input')
    const parse = createParser()
    for await (const chunk of chunks) {
      if (chunk.end <= target) continue
      const { runs, malformed } = parse(chunk)
      const bad = malformed.find(({ offset }) => offset === target || line === undefined)
      if (bad !== undefined) throw problem(where, `malformed line: ${bad.reason}`)
      for (const records of runs) {
        const row = line === undefined ? 0 : rowAt(records, chunk, target)
        if (row >= 0 && row < records.count) return { records, row }
      }
      if (line !== undefined) throw problem(where, 'no record but a header line or an empty line')
    }
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    throw new ProblemsError([unreadable(file, error)], ExitCode.failed)
  }
  throw problem(where, line === undefined ? 'no record in this log' : 'no record in this line')
}

function rowAt({ rowStarts }: Records, chunk: Chunk, offset: number): number {
  return rowStarts.indexOf(offset - chunk.start)
}

/** Byte offset where `line` begins. */
async function lineOffset(input: string | Buffer, line: number): Promise<number> {
  let passed = 1
  let offset = 0
  if (line === 1) return 0
  for await (const bytes of typeof input === 'string' ? createReadStream(input) : [input]) {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (++passed === line) return offset + at + 1
    }
    offset += bytes.length
  }
  throw problem(
    `${typeof input === 'string' ? input : 'standard input'}:${line}`,
    `there are only ${passed} lines`,
  )
}

function problem(where: string, message: string): ProblemsError {
  return new ProblemsError(
    [{ where, message, remedy: 'give the line of a record, as FILE:LINE' }],
    ExitCode.failed,
  )
}
