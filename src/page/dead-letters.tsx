/** What could not be delivered, for who knows the token: it shows what stands in logs. */
import { useEffect, useState } from 'preact/hooks'
import type { ToldLetter } from '../status/told-letter.ts'
import { size } from '../status/words.ts'
import type { Instance } from './instance.ts'
import { clock } from './words.ts'

interface Props {
  readonly instance: Instance
  readonly hasToken: boolean
  readonly at: string
  /** Asked for again when it changes. */
  readonly count: number
}

export function DeadLetters({ instance, hasToken, at, count }: Props) {
  const [letters, setLetters] = useState<readonly ToldLetter[] | string | null>(null)
  // There are others when the count is another.
  useEffect(() => {
    if (!hasToken) {
      setLetters(null)
      return
    }
    instance
      .ask<readonly ToldLetter[]>('dead-letters')
      .then(setLetters, (error: Error) => setLetters(error.message))
  }, [hasToken, count])
  return (
    <section aria-labelledby="letters">
      <h2 id="letters">Dead letters</h2>
      {!hasToken && (
        <p class="quiet">
          They show what stands in logs, so they are only for who knows the token. None is set: set http.token
          in the configuration.
        </p>
      )}
      {typeof letters === 'string' && <p class="note trouble">{letters}</p>}
      {Array.isArray(letters) && letters.length === 0 && <p class="quiet">None.</p>}
      {Array.isArray(letters) && letters.length > 0 && (
        <ul class="letters">
          {letters.map((letter: ToldLetter) => (
            <li key={`${letter.destination} ${letter.time} ${letter.file} ${letter.offset}`}>
              <details>
                <summary>
                  <time dateTime={letter.time} title={letter.time}>
                    {clock(letter.time, at)}
                  </time>
                  <span class="text">{letter.reason}</span>
                </summary>
                <p>
                  <code>{letter.file}</code>, byte {letter.offset}, for {letter.destination}
                </p>
                {letter.line !== null && (
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: a long one scrolls, also by keys
                  <pre tabIndex={0}>{letter.line}</pre>
                )}
                {letter.withheldBytes !== null && (
                  <p class="quiet">
                    {size(letter.withheldBytes)} withheld: this destination protects values.
                  </p>
                )}
              </details>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
