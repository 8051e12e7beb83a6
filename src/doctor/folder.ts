/**
 * A look at the folder of a source, as reading it would begin: lists it, opens its logs, reads the head of the newest one
 * and its last record. Nothing is written, and nothing is waited for longer than some seconds.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { counted } from '../mistakes/counted.ts'
import { type Examined, failure, ok, warning } from '../mistakes/examined.ts'
import { duration } from '../status/words.ts'
import { FileInput } from '../tail/bytes/byte-input.ts'
import { headBytes, parseHead } from '../tail/bytes/head.ts'
import { headerLinesEnd, parseHeader } from '../tail/bytes/header.ts'
import { doubtOfFolder } from '../tail/folder/doubt.ts'
import { readNames } from '../tail/folder/file-name.ts'
import { FolderLook, type SeenLog } from '../tail/folder/folder-look.ts'
import { lanes } from '../tail/folder/lanes.ts'
import { remedyFor } from '../tail/folder/remedy.ts'

/** What of a source matters here. */
export interface ExaminedSource {
  readonly folder: string
  readonly pattern: string
  readonly correctSeconds?: number
}

/** A folder as it was seen, and what there is to say of it. */
export interface ExaminedFolder {
  readonly examined: readonly Examined[]
  /** Null when it could not be listed. */
  readonly look: FolderLook | null
}

const limitMs = 10_000
/** A call on a share takes milliseconds. */
const slowMs = 1000
/** So many of the newest logs are opened, and the oldest. */
const mostOpened = 20
const aheadMs = 5 * 60_000
/** An Exchange server writes several records a minute, if only of its own monitoring. */
const silentMs = 60 * 60_000

/** Looks at it; never rejects. */
export async function examineFolder(source: ExaminedSource, now = Date.now): Promise<ExaminedFolder> {
  const { folder, pattern } = source
  const doubt = await within(doubtOfFolder(folder))
  if (doubt === undefined) return { examined: [unanswered(folder)], look: null }
  if (doubt !== null) return { examined: [failed(folder, doubt.fields)], look: null }
  const look = new FolderLook({ name: 'doctor', folder, pattern, startAt: 'beginning' })
  const startedMs = performance.now()
  await within(look.look(0))
  const ms = Math.round(performance.now() - startedMs)
  const { logs, reason, unmeasured } = look.seen
  if (reason !== null) return { examined: [failed(folder, { error: reason })], look: null }
  if (logs.length + unmeasured === 0) {
    return ms < limitMs
      ? { examined: [await withoutLogs(source)], look }
      : { examined: [unanswered(folder)], look: null }
  }
  const listed = `${counted(logs.length + unmeasured, 'log')} seen in ${ms} ms`
  const files = await within(examineFiles(logs))
  const found = await within(examineNewest(look, source, now()))
  return {
    examined: [
      ms > slowMs ? warning('folder', listed, slowRemedy) : ok('folder', listed),
      ...(files ?? [unanswered(folder)]),
      ...(found ?? [unanswered(folder)]),
    ],
    look,
  }
}

const slowRemedy =
  'records may come late: see what is between here and its server, and how many old files lie in the folder'

/** Undefined when it does not come in time. */
async function within<T>(work: Promise<T>): Promise<T | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([work, pause(limitMs, undefined, { signal: over.signal })])
  } finally {
    over.abort()
  }
}

function unanswered(folder: string): Examined {
  return failure('folder', `${folder} has not answered for ${limitMs / 1000} s`, remedyFor('ETIMEDOUT'))
}

function failed(folder: string, { error, remedy }: Readonly<Record<string, unknown>>): Examined {
  const said = error === undefined ? 'is a path of Windows, and this machine has no such paths' : `${error}`
  const code = /^([A-Z]+)\b/.exec(said)?.[1]
  const message = said.includes(folder) ? said : `${folder}: ${said}`
  return failure('folder', message, remedy === undefined ? remedyFor(code) : `${remedy}`)
}

async function withoutLogs({ folder, pattern }: ExaminedSource): Promise<Examined> {
  const names = (await within(lanes.of(folder).call(() => readNames(folder))).catch(() => [])) ?? []
  const others =
    names.length === 0
      ? 'it is empty'
      : `it holds ${counted(names.length, 'other file')}, such as ${names[0]}`
  return warning(
    'folder',
    `no file in ${folder} matches ${pattern}: ${others}`,
    'see that this is the folder that Get-TransportService shows as MessageTrackingLogPath, or set the pattern',
  )
}

