/**
 * `msgtrk state reset` and `set`: both work out what would change, say what that loses or repeats, and change
 * it only when that is agreed to. The folder is locked meanwhile, so that what was said stays true.
 */
import { dirname } from 'node:path'
import { putAside, salvage } from '../../checkpoint/salvage.ts'
import { checkpointPath, createCheckpoint } from '../../checkpoint/store.ts'
import type { Position, Positions } from '../../flow/chunk.ts'
import { logName, positionsBySource, sourceIn } from '../../flow/file-id.ts'
import { lockFolder } from '../../lock/lock.ts'
import { makeFolder } from '../../lock/make-folder.ts'
import { counted } from '../../mistakes/counted.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import { KnownIds } from '../../tail/file/known-ids.ts'
import { begunMark } from '../../tail/file/start.ts'
import { type FoundLog, idOf, listLogs, positionAt } from './logs.ts'
import { mistake, onlyDestination, type Place } from './place.ts'
import { unreadableFolder } from './show.ts'

/** A change that was worked out and not made yet. */
interface Change {
  /** What it loses or repeats; null when it does neither. */
  readonly consequence: string | null
  readonly positions: Positions
  /** What was done, for afterwards. */
  readonly done: string
  /** True when what is there now is damaged and to be kept aside. */
  readonly isRepair: boolean
}

/** Asks whether a change with this consequence may be made. */
export type Agree = (consequence: string) => Promise<boolean>

/** What came of it: a sentence, and whether the question was answered with no. */
export interface Changed {
  readonly text: string
  readonly isRefused: boolean
}

const inUseRemedy = 'Stop that process first (`msgtrk state show` works while it runs).'

/** Forgets the chosen positions of one destination, or repairs its checkpoint when it is damaged. */
export async function resetState(place: Place, agree: Agree): Promise<Changed> {
  return change(place, agree, async (destination, path) => {
    try {
      return forget(await createCheckpoint(path, place.sources).load(), destination, place)
    } catch (error) {
      if (error instanceof ProblemsError) return repair(path, destination, place, error)
      throw error
    }
  })
}

/** Moves the positions of the chosen logs of one destination to `offset` or behind their last whole row. */
export async function moveState(place: Place, offset: number | 'end', agree: Agree): Promise<Changed> {
  return change(place, agree, async (destination, path) => {
    const positions = await createCheckpoint(path, place.sources).load()
    return move(positions, await targets(place, offset), destination)
  })
}

async function change(
  place: Place,
  agree: Agree,
  workOut: (destination: string, path: string) => Promise<Change | null>,
): Promise<Changed> {
  const destination = onlyDestination(place)
  const path = checkpointPath(place.state, destination)
  const lock = await lockFolder(place.state, { remedy: inUseRemedy })
  try {
    const change = await workOut(destination, path)
    if (change === null) return { text: 'Nothing to change.', isRefused: false }
    if (change.consequence !== null && !(await agree(change.consequence))) {
      return { text: 'Nothing was changed.', isRefused: true }
    }
    const aside = await save(path, change)
    return { text: change.done + (aside === null ? '' : ` The damaged file is ${aside}.`), isRefused: false }
  } finally {
    await lock.release()
  }
}

async function save(path: string, { positions, isRepair }: Change): Promise<string | null> {
  try {
    await makeFolder(dirname(path), 0o700)
    const aside = isRepair ? await putAside(path) : null
    await createCheckpoint(path).save(positions)
    return aside
  } catch (error) {
    const { message } = error as Error
    const remedy = 'Nothing was changed. Mend the disk or the rights of this user, and try again.'
    throw new ProblemsError([{ where: { file: path }, message, remedy }], ExitCode.failed)
  }
}

function forget(positions: Positions, destination: string, place: Place): Change | null {
  const kept = new Map(positions)
  let bytes = 0
  for (const { fileId, offset } of positions.values()) {
    const log = logName(fileId)
    if (log === null || !place.isChosen(log)) continue
    kept.delete(fileId)
    bytes += offset
  }
  const count = positions.size - kept.size
  const marks = forgottenMarks(kept, place)
  for (const mark of marks) kept.delete(mark)
  if (count === 0 && marks.length === 0) return null
  return {
    consequence:
      count === 0
        ? null
        : `This forgets ${counted(count, 'log')} of ${destination}: up to ${counted(bytes, 'byte')} that were delivered are ` +
          'delivered again.',
    positions: kept,
    done:
      `Forgot ${counted(count, 'log')} of ${destination}; they are delivered again from their beginning, or from where ` +
      'startAt says.',
    isRepair: false,
  }
}

/**
 * Marks of the sources that begin anew: `startAt` counts again. Only the mark that a source has begun at its end
 * stays as long as `startAt` may say so: the next start would pass over all that is there, and what was not
 * delivered yet would be lost.
 */
function forgottenMarks(kept: Positions, { sources, isChosen }: Place): readonly string[] {
  const ids = [...kept.keys()]
  const withLogs = new Set(ids.filter((id) => logName(id) !== null).map(sourceIn))
  return ids.filter((id) => {
    const source = sourceIn(id)
    if (withLogs.has(source) || !isChosen({ source, name: '', date: '' })) return false
    const { startAt = 'end' } = sources.find(({ name }) => name === source) ?? {}
    return id !== begunMark(source, 'at the end').fileId || startAt !== 'end'
  })
}

