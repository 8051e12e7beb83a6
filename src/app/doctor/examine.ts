/**
 * Tries all that a configuration depends on: `msgtrk check --live`. It works beside a running instance: it takes no lock,
 * binds no port, saves no position, and sends nothing unless it is asked for a test event.
 */
import { dirname } from 'node:path'
import { checkpointPath, createCheckpoint } from '../../checkpoint/store.ts'
import type { Config, DestinationConfig, FolderConfig, SourceConfig } from '../../config/schema.ts'
import { examineReceivers } from '../../destinations/examine.ts'
import { examineDisk } from '../../doctor/disk.ts'
import { type ExaminedFolder, examineFolder } from '../../doctor/folder.ts'
import { examineReaders, examineReadersOfState } from '../../doctor/readers.ts'
import type { Positions } from '../../flow/chunk.ts'
import { positionsBySource } from '../../flow/file-id.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { examineCertificate, ownCertificate } from '../../network/certificates.ts'
import { examineSource, isFolder, placeOfSource } from '../../sources/options.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'
import { backlogLine, backlogOnDisk, backlogToldBy } from './backlog.ts'
import { askInstance, examineInstance } from './instance.ts'
import { sendTestEvent } from './test-event.ts'

/** A part of the configuration, and what was seen of it. */
export interface ExaminedPart {
  readonly about: 'instance' | 'log' | 'http' | 'secret' | 'source' | 'destination'
  /** Of the source or the destination. */
  readonly name: string
  /** Where it is: a folder, a file, an address. */
  readonly at: string
  readonly examined: readonly Examined[]
}

export interface DoctorOptions {
  readonly signal: AbortSignal
  readonly sendTestEvent?: boolean
  /** How long receivers are listened to that are sent nothing; for tests. */
  readonly listenMs?: number
}

/** All parts, in the order in which they are to be told; they are tried at the same time. None rejects. */
export function examine(config: Config, options: DoctorOptions): readonly Promise<ExaminedPart>[] {
  const status = askInstance(config.state)
  const folders = new Map(
    config.sources.filter(isFolder).map((source) => [source.name, examineFolder(source)]),
  )
  return [
    instancePart(config, status),
    ...(config.log.file === undefined ? [] : [logPart(config.log.file)]),
    ...(config.http?.tls === undefined ? [] : [httpPart(config.http.listen, config.http.tls.cert)]),
    ...secretParts(config),
    ...config.sources.map(async (source): Promise<ExaminedPart> => {
      if (!isFolder(source)) return topicPart(config, source)
      const { examined } = (await folders.get(source.name)) as ExaminedFolder
      return { about: 'source', name: source.name, at: source.folder, examined }
    }),
    ...config.destinations.flatMap((settings) => {
      const [first, ...others] = receiverParts(config, settings, options)
      return first === undefined
        ? []
        : [withPositions(first, positionLines(config, settings, { status, folders })), ...others]
    }),
  ]
}

async function topicPart({ destinations }: Config, source: SourceConfig): Promise<ExaminedPart> {
  const names = destinations.map(({ name }) => name)
  const examined = await examineSource(source, names).catch(wentWrong)
  return { about: 'source', name: source.name, at: placeOfSource(source), examined }
}

async function instancePart(
  { state }: Config,
  status: Promise<InstanceStatus | ProblemsError>,
): Promise<ExaminedPart> {
  const [disk, readers] = await Promise.all([
    examineDisk(state, { needsLocal: true }).catch(wentWrong),
    examineReadersOfState(state).catch(wentWrong),
  ])
  return {
    about: 'instance',
    name: 'state',
    at: state,
    examined: [...disk, ...readers, ...examineInstance(await status)],
  }
}

/** Files that hold secrets, each once, whatever settings it is for. */
function secretParts({ secretFiles }: Config): readonly Promise<ExaminedPart>[] {
  return [...new Set(secretFiles.map(({ file }) => file))].map(async (file): Promise<ExaminedPart> => {
    const examined = await examineReaders(file).catch(wentWrong)
    return { about: 'secret', name: 'secret', at: file, examined }
  })
}

async function logPart(file: string): Promise<ExaminedPart> {
  const examined = await examineDisk(dirname(file), { needsLocal: false }).catch(wentWrong)
  return { about: 'log', name: 'log', at: file, examined }
}

/** Of what is told over HTTP only the certificate can be looked at without binding its port. */
async function httpPart(listen: string, cert: string): Promise<ExaminedPart> {
  const examined = ownCertificate(cert).map((one) => examineCertificate(one, Date.now()))
  return { about: 'http', name: 'http', at: listen, examined }
}

function receiverParts(
  config: Config,
  settings: DestinationConfig,
  { signal, sendTestEvent: isAsked = false, listenMs }: DoctorOptions,
): readonly Promise<ExaminedPart>[] {
  return examineReceivers(settings, signal, listenMs).map(async (receiver): Promise<ExaminedPart> => {
    const { to, examined } = await receiver
    const test = isAsked && !isGone(examined) ? [await sendTestEvent(config, settings, to, signal)] : []
    return { about: 'destination', name: settings.name, at: to, examined: [...examined, ...test] }
  })
}

/** An event would only wait for what is known. */
function isGone(examined: readonly Examined[]): boolean {
  return examined.some(({ verdict, part }) => verdict === 'failure' && part !== 'end')
}

async function withPositions(
  part: Promise<ExaminedPart>,
  lines: Promise<readonly Examined[]>,
): Promise<ExaminedPart> {
  const { examined, ...others } = await part
  return { ...others, examined: [...examined, ...(await lines)] }
}

/** How far it is behind with each source, and whether Exchange deletes that soon. */
async function positionLines(
  { state, sources }: Config,
  { name }: DestinationConfig,
  seen: {
    readonly status: Promise<InstanceStatus | ProblemsError>
    readonly folders: ReadonlyMap<string, Promise<ExaminedFolder>>
  },
): Promise<readonly Examined[]> {
  const status = await seen.status
  const running = status instanceof ProblemsError ? undefined : backlogToldBy(status, name)
  if (running !== undefined) return running.map(backlogLine)
  let positions: Positions
  try {
    positions = await createCheckpoint(checkpointPath(state, name), sources).load()
  } catch (error) {
    if (!(error instanceof ProblemsError)) return wentWrong(error)
    return error.problems.map(({ message, remedy }) => failure('positions', message, remedy))
  }
  const ownOf = positionsBySource(positions)
  const lines = sources.filter(isFolder).map((source) => lineOf(source, ownOf(source.name), seen.folders))
  return (await Promise.all(lines)).flat()
}

async function lineOf(
  source: FolderConfig,
  positions: Positions,
  folders: ReadonlyMap<string, Promise<ExaminedFolder>>,
): Promise<readonly Examined[]> {
  const look = (await folders.get(source.name))?.look ?? null
  if (look === null) {
    const remedy = 'see what is said of the source'
    return [warning('backlog', `${source.name}: not known, since its folder can't be read`, remedy)]
  }
  const behind = await backlogOnDisk(source, positions, look)
  return [
    behind === null
      ? ok('backlog', `${source.name}: nothing was delivered yet; begins at the end of what is there`)
      : backlogLine(behind),
  ]
}

function wentWrong(error: unknown): readonly Examined[] {
  return [failure('folder', error instanceof Error ? error.message : String(error))]
}
