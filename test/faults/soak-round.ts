/**
 * One round of the soak: two servers write numbered records, the program delivers them, and one fault after
 * the other befalls it and its receiver. Then, when the program has said that all is delivered, everything
 * that the receiver wrote is held against what `convert` makes of the logs.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { Random } from '../../src/simulate/random.ts'
import { writeCertificates } from '../peers/certificates.ts'
import { freePort } from '../peers/ports.ts'
import { KillableReceiver, type Mark } from '../support/killable-receiver.ts'
import type { Program, Workplace } from '../support/program.ts'
import { deck, faults, type Shipper } from './soak-faults.ts'
import { type Findings, Oracle, type Tally } from './soak-oracle.ts'
import { writeNumbered } from './soak-writer.ts'

const servers = ['EX01', 'EX02']
/** Within this time after the last fault all must be delivered: the longest pause of the program is 30 s. */
const livenessMs = 90_000
/** How long the next fault waits for the program to deliver again. */
const recoveryMs = 5000

export interface RoundOptions {
  readonly place: Workplace
  readonly seed: number
  readonly protocol: 'tcp' | 'tls'
  /** How long faults happen. */
  readonly faultMs: number
  readonly rowsPerSecond: number
  /** `write` is a control: it must lose. */
  readonly confirm?: 'close' | 'write'
}

/** What was found, and what each fault that was tried may have caused. */
export interface Round extends Findings {
  /** Tallies by name of the fault, one for each time it was tried. */
  readonly faults: ReadonlyMap<string, readonly Tally[]>
  /** Frames that were cut off with their connection. */
  readonly cut: number
  /** Cut-off frames that are not the beginning of any. */
  readonly wrongCuts: number
  /** From the last fault to everything being delivered; infinite when that did not happen in time. */
  readonly settledMs: number
}

export async function playRound(options: RoundOptions): Promise<Round> {
  const { place, seed, protocol, faultMs, rowsPerSecond, confirm = 'close' } = options
  const random = new Random(`${seed} ${protocol} soak`)
  const port = await freePort()
  const tls = protocol === 'tls' ? await writeCertificates(place) : undefined
  await mkdir(place.path('received'))
  const receiver = new KillableReceiver({ folder: place.path('received'), port, tls: tls?.peer })
  await receiver.start()
  const destination = {
    ...{ name: 'siem', to: `${protocol}://127.0.0.1:${port}`, maxMessageBytes: 1024 ** 2, confirm },
    // Many turns in a short time; a stall is given up or sat out.
    turnAfterMs: random.pick([200, 1000, 5000]),
    turnAfterBytes: random.pick([65_536, 1024 ** 2, 8 * 1024 ** 2]),
    stallTimeoutMs: random.pick([1500, 4000, 60_000]),
    ...(tls && { tls: tls.program }),
  }
  const sources = servers.map((name) => ({ name, folder: name }))
  for (const { folder } of sources) await mkdir(place.path(folder))
  await place.write('msgtrk.yaml', stringify({ state: 'state', sources, destinations: [destination] }))

  const writing = new AbortController()
  const written = servers.map((server) => {
    const share = { seed, server, rowsPerSecond: rowsPerSecond / servers.length }
    return writeNumbered({ ...share, folder: place.path(server), signal: writing.signal })
  })
  const shipper = new Restartable(place)
  const tallies = new Map<string, Tally[]>()
  const marks: { at: Mark; tally: Tally }[] = []
  try {
    const names = deck(random)
    const endsAt = performance.now() + faultMs
    while (performance.now() < endsAt) {
      // Mostly it has recovered from the last one.
      if (random.chance(0.8)) await somethingCame(receiver)
      await delay(random.chance(0.7) ? random.integer(100, 1000) : random.integer(1500, 4000))
      const name = names.next().value
      const tally: Tally = { lost: 0, repeated: 0 }
      tallies.set(name, [...(tallies.get(name) ?? []), tally])
      marks.push({ at: await receiver.mark(), tally })
      await faults[name]?.({ shipper, receiver, random })
      shipper.check()
    }
    writing.abort()
    await Promise.all(written)
    const since = performance.now()
    while (!isSettled(place) && performance.now() - since < livenessMs) await delay(50)
    const settledMs = isSettled(place) ? performance.now() - since : Number.POSITIVE_INFINITY
    shipper.check()
    // What stands in the files now is all that counts: the program has said that nothing is left to do.
    await receiver.kill()
    await shipper.stop('SIGKILL')
    return { ...(await examine(place, receiver, marks)), faults: tallies, settledMs }
  } finally {
    writing.abort()
    await receiver.kill()
    await shipper.stop('SIGKILL')
  }
}

