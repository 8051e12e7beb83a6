/** Which source of a configuration reads a file, or why none does. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { FolderConfig, SourceConfig } from '../../config/schema.ts'
import { fileId } from '../../flow/file-id.ts'
import { isFolder } from '../../sources/options.ts'
import { firstBytes } from '../../tail/bytes/file-chunks.ts'
import { headBytes, parseHead } from '../../tail/bytes/head.ts'
import { compileGlob } from '../../tail/folder/glob.ts'

/** The source, and the id by which its positions know the file (null: too little of it is written); or why none reads it. */
export type Belonging =
  | { readonly source: FolderConfig; readonly id: string | null }
  | { readonly source: null; readonly why: string }

/** The file as its source names it, and so dead letters, by whatever way it was found. */
export function namedBy({ source }: Belonging, file: string): string {
  return source === null ? file : path.join(source.folder, path.basename(file))
}

/** Looks at names, folders and the head of the file. Rejects with the system's error when it can't be read. */
export async function belongingOf(sources: readonly SourceConfig[], file: string): Promise<Belonging> {
  const found = await sourceOf(sources.filter(isFolder), file)
  if (found.source === null) return found
  const bytes = await firstBytes(file, headBytes)
  const head = parseHead(bytes, bytes.length === headBytes)
  if (head?.refusal) return { source: null, why: `it is not followed: ${head.refusal.message}` }
  const id = head === null ? null : fileId(found.source.name, path.basename(file), head.stamp)
  return { source: found.source, id }
}

/** By folder and name alone. */
async function sourceOf(
  sources: readonly FolderConfig[],
  file: string,
): Promise<{ readonly source: FolderConfig } | { readonly source: null; readonly why: string }> {
  const name = path.basename(file)
  const folder = await sameForm(path.dirname(path.resolve(file)))
  const folders = await Promise.all(sources.map((source) => sameForm(path.resolve(source.folder))))
  const there = sources.filter((_, index) => folders[index] === folder)
  const source = there.find(({ pattern }) => compileGlob(pattern)(name))
  if (source !== undefined) return { source }
  const [first] = there
  if (first !== undefined) {
    return {
      source: null,
      why: `its name does not match ${first.pattern}, the pattern of source ${first.name}`,
    }
  }
  const above = sources.find((_, index) => folder.startsWith(`${folders[index]}${path.sep}`))
  if (above !== undefined) {
    return {
      source: null,
      why: `it lies below the folder of source ${above.name}, and folders below are not read`,
    }
  }
  return { source: null, why: 'its folder is that of no source' }
}

/** Links resolved, and without case where the system has none; a folder that can't be looked at stays as it is named. */
async function sameForm(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => folder)
  return process.platform === 'win32' ? real.toLowerCase() : real
}
