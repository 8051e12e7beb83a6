/** What portions the inputs are made of. */
import { fileKind, kindBytes } from '../../formats/file-kind.ts'
import { FileInput } from '../../tail/bytes/byte-input.ts'
import { fileParts, type PartSizes } from '../../tail/bytes/file-parts.ts'
import type { Input } from '../inputs/find-inputs.ts'
import type { Portion } from './portion.ts'

/** An input, and what is known of it while its portions are converted. */
export class Log {
  readonly input: Input
  /** Its rest is converted otherwise: no more portions are wanted, */
  isLeft = false
  /** and those that there are are not used. */
  isDone = false
  /** The header block in force behind what was converted. */
  header = -1
  /** Open, for those who read parts of it. */
  readonly file: FileInput | null
  #portions = 0
  #isPlanned = false

  constructor(input: Input, file: FileInput | null = null) {
    this.input = input
    this.file = file
  }

  /** Another portion of it is made. */
  hold(): void {
    this.#portions++
  }

  /** One is read. */
  async release(): Promise<void> {
    this.#portions--
    await this.#close()
  }

  /** There are no more portions than were held. */
  async planned(): Promise<void> {
    this.#isPlanned = true
    await this.#close()
  }

  async #close(): Promise<void> {
    if (this.#isPlanned && this.#portions === 0) await this.file?.close()
  }
}

export interface Planned {
  readonly log: Log
  readonly portion: Portion
}

/** The portions in the order of the inputs, each made when it is asked for. A file that can't be opened is one. */
export async function* planPortions(inputs: readonly Input[], sizes: PartSizes): AsyncGenerator<Planned> {
  for (const input of inputs) {
    const isSmall = input.size < 2 * sizes.partBytes
    const file = isSmall ? null : await FileInput.open(input.path).catch(() => null)
    if (file === null) yield whole(input)
    else yield* parts(input, file, sizes)
  }
}

function whole(input: Input): Planned {
  return { log: new Log(input), portion: { path: input.path, part: null } }
}

async function* parts(input: Input, file: FileInput, sizes: PartSizes): AsyncGenerator<Planned> {
  const head = Buffer.alloc(kindBytes)
  const length = await file.read(head, 0).catch(() => 0)
  // A log as it stands, and not what is packed or is an export.
  if (fileKind(head.subarray(0, length)) !== null) {
    await file.close()
    yield whole(input)
    return
  }
  const log = new Log(input, file)
  for await (const part of fileParts(file, { size: input.size, head: head.subarray(0, length), sizes })) {
    if (log.isLeft || log.isDone) break
    log.hold()
    yield { log, portion: { path: input.path, part: { ...part, descriptor: file.descriptor } } }
  }
  await log.planned()
}
