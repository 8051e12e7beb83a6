/**
 * Names of sources that were given none: made from their folders, each another one. Positions are kept under them, so
 * what a folder is called must not change from one version to the next without the old name being known.
 */

/** What a source is called, and was called before. */
export interface SourceName {
  readonly name: string
  /** What it was called before, as is written or as versions up to 0.1 made it; undefined when that is the same. */
  readonly formerName?: string | undefined
}

const longest = 64

/** The name of each source, in order; folders are absolute. A name that is taken gets a number. */
export function sourceNames(
  sources: readonly { readonly name?: string | undefined; readonly folder: string }[],
): readonly SourceName[] {
  const taken = new Set(sources.flatMap(({ name }) => (name === undefined ? [] : [name.toLowerCase()])))
  const former = new Set<string>()
  return sources.map(({ name: given, folder }) => {
    if (given !== undefined) return { name: given }
    const made = nameOfFolder(folder)
    let name = made
    for (let number = 2; taken.has(name.toLowerCase()); number++) {
      name = `${made.slice(0, longest - 4)}-${number}`
    }
    taken.add(name.toLowerCase())
    const before = slug(folder).slice(-longest)
    // Two that were called the same could not be configured: only the first can have positions under it.
    if (before === name || former.has(before) || taken.has(before.toLowerCase())) return { name }
    former.add(before)
    return { name, formerName: before }
  })
}

/**
 * `\\EX01\MessageTracking` → `EX01-MessageTracking`. Where that is too long, a share keeps its server and last folder,
 * `EX01-MessageTracking`, and any other folder as many words at its end as there is room for.
 */
function nameOfFolder(folder: string): string {
  const whole = slug(folder)
  if (whole.length <= longest) return whole
  const share = /^[\\/]{2}(?:\?[\\/]UNC[\\/])?([^\\/?]+)[\\/](?:.*[\\/])?([^\\/]+)[\\/]*$/i.exec(folder)
  const short = share === null ? whole : slug(`${share[1]}-${share[2]}`)
  if (short.length <= longest) return short
  const end = short.slice(-longest)
  const words = end.slice(end.indexOf('-') + 1)
  return words === '' ? end : words
}

function slug(text: string): string {
  return text.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-|-$/g, '')
}
