/** Merges sequences in turn: what is ready is passed on round robin, and what is slow holds up nobody. */

interface Slot<T> {
  readonly items: AsyncGenerator<T>
  state: 'idle' | 'asked' | 'ready' | 'done' | 'failed'
  value: T | undefined
  error: unknown
}

// A generator that hangs in a read of a dead share can't be ended; it must not hold up the end of the rest.
const endMs = 1_000

/**
 * Items of all `sequences` until all have ended or `signal` aborts. An item stays untouched until the next
 * one is asked for; only then its sequence is asked again. Rejects when a sequence does.
 */
export async function* mergeInTurn<T>(
  sequences: readonly AsyncGenerator<T>[],
  signal: AbortSignal,
): AsyncGenerator<T> {
  const slots = sequences.map((items): Slot<T> => ({ items, state: 'idle', value: undefined, error: null }))
  let wake = (): void => {}
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  try {
    for (let turn = 0; ; ) {
      for (const slot of slots) if (slot.state === 'idle') ask(slot, () => wake())
      if (signal.aborted || slots.every((slot) => slot.state === 'done')) return
      const index = nextReady(slots, turn)
      const slot = slots[index]
      if (slot === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if (slot.state === 'failed') throw slot.error
      const value = slot.value as T
      slot.value = undefined
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

/** Index of the first slot that has something, from `turn` on and around; -1 without one. */
function nextReady<T>(slots: readonly Slot<T>[], turn: number): number {
  for (let i = 0; i < slots.length; i++) {
    const index = (turn + i) % slots.length
    const state = slots[index]?.state
    if (state === 'ready' || state === 'failed') return index
  }
  return -1
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
