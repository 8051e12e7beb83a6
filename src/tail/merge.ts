/** Merges sequences in turn: what is ready is passed on round robin, and what is slow holds up nobody. */

interface Slot<T> {
  readonly items: AsyncGenerator<T>
  state: 'idle' | 'asked' | 'ready' | 'done' | 'failed'
  value: T | undefined
  error: unknown
  /** Of the last item that was passed on, and when the next one was asked for. */
  rank: number
  askedAtMs: number
}

/** Which of several goes first. */
interface Order<T> {
  /** The lowest does; NaN where an item has no place among them. */
  readonly rankOf: (item: T) => number
  /** One whose last item was lower than what the others have is waited for, so long at most. */
  readonly patienceMs: number
}

// A generator that hangs in a read of a dead share can't be ended; it must not hold up the end of the rest.
const endMs = 1_000

/**
 * Items of all `sequences` until all have ended or `signal` aborts. An item stays untouched until the next
 * one is asked for; only then its sequence is asked again. Rejects when a sequence does. `order`: in place of turns.
 */
export async function* mergeInTurn<T>(
  sequences: readonly AsyncGenerator<T>[],
  signal: AbortSignal,
  order?: Order<T>,
): AsyncGenerator<T> {
  const slots = sequences.map(
    (items): Slot<T> => ({
      items,
      state: 'idle',
      value: undefined,
      error: null,
      rank: Number.NEGATIVE_INFINITY,
      askedAtMs: 0,
    }),
  )
  let wake = (): void => {}
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  try {
    for (let turn = 0; ; ) {
      for (const slot of slots) if (slot.state === 'idle') ask(slot, () => wake())
      if (signal.aborted || slots.every((slot) => slot.state === 'done')) return
      const { index, waitMs } = order === undefined ? nextReady(slots, turn) : lowest(slots, order)
      const slot = slots[index]
      if (slot === undefined) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          wake = resolve
          if (waitMs !== undefined) timer = setTimeout(resolve, waitMs)
        })
        clearTimeout(timer)
        continue
      }
      if (slot.state === 'failed') throw slot.error
      const value = slot.value as T
      slot.value = undefined
      if (order !== undefined) slot.rank = rankAfter(slot.rank, order.rankOf(value))
      turn = index + 1
      yield value
      slot.state = 'idle'
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    await endAll(slots.map((slot) => slot.items))
  }
}

function ask<T>(slot: Slot<T>, wake: () => void): void {
  slot.state = 'asked'
  slot.askedAtMs = performance.now()
  slot.items.next().then(
    (result) => {
      slot.state = result.done ? 'done' : 'ready'
      slot.value = result.done ? undefined : result.value
      wake()
    },
    (error: unknown) => {
      slot.state = 'failed'
      slot.error = error
      wake()
    },
  )
}

function rankAfter(before: number, rank: number): number {
  return Number.isNaN(rank) ? before : rank
}

/** Which slot has its turn; -1 for none, for so long at most. */
interface Turn {
  readonly index: number
  readonly waitMs?: number
}

/** The first slot that has something, from `turn` on and around. */
function nextReady<T>(slots: readonly Slot<T>[], turn: number): Turn {
  for (let i = 0; i < slots.length; i++) {
    const index = (turn + i) % slots.length
    const state = slots[index]?.state
    if (state === 'ready' || state === 'failed') return { index }
  }
  return { index: -1 }
}

/** The slot that has the lowest item, once no other one may soon have a lower one. */
function lowest<T>(slots: readonly Slot<T>[], { rankOf, patienceMs }: Order<T>): Turn {
  let index = slots.findIndex(({ state }) => state === 'failed')
  if (index >= 0) return { index }
  let least = Number.POSITIVE_INFINITY
  for (const [at, { state, value }] of slots.entries()) {
    if (state !== 'ready') continue
    const rank = rankOf(value as T)
    // What has no place goes at once.
    if (Number.isNaN(rank)) return { index: at }
    if (rank < least || index < 0) [index, least] = [at, rank]
  }
  if (index < 0) return { index }
  const nowMs = performance.now()
  const waits = slots.flatMap(({ state, rank, askedAtMs }) => {
    const waitMs = askedAtMs + patienceMs - nowMs
    return state === 'asked' && rank < least && waitMs > 0 ? [waitMs] : []
  })
  return waits.length === 0 ? { index } : { index: -1, waitMs: Math.max(...waits) }
}

async function endAll(sequences: readonly AsyncGenerator<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const isLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endMs)
  })
  const isEnded = Promise.allSettled(sequences.map((each) => each.return(undefined)))
  await Promise.race([isEnded, isLate])
  clearTimeout(timer)
}
