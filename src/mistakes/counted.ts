/** How many of what there are, in words for people. */

/** `1 file`, `2 files`, `1,200 records`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
