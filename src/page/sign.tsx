/** The sign of a state: its shape tells it as well as its colour, for who can't tell colours apart. */
import type { Tone } from './words.ts'

const shapes: Readonly<Record<Tone, string>> = {
  well: 'M5 10.5l3.5 3.5L15 7',
  doubt: 'M10 6v5M10 14v.01',
  behind: 'M10 5.5V10l3 2',
  trouble: 'M7 7l6 6M13 7l-6 6',
}

interface Props {
  readonly tone: Tone
}

export function Sign({ tone }: Props) {
  return (
    <svg class={`sign ${tone}`} viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="10" />
      <path d={shapes[tone]} />
    </svg>
  )
}