/** Resolves when something is received from now on, or after some seconds in vain. */
async function somethingCame(receiver: KillableReceiver): Promise<void> {
  const before = await receiver.mark()
  const endsAt = performance.now() + recoveryMs
  while (performance.now() < endsAt && (await receiver.mark()).bytes === before.bytes) await delay(20)
}

/** The program under the same configuration, in one process after the other. */
class Restartable implements Shipper {
  readonly #place: Workplace
  #program: Program | undefined
  #endedByItself: string | undefined

  constructor(place: Workplace) {
    this.#place = place
    this.#start()
  }

  async restart(signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    await this.stop(signal)
    await delay(downMs)
    this.#start()
  }

  freeze(): void {
    this.#program?.child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#program?.child.kill('SIGCONT')
  }

  /** Throws when the program ended though nobody ended it. */
  check(): void {
    if (this.#endedByItself !== undefined) throw new Error(`the program ended:\n${this.#endedByItself}`)
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const program = this.#program
    this.#program = undefined
    await program?.stop(signal)
  }

  #start(): void {
    const program = this.#place.start('run', '--config', 'msgtrk.yaml')
    this.#program = program
    void program.ended.then(({ stderr }) => {
      if (this.#program === program) this.#endedByItself = stderr
    })
  }
}

/** Whether the saved positions are at the end of all files. */
function isSettled(place: Workplace): boolean {
  let saved: { positions: { file: string; offset: number }[] }
  try {
    saved = JSON.parse(readFileSync(place.path('state', 'siem', 'positions.json'), 'utf8'))
  } catch {
    return false
  }
  const offsets = new Map<string, number>()
  for (const { file, offset } of saved.positions) offsets.set(file.replace(/#.*$/, '').toLowerCase(), offset)
  return servers.every((server) =>
    readdirSync(place.path(server)).every(
      (name) => offsets.get(`${server}/${name}`.toLowerCase()) === statSync(place.path(server, name)).size,
    ),
  )
}

async function examine(
  place: Workplace,
  receiver: KillableReceiver,
  marks: readonly { readonly at: Mark; readonly tally: Tally }[],
): Promise<Omit<Round, 'faults' | 'settledMs'>> {
  const expected: (readonly string[])[] = []
  for (const server of servers) expected.push(...(await place.expectedFrames(server)).values())
  const oracle = new Oracle(expected)
  let life = 0
  let next = 0
  for await (const frames of receiver.lives()) {
    life++
    let bytes = 0
    for (const frame of frames) {
      for (let mark = marks[next]; mark && isBefore(mark.at, life, bytes); mark = marks[++next]) {
        oracle.began(mark.tally)
      }
      oracle.take(frame)
      bytes += frame.length + 1
    }
  }
  const cuts = await receiver.cuts()
  const wrongCuts = cuts.filter((cut) => !oracle.isBeginning(cut)).length
  return { ...oracle.findings(), cut: cuts.length, wrongCuts }
}

function isBefore(mark: Mark, life: number, bytes: number): boolean {
  return mark.life < life || (mark.life === life && mark.bytes <= bytes)
}
