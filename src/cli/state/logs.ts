/** The logs that positions are about, as they stand in the folders of their sources now. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { FolderConfig } from '../../config/schema.ts'
import type { Position } from '../../flow/chunk.ts'
import { fileId } from '../../flow/file-id.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { FileInput } from '../../tail/bytes/byte-input.ts'
import { fileChunks } from '../../tail/bytes/file-chunks.ts'
import { headBytes, parseHead } from '../../tail/bytes/head.ts'
import { readNames, systemPath } from '../../tail/folder/file-name.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import { compileGlob } from '../../tail/folder/glob.ts'
import { lanes } from '../../tail/folder/lanes.ts'

/** One log in the folder of a source; `size` in bytes. */
export interface FoundLog {
  readonly source: string
  readonly name: string
  readonly path: string
  readonly size: number
}

/** The logs of a source whose names match, oldest first. Rejects with the system's error. */
export async function listLogs(
  source: FolderConfig,
  matches: (name: string) => boolean = () => true,
): Promise<readonly FoundLog[]> {
  const isLog = compileGlob(source.pattern)
  const lane = lanes.of(source.folder)
  const names = (await lane.call(() => readNames(source.folder))).filter(
    (name) => isLog(name) && matches(name),
  )
  const ordered = names.map(fileOrder).sort(compareFileOrder)
  const logs = await Promise.all(
    ordered.map(async ({ name }) => {
      const file = path.join(source.folder, name)
      // One that has gone since the folder was listed is not there.
      const status = await lane.call(() => stat(systemPath(file))).catch(() => undefined)
      return status?.isFile() ? [{ source: source.name, name, path: file, size: status.size }] : []
    }),
  )
  return logs.flat()
}

/** The id that positions know the log by; null as long as too little of it is written, or it is no such log. */
export async function idOf({ source, name, path }: FoundLog): Promise<string | null> {
  const input = await FileInput.open(path)
  try {
    const bytes = Buffer.allocUnsafe(headBytes)
    const length = await input.read(bytes, 0)
    const head = parseHead(bytes.subarray(0, length), length === headBytes)
    return head === null || head.refusal !== null ? null : fileId(source, name, head.stamp)
  } finally {
    await input.close()
  }
}

/**
 * The position at `offset`, with the header that is in force there, or after the last whole row (`end`).
 * Throws a `ProblemsError` when no line ends at the offset.
 */
export async function positionAt(
  { path }: FoundLog,
  fileId: string,
  offset: number | 'end',
): Promise<Position> {
  let reached: Position = { fileId, offset: 0, header: -1 }
  for await (const { start, end, header, bytes } of fileChunks(path, { unfinishedLine: 'stays' })) {
    if (offset !== 'end' && offset <= end) {
      if (offset === reached.offset) return reached
      // Between two runs of rows stands a header: only its end will do, or the rows after it have none.
      if (offset < start) throw noLineEnd(path, offset, reached.offset, start)
      const at = offset - start
      if (offset > start && offset < end && bytes[at - 1] !== 0x0a) {
        const before = at > 1 ? bytes.lastIndexOf('\n', at - 2) + 1 : 0
        const after = bytes.indexOf('\n', at - 1) + 1
        throw noLineEnd(path, offset, start + before, after === 0 ? end : start + after)
      }
      return { fileId, offset, header }
    }
    reached = { fileId, offset: end, header }
  }
  if (offset === 'end' || offset === reached.offset) return reached
  throw noLineEnd(path, offset, reached.offset)
}

function noLineEnd(path: string, offset: number, before: number, after?: number): ProblemsError {
  const problem: Problem = {
    where: { option: '--offset' },
    message:
      after === undefined
        ? `${offset} is behind the last whole row of ${path}`
        : `${offset} is not at the end of a line of ${path}`,
    remedy:
      after === undefined
        ? `give ${before} or end, which is the same`
        : `the nearest places are ${before} and ${after}`,
  }
  return new ProblemsError([problem])
}