/** Whether the newest logs, and the oldest one, may be read. */
async function examineFiles(logs: readonly SeenLog[]): Promise<readonly Examined[]> {
  const newestFirst = logs.toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)
  const chosen = [...new Set([...newestFirst.slice(0, mostOpened), ...newestFirst.slice(-1)])]
  const refused: { readonly path: string; readonly error: NodeJS.ErrnoException }[] = []
  const startedMs = performance.now()
  for (const { path } of chosen) {
    try {
      await headOf(path)
    } catch (error) {
      refused.push({ path, error: error as NodeJS.ErrnoException })
    }
  }
  const [first] = refused
  if (first !== undefined) {
    const { path, error } = first
    const message = error.message.includes(path) ? error.message : `${path}: ${error.message}`
    const of = `${refused.length} of ${counted(chosen.length, 'log')} can't be read`
    return [failure('rights', `${of}: ${message}`, remedyFor(error.code))]
  }
  const ms = Math.round((performance.now() - startedMs) / Math.max(1, chosen.length))
  const text = `${counted(chosen.length, 'log')} can be read, in ${ms} ms each`
  return [ms > slowMs ? warning('rights', text, slowRemedy) : ok('rights', text)]
}

async function headOf(path: string): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  const input = await FileInput.open(path)
  try {
    const bytes = Buffer.alloc(headBytes)
    const length = await input.read(bytes, 0)
    return { bytes: bytes.subarray(0, length), isCut: length === headBytes }
  } finally {
    await input.close()
  }
}

async function examineNewest(
  look: FolderLook,
  { correctSeconds = 0 }: ExaminedSource,
  nowMs: number,
): Promise<readonly Examined[]> {
  const newest = look.seen.logs.toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)[0]
  if (newest === undefined) return []
  const { name, path, modifiedAtMs } = newest
  const examined: Examined[] = []
  const head = await headOf(path).catch(() => null)
  // What is said of its rights is enough.
  if (head === null) return []
  examined.push(examineHead(name, head))
  const record = await look.newestRecord().catch(() => null)
  if (record === null) {
    const remedy = 'look into it: a log of Exchange has a record in its last kilobytes, once it has any'
    return [...examined, warning('newest', `no record was found at the end of ${name}`, remedy)]
  }
  const atMs = record.atMs + correctSeconds * 1000
  const by = record.server === null ? '' : ` by ${record.server}`
  const age = `newest record${by} ${new Date(record.atMs).toISOString()}`
  const ageMs = nowMs - atMs
  examined.push(
    ageMs > silentMs
      ? warning(
          'newest',
          `${age}, ${duration(ageMs / 1000)} ago`,
          'see that the server still writes into this folder, and that message tracking is on there; a quiet copy of logs is none to follow',
        )
      : ok('newest', `${age}, ${ageMs < 0 ? 'just now' : `${duration(ageMs / 1000)} ago`}`),
    examineClock({ ageMs, fileAgeMs: nowMs - modifiedAtMs, correctSeconds }),
  )
  return examined
}

/** That a record is old means nothing; that it, or its file, is of the future shows a clock that is wrong. */
function examineClock(ages: {
  readonly ageMs: number
  readonly fileAgeMs: number
  readonly correctSeconds: number
}): Examined {
  const { ageMs, fileAgeMs, correctSeconds } = ages
  const corrected = correctSeconds === 0 ? '' : `, with ${correctSeconds} s added`
  if (ageMs < -aheadMs) {
    return warning(
      'clock',
      `the newest record lies ${duration(-ageMs / 1000)} in the future${corrected}`,
      'set the clock of the server right, or of this machine; correctSeconds of the source corrects times',
    )
  }
  if (fileAgeMs < -aheadMs) {
    return warning(
      'clock',
      `the newest log was changed ${duration(-fileAgeMs / 1000)} in the future, says the server of the folder`,
      'set the clock of that server right, or of this machine',
    )
  }
  return ok('clock', `neither records nor files lie in the future${corrected}`)
}

function examineHead(
  name: string,
  { bytes, isCut }: { readonly bytes: Buffer; readonly isCut: boolean },
): Examined {
  const head = parseHead(bytes, isCut)
  if (head === null) return ok('header', `${name} is just being begun`)
  if (head.refusal !== null) return failure('header', `${name}: ${head.refusal.message}`, head.refusal.remedy)
  const { layout } = parseHeader(bytes.subarray(0, headerLinesEnd(bytes)))
  if (layout === null) {
    return warning(
      'header',
      `${name} has no #Fields line: its columns are told by their number`,
      'see what takes the header away: logs as Exchange writes them have one',
    )
  }
  const version = layout.version === '' ? 'without a version' : `version ${layout.version}`
  return ok('header', `${name}: ${version}, ${counted(layout.columns.length, 'column')}`)
}
