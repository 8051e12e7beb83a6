/** The order of tracking logs, taken from their names: prefix, time, instance number. */

/** Where a file stands among the files of its folder. */
export interface FileOrder {
  /** Files of one prefix follow each other; prefixes are read side by side. Upper case. */
  readonly prefix: string
  /** yyyyMMddHH; daily files have hour 00. Empty for a name of another form. */
  readonly time: string
  readonly instance: number
  readonly name: string
}

// MSGTRKMD2026112014-1.LOG, MSGTRK20171130-35.LOG
const trackingLog = /^([a-z]+)(\d{8})(\d{2})?-(\d{1,15})\.[^.]+$/i

/**
 * Reads the order off a file name. Names of another form (copies, mostly) share the prefix `''` and stand in
 * natural order, numbers in them counting as numbers.
 */
export function fileOrder(name: string): FileOrder {
  const match = trackingLog.exec(name)
  if (match === null) return { prefix: '', time: '', instance: 0, name }
  const [, prefix = '', day = '', hour = '00', instance = '0'] = match
  return { prefix: prefix.toUpperCase(), time: day + hour, instance: Number(instance), name }
}

/** Made when it is needed: that takes milliseconds, and the names that Exchange gives are told apart without it. */
let natural: Intl.Collator | undefined

/** Oldest first within a prefix; never 0 for different names. */
export function compareFileOrder(a: FileOrder, b: FileOrder): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  if (a.instance !== b.instance) return a.instance - b.instance
  natural ??= new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  return natural.compare(a.name, b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}
