/** A key that ends what shows itself again and again, as in `top` and `less`. */

/** The part of standard input that it takes. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
  on(event: 'data', listener: (keys: Buffer) => void): unknown
  off(event: 'data', listener: (keys: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** Keys that end it: q, and, since no signal comes of them meanwhile, Ctrl-C and Ctrl-D. */
const endKeys = ['q', 'Q', '\u0003', '\u0004']

/**
 * Calls `use` with a signal that also aborts when the key is pressed, where there is a keyboard; the terminal is then as it was.
 * `hasKey`: whether there is.
 */
export async function withEndKey(
  stop: AbortSignal,
  keyboard: Keyboard | null,
  use: (stop: AbortSignal, hasKey: boolean) => Promise<void>,
): Promise<void> {
  if (!keyboard?.isTTY || keyboard.setRawMode === undefined) return use(stop, false)
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const listener = (keys: Buffer): void => {
    if (endKeys.some((key) => keys.includes(key))) end()
  }
  stop.addEventListener('abort', end)
  if (stop.aborted) end()
  keyboard.setRawMode(true)
  keyboard.on('data', listener)
  keyboard.resume()
  try {
    await use(ended.signal, true)
  } finally {
    stop.removeEventListener('abort', end)
    keyboard.off('data', listener)
    keyboard.pause()
    keyboard.setRawMode(false)
  }
}
