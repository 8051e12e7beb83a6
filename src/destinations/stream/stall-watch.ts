/**
 * Whether a peer stands still: it takes nothing for so long. Node sees only that the kernel takes bytes from us: with
 * megabytes in its buffer that is once a third of them is free, for which a slow peer may need minutes. What it does take
 * meanwhile shows in the kernel's list, as fewer bytes that it has not acknowledged.
 */
import type { Socket } from 'node:net'
import { endsOf } from '../proof/ends.ts'
import { readTcpState } from '../proof/tcp-state.ts'

/** The list is looked at so often in the time that a peer may stand still, while something waits to be taken. */
const looks = 5

/** Watches one connection. */
export class StallWatch {
  readonly #tcp: Socket
  readonly #ends: ReturnType<typeof endsOf>
  readonly #timeoutMs: number
  #isWriting = false
  #isWaiting = false
  #tookAt = 0
  #unacknowledged: number | undefined
  #timer: NodeJS.Timeout | undefined

  /** `onStall` hears that a write has waited for `timeoutMs` during which the peer (`host:port`) took nothing. */
  constructor(tcp: Socket, peer: string, timeoutMs: number, onStall: (reason: string) => void) {
    this.#tcp = tcp
    this.#ends = endsOf(tcp)
    this.#timeoutMs = timeoutMs
    // Starts again whenever the kernel takes some bytes.
    tcp.on('timeout', async () => {
      if (await this.#isStalled()) onStall(`${peer} takes nothing any more (for ${timeoutMs / 1000} s)`)
    })
    tcp.on('close', () => clearInterval(this.#timer))
  }

  /** Bytes wait to be taken by the kernel. */
  writing(): void {
    this.#isWriting = true
    this.#tcp.setTimeout(this.#timeoutMs)
    this.#wait()
  }

  /** It took them. */
  written(): void {
    this.#isWriting = false
    this.#isWaiting = false
    this.#tcp.setTimeout(0)
  }

  /** The peer is to read to the end, and to say so. */
  ending(): void {
    this.#wait()
  }

  /** Milliseconds since the peer took something, or since it has been waited for; that alone where the kernel does not say. */
  async silentMs(): Promise<number> {
    await this.#look()
    return performance.now() - this.#tookAt
  }

  #wait(): void {
    this.#isWaiting = true
    this.#tookAt = performance.now()
    this.#unacknowledged = undefined
    // Left running between writes, which are many.
    if (!this.#tcp.destroyed) this.#timer ??= setInterval(() => this.#tick(), this.#timeoutMs / looks).unref()
  }

  #tick(): void {
    if (this.#isWaiting) {
      void this.#look()
      return
    }
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    if (this.#ends === undefined) return
    const found = await readTcpState(this.#ends)
    const now = 'unacknowledged' in found ? found.unacknowledged : undefined
    const before = this.#unacknowledged
    if (now !== undefined && before !== undefined && now < before) this.#tookAt = performance.now()
    this.#unacknowledged = now
  }

  /** After the timeout of the socket, which goes on when the peer did take something. */
  async #isStalled(): Promise<boolean> {
    const leftMs = this.#timeoutMs - (await this.silentMs())
    if (!this.#isWriting) return false
    if (leftMs > 0) this.#tcp.setTimeout(Math.ceil(leftMs))
    return leftMs <= 0
  }
}
