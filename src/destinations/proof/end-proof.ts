/**
 * Whether the peer acknowledged all of a connection that it ended cleanly, as the kernel's list says.
 *
 * A connection that is gone from the list was reset, or the system does not keep ended ones: with its table for
 * TIME_WAIT full (net.ipv4.tcp_max_tw_buckets) it drops them at once and counts that. From then on the list is asked
 * before our half-close: a peer that had acknowledged everything by then, and ends cleanly after it, has read it all, since
 * a close with bytes unread is a reset.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ends } from './ends.ts'
import { allAcknowledged, readTcpState } from './tcp-state.ts'

/** What is asked of the kernel. */
interface Kernel {
  readonly read: typeof readTcpState
  /** Ended connections that the system did not keep, since it started; undefined when it does not say. */
  readonly overflows: () => Promise<number | undefined>
}

/** What was learned of this system: all connections share it. */
interface Host {
  forgets: boolean
  overflows: number | undefined
}

/** Elsewhere nothing counts them. */
const system: Kernel = {
  read: readTcpState,
  overflows: process.platform === 'linux' ? readOverflows : async () => 0,
}
const thisHost: Host = { forgets: false, overflows: undefined }
const lastWaitMs = 250

/** Judges the end of one connection. */
export class EndProof {
  readonly #ends: Ends | undefined
  readonly #kernel: Kernel
  readonly #host: Host
  #hadAll = false

  /** `ends` is undefined for a connection that was gone before it could be asked for them. */
  constructor(ends: Ends | undefined, kernel = system, host = thisHost) {
    this.#ends = ends
    this.#kernel = kernel
    this.#host = host
  }

  /** Before our half-close. Undefined when nothing has to be waited for, which is nearly always. */
  before(): Promise<void> | undefined {
    return this.#host.forgets && this.#ends !== undefined ? this.#waitForAll(this.#ends) : undefined
  }

  /** After the peer's. `forgotten`: nothing can be known of this one, but of those that come. */
  async after(): Promise<'yes' | 'no' | 'unknown' | 'forgotten'> {
    if (this.#ends === undefined) return 'unknown'
    const answer = await allAcknowledged(this.#ends, this.#kernel.read)
    if (answer !== 'gone') return answer
    const before = this.#host.overflows ?? 0
    const overflows = await this.#kernel.overflows()
    this.#host.overflows = overflows
    if (overflows !== undefined && overflows <= before) return 'no'
    if (this.#hadAll) return 'yes'
    this.#host.forgets = true
    return 'forgotten'
  }

  async #waitForAll(ends: Ends): Promise<void> {
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, lastWaitMs)) {
      const found = await this.#kernel.read(ends)
      this.#hadAll = found.state === 'ESTABLISHED' && 'unacknowledged' in found && found.unacknowledged === 0
      if (this.#hadAll || found.state !== 'ESTABLISHED') return
      await pause(waitMs)
    }
  }
}

/** The kernel's counter of ended connections that it did not keep. */
async function readOverflows(): Promise<number | undefined> {
  try {
    return overflowsIn(await readFile('/proc/self/net/netstat', 'latin1'))
  } catch {
    return undefined
  }
}

/** Finds the counter in a text of the form of /proc/net/netstat: a line of names, then one of numbers. */
export function overflowsIn(netstat: string): number | undefined {
  const [names = [], numbers = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  const count = Number(numbers[names.indexOf('TCPTimeWaitOverflow')] ?? Number.NaN)
  return Number.isNaN(count) ? undefined : count
}
