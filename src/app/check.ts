/** What is wrong with a configuration beyond its form, which only a try shows. */
import type { Config } from '../config/schema.ts'
import { fileInPlaceOf } from '../doctor/disk.ts'
import type { Log } from '../flow/log.ts'
import { formatPlace } from '../mistakes/place.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { isFolder } from '../sources/options.ts'
import { doubtOfFolder } from '../tail/folder/doubt.ts'
import { tellLateTimes } from './late-times.ts'
import { tellOrphans } from './orphans.ts'
import { tellChangedStarts } from './pipeline-state.ts'
import { discard, prepare } from './prepare.ts'
import { tellRenamed } from './renamed.ts'

/** Everything that is wrong with a configuration beyond its schema; `log` hears of doubts. Nothing is sent for it. */
export async function checkDeeply(config: Config, log: Log): Promise<readonly Problem[]> {
  try {
    await discard(prepare(config, log).pipelines)
    await tellChangedStarts(config, log)
    await tellLateTimes(config, log)
    // Names that were changed explain what is left under the old ones.
    if ((await tellRenamed(config, log)) === 0) await tellOrphans(config, log)
    await tellDoubtfulFolders(config, log)
    await tellDoubtfulState(config, log)
    return []
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems
    throw error
  }
}

/** All files that the settings name and that are read for them, such as tables and certificates. Throws as `prepare` does. */
export async function filesNamedIn(config: Config, log: Log): Promise<readonly string[]> {
  const { pipelines, sourceFiles, httpFiles } = prepare(config, log)
  await discard(pipelines)
  const digests = [...pipelines.map((each) => each.digests), ...sourceFiles.values(), httpFiles]
  return [...new Set(digests.flatMap((each) => [...each.keys()]))]
}

async function tellDoubtfulFolders({ sources, placeOf }: Config, log: Log): Promise<void> {
  const doubts = await Promise.all(
    sources.map((source) => (isFolder(source) ? doubtOfFolder(source.folder) : null)),
  )
  for (const [index, doubt] of doubts.entries()) {
    const setting = formatPlace(placeOf(['sources', index, 'folder']))
    if (doubt !== null) log.warn(doubt.message, { source: sources[index]?.name, setting, ...doubt.fields })
  }
}

async function tellDoubtfulState({ state, placeOf }: Config, log: Log): Promise<void> {
  const file = await fileInPlaceOf(state)
  if (file === null) return
  log.warn('The state folder can not be made: a file stands in its place', {
    setting: formatPlace(placeOf(['state'])),
    file,
    remedy: 'name another folder, or move that file away',
  })
}
