/** What the operator is told. */

/** The own log: a sentence and structured fields. Nothing per record. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Unexpected, nothing lost. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Data lost, or a person is needed. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Where nobody is to be told. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
