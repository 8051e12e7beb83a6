/** Which logs are searched: those in the folders of a configuration's sources, and what is named besides. */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { SourceConfig } from '../../config/schema.ts'
import type { Problem } from '../../mistakes/problem.ts'
import { isFolder } from '../../sources/options.ts'
import { compileGlob } from '../../tail/folder/glob.ts'
import { lanes } from '../../tail/folder/lanes.ts'
import { findInputs, type Input } from '../inputs/find-inputs.ts'
import { listLogs } from '../state/logs.ts'
import { unreadableFolder } from '../state/show.ts'

const trackingLogs = compileGlob('MSGTRK*.LOG')

/**
 * Each once. Of the folder of a source also tracking logs that its pattern leaves out: that is a reason, too, why a row was
 * not delivered. A folder of a source that can't be read is a problem, and no reason not to search the others. Throws a
 * `ProblemsError` when something of `from` is not there.
 */
export async function searchedFiles(
  sources: readonly SourceConfig[],
  from: readonly string[],
): Promise<{ readonly files: readonly Input[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = []
  const files = new Map<string, Input>()
  for (const source of sources.filter(isFolder)) {
    const isRead = compileGlob(source.pattern)
    try {
      const logs = await listLogs({ ...source, pattern: '*' }, (name) => isRead(name) || trackingLogs(name))
      for (const { path: file, size } of logs) files.set(path.resolve(file), { path: file, size })
    } catch (error) {
      problems.push(unreadableFolder(source, error))
    }
  }
  for (const input of from.length === 0 ? [] : await findInputs(from)) {
    const file = path.resolve(input.path)
    if (!files.has(file)) files.set(file, { path: file, size: input.size })
  }
  return { files: [...files.values()], problems }
}

/**
 * Tracking logs in folders right below those of the sources, which no source reads: an archive, or a server that was pointed
 * at by the folder above. What can't be looked at there is passed over.
 */
export async function filesBelow(sources: readonly SourceConfig[]): Promise<readonly Input[]> {
  const folders = sources.filter(isFolder)
  const followed = new Set(folders.map(({ folder }) => path.resolve(folder)))
  const found = await Promise.all(
    folders.map(async ({ folder }) => {
      const lane = lanes.of(folder)
      const within = await lane.call(() => readdir(folder, { withFileTypes: true })).catch(() => [])
      const below = within
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => path.join(folder, name))
        .filter((one) => !followed.has(path.resolve(one)))
      return Promise.all(
        below.map(async (one) => {
          const names = await lane.call(() => readdir(one)).catch(() => [])
          const logs = names.filter(trackingLogs).sort()
          return Promise.all(
            logs.map(async (name) => {
              const file = path.join(one, name)
              const status = await lane.call(() => stat(file)).catch(() => undefined)
              return status?.isFile() ? [{ path: file, size: status.size }] : []
            }),
          )
        }),
      )
    }),
  )
  return found.flat(3)
}