async function repair(
  path: string,
  destination: string,
  place: Place,
  damage: ProblemsError,
): Promise<Change> {
  if (place.isNarrowed) {
    throw mistake({ file: path }, 'is damaged', 'repair it first, with reset but without --source and --file')
  }
  // What the system refuses to read can't be repaired either: then the damage is the answer.
  const { positions, lost } = await salvage(path).catch(() => Promise.reject(damage))
  const repaired = new Map(positions)
  for (const mark of marksOf(positions, place)) repaired.set(mark.fileId, mark)
  const count = [...positions.keys()].filter((id) => logName(id) !== null).length
  // A source all of whose lines are lost is known to the configuration only.
  const unknown =
    place.sources.length > 0
      ? ''
      : ' But a source with `startAt: end` of which nothing can be read would begin at its end: to have its ' +
        'logs delivered as well, give --config instead of --state.'
  return {
    consequence:
      `${damage.problems.map(({ message }) => message).join('; ')}.\n` +
      `${count} of ${count + lost} positions of ${destination} can be read and are kept. ` +
      `The other logs are delivered again from their beginning.${unknown}`,
    positions: repaired,
    done: `Kept ${counted(count, 'log')} of ${destination}; the others are delivered again from their beginning.`,
    isRepair: true,
  }
}

/**
 * Marks of all sources that have begun before, so that none begins at its end. Those that began at a time go on
 * from there.
 */
function marksOf(positions: Positions, { sources }: Place): readonly Position[] {
  const ownOf = positionsBySource(positions)
  const seen = [...positions.keys()].map(sourceIn).filter((name) => name !== '')
  const configured = new Map(sources.map(({ name, startAt }) => [name, startAt]))
  const atEnd = [...configured.keys()].filter((name) => configured.get(name) === 'end')
  return [...new Set([...seen, ...atEnd])].map((source) => {
    const { begun } = new KnownIds(source, ownOf(source))
    const startAt = begun === null || begun === 'beginning' ? (configured.get(source) ?? 'end') : begun
    const isTime = startAt !== 'beginning' && startAt !== 'end'
    return begunMark(source, isTime ? new Date(startAt) : 'at the end')
  })
}

interface Target {
  readonly log: FoundLog
  readonly position: Position
}

/** Where the positions of the chosen logs are to be, as the logs themselves say. */
async function targets(place: Place, offset: number | 'end'): Promise<readonly Target[]> {
  if (place.sources.length === 0) {
    throw mistake(
      { option: '--offset' },
      'can be checked only in the log, and the folders of the sources are not known',
      'name the configuration with --config, or the folders with --from (or mend --source)',
    )
  }
  const chosen: FoundLog[] = []
  for (const source of place.sources) {
    try {
      chosen.push(...(await listLogs(source, place.isFileChosen)))
    } catch (error) {
      throw new ProblemsError([unreadableFolder(source, error)], ExitCode.failed)
    }
  }
  const folders = place.sources.map(({ folder }) => folder).join(', ')
  if (chosen.length === 0) {
    throw mistake({ option: '--file' }, `matches no log in ${folders}`, '`msgtrk state show` lists the names')
  }
  if (offset !== 'end' && chosen.length > 1) {
    const names = chosen.slice(0, 5).map(({ source, name }) => `${source}/${name}`)
    throw mistake(
      { option: '--file' },
      `matches ${counted(chosen.length, 'log')} (${names.join(', ')}${chosen.length > 5 ? ', …' : ''})`,
      'name one, with --source when several have the name; only --offset end is for many',
    )
  }
  const found: Target[] = []
  for (const log of chosen) {
    const fileId = await readable(log, idOf(log))
    if (fileId !== null) found.push({ log, position: await readable(log, positionAt(log, fileId, offset)) })
    else if (offset !== 'end') {
      throw mistake(
        { file: log.path },
        'has no whole line yet, or is no message tracking log',
        'name another one',
      )
    }
  }
  return found
}

/** The system's error as a problem of the log. */
async function readable<T>({ path }: FoundLog, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ProblemsError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new ProblemsError([{ where: { file: path }, message }], ExitCode.failed)
  }
}

function move(positions: Positions, targets: readonly Target[], destination: string): Change | null {
  const moved = new Map(positions)
  const sum = { lostBytes: 0, lostLogs: 0, againBytes: 0, againLogs: 0 }
  const moves: string[] = []
  for (const { log, position } of targets) {
    const from = positions.get(position.fileId)?.offset ?? 0
    const by = position.offset - from
    if (by === 0) continue
    moved.set(position.fileId, position)
    moves.push(`${log.source}/${log.name} from ${from} to ${position.offset}`)
    if (by > 0) {
      sum.lostBytes += by
      sum.lostLogs++
    } else {
      sum.againBytes -= by
      sum.againLogs++
    }
  }
  const [first, ...others] = moves
  if (first === undefined) return null
  const what = others.length === 0 ? first : counted(moves.length, 'log')
  const parts = [
    ...(sum.lostLogs > 0
      ? [
          `${counted(sum.lostBytes, 'byte')} of ${counted(sum.lostLogs, 'log')} are passed over and never delivered`,
        ]
      : []),
    ...(sum.againLogs > 0
      ? [`${counted(sum.againBytes, 'byte')} of ${counted(sum.againLogs, 'log')} are delivered again`]
      : []),
  ]
  return {
    consequence: `This moves the positions of ${destination} in ${what}: ${parts.join(', and ')}.`,
    positions: moved,
    done: `Moved the positions of ${destination} in ${what}.`,
    isRepair: false,
  }
}
