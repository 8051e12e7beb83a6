/** Which logs are searched: those in the folders of a configuration's sources, and what is named besides. */
import path from 'node:path'
import type { SourceConfig } from '../../config/schema.ts'
import type { Problem } from '../../mistakes/problem.ts'
import { isFolder } from '../../sources/options.ts'
import { compileGlob } from '../../tail/folder/glob.ts'
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
