/** Paths that name nothing since they hold what a shell would have replaced. */

/** What to do about a path that is not there, where it shows what was meant; undefined otherwise. */
export function remedyForStrange(path: string): string | undefined {
  if (/(?:^|[\\/])~(?:[\\/]|$)/.test(path)) {
    return 'write the whole path: only a shell replaces ~, and only outside of quotes'
  }
  if (/[*?]/.test(path.replace(/^\\\\\?\\/, ''))) {
    return 'name the folder itself, of which all MSGTRK*.LOG are read: only a shell replaces * and ?, outside of quotes'
  }
  if (path.includes(',')) return 'name each by itself: commas do not separate paths'
  return undefined
}
