/** Archives that are the same bytes for the same files: in order of names, of one time, of nobody in particular. */
import { readdir, utimes } from 'node:fs/promises'
import path from 'node:path'
import { call, type Tool, type Workshop } from './workshop.ts'

export const tarTools: readonly Tool[] = [
  { program: 'tar', debian: 'tar' },
  { program: 'gzip', debian: 'gzip' },
]
export const zipTools: readonly Tool[] = [{ program: 'zip', debian: 'zip' }]

/** Packs a folder, as a folder, into `NAME.tar.gz` and gives that name. */
export async function tarOf(workshop: Workshop, folder: string): Promise<string> {
  return await tarIn(workshop, path.dirname(folder), [path.basename(folder)], path.basename(folder))
}

/** Packs what is in a folder under these names into `NAME.tar.gz` and gives that name. */
export async function tarIn(
  { out, seconds }: Workshop,
  folder: string,
  names: readonly string[],
  named: string,
): Promise<string> {
  const name = `${named}.tar.gz`
  const same = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${seconds}`,
    '--format=gnu',
  ]
  const place = ['-C', folder, ...names]
  await call('tar', ['-cf', path.join(out, name), '--use-compress-program=gzip -n', ...same, ...place])
  return name
}

/** The same as `NAME.zip`. */
export async function zipOf({ out, seconds }: Workshop, folder: string): Promise<string> {
  const name = `${path.basename(folder)}.zip`
  const files = (await readdir(folder)).toSorted()
  for (const file of files) await utimes(path.join(folder, file), seconds, seconds)
  const named = files.map((file) => path.join(path.basename(folder), file))
  await call('zip', ['-X', '-q', path.join(out, name), ...named], { cwd: path.dirname(folder) })
  return name
}
