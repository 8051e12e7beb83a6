/**
 * One round of the soak: two servers write numbered records, the program delivers them, and one fault after
 * the other befalls it and its receiver. Then, when the program has said that all is delivered, everything
 * that the receiver wrote is held against what `convert` makes of the logs.
 */
import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { Random } from '../../src/simulate/random.ts'
import { writeCertificates } from '../peers/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { KillableReceiver, type Mark } from '../support/killable-receiver.ts'
import type { Workplace } from '../support/program.ts'
import { Relay } from '../support/relay.ts'
import { deck, faults, possibleFaults } from './soak-faults.ts'
import { SoakLogs } from './soak-logs.ts'
import { findMails } from './soak-mails.ts'
import { type Findings, Oracle, type Tally } from './soak-oracle.ts'
import { Shipper } from './soak-shipper.ts'
import { positionsIn } from './soak-state.ts'

/** Within this time after the last fault all must be delivered: the longest pause of the program is 30 s. */
const livenessMs = 90_000
/** Mails are closed a minute after their last row. */
const mailSettings = { quietMinutes: 1, openMinutes: 2, maxMegabytes: 1 }
const mailLivenessMs = 240_000
/** Longer than a receiver stands still before it dies. */
const relayedMs = 10_000
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
  /** Names of the faults to try; all that are possible by default. */
  readonly faults?: readonly string[] | undefined
  /** Whether a relay stands before the receiver, as the configuration says then. */
  readonly relay?: boolean
  /** Of all rows of a mail one record is made; no log is deleted then. */
  readonly mails?: boolean
  /** A command that starts what takes part, such as `ip netns exec NAME`. */
  readonly through?: readonly string[]
}

/** What was found, and what each fault that was tried may have caused. */
export interface Round extends Findings {
  /** Tallies by name of the fault, one for each time it was tried. */
  readonly faults: ReadonlyMap<string, readonly Tally[]>
  /** Frames that were cut off with their connection. */
  readonly cut: number
  /** Cut-off frames that are not the beginning of any. */
  readonly wrongCuts: number
  /** Lines that are no record, and stand in no dead letter. */
  readonly missingLetters: number
  /** From the last fault to everything being delivered; infinite when that did not happen in time. */
  readonly settledMs: number
}

export async function playRound(options: RoundOptions): Promise<Round> {
  const {
    place,
    seed,
    protocol,
    faultMs,
    rowsPerSecond,
    confirm = 'close',
    through = [],
    mails = false,
  } = options
  const random = new Random(`${seed} ${protocol} soak`)
  const port = await freePort()
  const tls = protocol === 'tls' ? await writeCertificates(place) : undefined
  await mkdir(place.path('received'))
  const receiver = new KillableReceiver({ folder: place.path('received'), port, tls: tls?.peer, through })
  await receiver.start()
  const relay = options.relay ? await Relay.open(port) : undefined
  const countsByTime = relay !== undefined && protocol === 'tcp'
  // Many turns in a short time; a stall is given up or sat out.
  const turns = {
    turnAfterMs: random.pick([200, 1000, 5000]),
    turnAfterBytes: random.pick([65_536, 1024 ** 2, 8 * 1024 ** 2]),
  }
  const destination = {
    ...{ name: 'siem', to: `${protocol}://127.0.0.1:${relay?.port ?? port}`, maxMessageBytes: 1024 ** 2 },
    // The goodbye of TLS passes through a relay; a TCP connection proves nothing, and counts by time.
    ...(countsByTime ? { relay: true, confirmAfterMs: relayedMs } : { confirm }),
    ...(!countsByTime && confirm === 'close' && turns),
    stallTimeoutMs: random.pick([1500, 4000, 60_000]),
    ...(tls && { tls: tls.program }),
    ...(mails && { records: 'mail', mails: mailSettings }),
  }
  let shipper: Shipper
  const logs = await SoakLogs.open(place, random, () => shipper)
  const own = { file: 'own.log', level: 'debug' }
  const config = { state: 'state', sources: logs.sources, destinations: [destination], log: own }
  await place.write('msgtrk.yaml', stringify(config))

  const writing = new AbortController()
  logs.write({ seed, rowsPerSecond, signal: writing.signal, isTimely: mails })
  shipper = new Shipper(place, { ...logs.startOptions, through })
  const tallies = new Map<string, Tally[]>()
  const marks: { at: Mark; tally: Tally }[] = []
  try {
    const possible = mails ? possibleFaults.filter((name) => !name.startsWith('log deleted')) : possibleFaults
    const names = deck(random, options.faults ?? possible)
    const endsAt = performance.now() + faultMs
    while (performance.now() < endsAt) {
      // Mostly it has recovered from the last one.
      if (random.chance(0.8)) await somethingCame(receiver)
      await delay(random.chance(0.7) ? random.integer(100, 1000) : random.integer(1500, 4000))
      const name = names.next().value
      const tally: Tally = { lost: 0, repeated: 0 }
      tallies.set(name, [...(tallies.get(name) ?? []), tally])
      marks.push({ at: await receiver.mark(), tally })
      await faults[name]?.({ shipper, receiver, random, logs })
      shipper.check()
    }
    writing.abort()
    await logs.written()
    const since = performance.now()
    const sizes = await logs.sizes()
    const isSettled = () => [...sizes].every(([path, size]) => positionsIn(place).get(path) === size)
    const limitMs = mails ? mailLivenessMs : livenessMs
    while (!isSettled() && performance.now() - since < limitMs) await delay(50)
    const settledMs = isSettled() ? performance.now() - since : Number.POSITIVE_INFINITY
    shipper.check()
    // What stands in the files now is all that counts: the program has said that nothing is left to do.
    await receiver.kill()
    await shipper.stop('SIGKILL')
    const found = mails ? await examineMails(logs, receiver) : await examine(logs, receiver, marks)
    return { ...found, faults: tallies, settledMs }
  } finally {
    relay?.close()
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

async function examine(
  logs: SoakLogs,
  receiver: KillableReceiver,
  marks: readonly { readonly at: Mark; readonly tally: Tally }[],
): Promise<Omit<Round, 'faults' | 'settledMs'>> {
  const oracle = new Oracle(await logs.expected())
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
  const letters = await logs.missingLetters()
  return { ...oracle.findings(), cut: cuts.length, wrongCuts, missingLetters: letters.length }
}

async function examineMails(
  logs: SoakLogs,
  receiver: KillableReceiver,
): Promise<Omit<Round, 'faults' | 'settledMs'>> {
  const rows = (await logs.expected()).flatMap(({ frames }) => frames)
  const records: string[] = []
  for await (const frames of receiver.lives()) for (const frame of frames) records.push(frame)
  const [cuts, letters] = [await receiver.cuts(), await logs.missingLetters()]
  return { ...findMails(rows, records), cut: cuts.length, wrongCuts: 0, missingLetters: letters.length }
}

function isBefore(mark: Mark, life: number, bytes: number): boolean {
  return mark.life < life || (mark.life === life && mark.bytes <= bytes)
}
