/** What all commands have in common. */

/** Where a command prints; `columns` is the width of a terminal, a file or a pipe has none. */
export interface TextOutput {
  readonly columns?: number
  write(text: string): unknown
}

/** What a command runs in. */
export interface CommandContext {
  /** Ends it early. */
  readonly stop: AbortSignal
  /** Makes SIGHUP no signal to stop: the listener hears of it. */
  readonly takeHangup?: (listener: () => void) => void
  /** Where its result goes; standard output by default. */
  readonly stdout?: TextOutput
  /** Where it tells what else is to be known; standard error by default. */
  readonly stderr?: TextOutput
}
