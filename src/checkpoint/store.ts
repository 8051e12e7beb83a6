/**
 * Positions in a file: JSON with one position a line,
 *
 *   {"version":1,"positions":[
 *   {"file":"ex01/MSGTRK2026112014-1.LOG/2026-11-20T14:00:00.010Z","offset":104857,"header":0}
 *   ]}
 *
 * That of a destination of mails may say more of what is settled (mails/places.ts), and its file is of version 2. Where the
 * destination keeps positions itself, the file is a copy of them, and says of which: "copyOf", behind the version. The file is
 * replaced as a whole through a temporary file, so that after a crash it is either the old one or the new.
 * A checkpoint that can't be read is never taken for an empty one: that would send everything again.
 */
import { open, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { Position, Positions } from '../flow/chunk.ts'
import type { Checkpoint } from '../flow/delivery.ts'
import { withPatience } from '../lock/patience.ts'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { type Renamed, underNewNames } from './former-names.ts'

/** Formats of the file; it is raised when an older msgtrk could misread a new file. The first holds no mails. */
const withoutMails = 1
export const VERSION = 2
/** So many are written at a time. */
const partPositions = 1_000

const offset = z.int().min(0)
/** One position as it stands in the file, on a line of its own. */
export const entrySchema = z
  .strictObject({
    file: z.string().min(1),
    offset,
    header: z.union([offset, z.literal(-1)]),
    mails: z.strictObject({ taken: offset, letters: offset, open: z.base64() }).optional(),
  })
  .refine(({ offset, header }) => header <= offset, {
    path: ['header'],
    error: 'is behind the offset, where no header in force can stand',
  })
const contentsSchema = z.strictObject({
  version: z.literal([withoutMails, VERSION]),
  copyOf: z.string().optional(),
  positions: z.array(entrySchema),
})
const versionSchema = z.looseObject({ version: z.int() })

/** Where the positions of a destination are kept in the folder `state`. */
export function checkpointPath(state: string, destination: string): string {
  return join(state, destination, 'positions.json')
}

/**
 * The checkpoint in the file `path`. `load` gives no positions when there is no file and rejects with a
 * `ProblemsError` when there is one that can't be read; `save` rejects with the error of the disk. `sources`: those that
 * may have been called otherwise when it was saved. `copyOf`: what keeps the positions themselves, if something does; else what
 * is saved is nobody's copy.
 */
export function createCheckpoint(
  path: string,
  sources: readonly Renamed[] = [],
  copyOf?: string,
): Required<Checkpoint> {
  const present = (positions: Positions) => underNewNames(positions, sources)
  return {
    load: async () => present((await load(path))?.positions ?? new Map()),
    async isCopy() {
      const saved = await load(path)
      return saved === null ? null : copyOf !== undefined && saved.copyOf === copyOf
    },
    underNewNames: present,
    save: (positions) => save(path, positions, copyOf),
  }
}

/** What stands in a checkpoint. */
interface Saved {
  readonly positions: Positions
  readonly copyOf: string | undefined
}

async function load(path: string): Promise<Saved | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unreadable(
      path,
      `the checkpoint can not be read (${message})`,
      'Give the user of msgtrk the right to read and write it.',
    )
  }
  return parse(path, text)
}

function parse(path: string, text: string): Saved {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(path, 'it is not JSON')
  }
  const version = versionSchema.safeParse(value).data?.version
  if (version !== undefined && version > VERSION) {
    throw unreadable(
      path,
      `the checkpoint was written by a newer msgtrk (version ${version}, this one reads ${VERSION})`,
      `Install that version of msgtrk again. Or run ${repairCommand(path)}, which puts the file aside: ` +
        'all logs are then delivered again from their beginning.',
    )
  }
  const contents = contentsSchema.safeParse(value)
  if (!contents.success) {
    const { path: place, message } = contents.error.issues[0]!
    throw damaged(path, `${place.join('.')}: ${message}`)
  }
  const positions = new Map<string, Position>()
  for (const { file, offset, header, mails } of contents.data.positions) {
    if (positions.has(file)) throw damaged(path, `${file} is in it twice`)
    positions.set(file, { fileId: file, offset, header, ...(mails !== undefined && { mails }) })
  }
  return { positions, copyOf: contents.data.copyOf }
}

async function save(path: string, positions: Positions, copyOf: string | undefined): Promise<void> {
  try {
    await write(path, positions, copyOf)
  } catch (error) {
    const { message } = error as Error
    // "No space left on device" is of little use to who does not know which.
    throw message.includes(path) ? error : new Error(`${path}: ${message}`, { cause: error })
  }
}

async function write(path: string, positions: Positions, copyOf: string | undefined): Promise<void> {
  const all = [...positions.values()]
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await writeFile(file, textOf(all, copyOf))
    await file.sync()
  } finally {
    await file.close()
  }
  await withPatience(() => rename(temporary, path))
  await syncFolder(dirname(path))
}

/** What stands in the file, part by part: there may be hundreds of thousands of positions, and others wait for their turn. */
function* textOf(all: readonly Position[], copyOf: string | undefined): Generator<string> {
  const version = all.some(({ mails }) => mails !== undefined) ? VERSION : withoutMails
  const mark = copyOf === undefined ? '' : `"copyOf":${JSON.stringify(copyOf)},`
  yield `{"version":${version},${mark}"positions":[\n`
  for (let at = 0; at < all.length; at += partPositions) {
    const lines = all
      .slice(at, at + partPositions)
      .map(lineOf)
      .join(',\n')
    yield at === 0 ? lines : `,\n${lines}`
  }
  yield '\n]}\n'
}

function lineOf({ fileId, offset, header, mails }: Position): string {
  return JSON.stringify({ file: fileId, offset, header, mails })
}

/** Puts the new name on disk. Windows can't open a folder and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function damaged(path: string, detail: string): ProblemsError {
  return unreadable(
    path,
    `the checkpoint is damaged: ${detail}`,
    `Run ${repairCommand(path)}: it keeps each position that can be read, and puts the damaged file aside; ` +
      'the other logs are delivered again from their beginning. Or restore the file from a backup.',
  )
}

/** The path of the file says which state folder and destination it belongs to. */
function repairCommand(path: string): string {
  const folder = dirname(path)
  const quoted = (text: string) => (/[\s'&;()$]/.test(text) ? `"${text}"` : text)
  return `\`msgtrk state reset --state ${quoted(dirname(folder))} --destination ${quoted(basename(folder))}\``
}

function unreadable(path: string, message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where: { file: path }, message, remedy }], ExitCode.state)
}
