/** Quantities in words for people. */

// The page knows the status and nothing else of the program.
export { counted } from '../mistakes/counted.ts'

const units = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const

/** `4 s`, `12 min`, `3 h 20 min`, `29 d 4 h`: its two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = units.findIndex(([size]) => whole >= size)
  if (first < 0) return '0 s'
  const [size, unit] = units[first] ?? [1, 's']
  const [nextSize, nextUnit] = units[first + 1] ?? [1, '']
  const rest = Math.floor((whole % size) / nextSize)
  const isCoarse = unit === 'min' || nextUnit === '' || rest === 0
  return isCoarse
    ? `${Math.floor(whole / size)} ${unit}`
    : `${Math.floor(whole / size)} ${unit} ${rest} ${nextUnit}`
}

/** `812 bytes`, `14.2 kB`, `3.1 MB`, `1.4 GB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [divisor, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  return `${(bytes / divisor).toFixed(1)} ${unit}`
}
