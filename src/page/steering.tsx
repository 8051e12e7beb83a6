/** Pausing a destination, and letting it go on, for who knows the token. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Instance } from './instance.ts'

interface Props {
  readonly instance: Instance
  readonly name: string
  readonly isPaused: boolean
}

function focus(button: HTMLButtonElement | null): void {
  button?.focus()
}

/** Pausing is asked about first: logs that wait too long are deleted by Exchange. */
export function Steering({ instance, name, isPaused }: Props) {
  const [step, setStep] = useState<'rest' | 'asks' | 'busy'>('rest')
  const [failure, setFailure] = useState<string | null>(null)
  // What takes the place of what was pressed has the focus, so that keys go on from there.
  const isUsed = useRef(false)
  // It came about, whoever did it.
  useEffect(() => setStep('rest'), [isPaused])
  const change = (): void => {
    setStep('busy')
    setFailure(null)
    instance.ask(isPaused ? 'resume' : 'pause', { destination: name }).then(
      () => instance.look(),
      (error: Error) => {
        setFailure(error.message)
        setStep('rest')
      },
    )
  }
  const press = (): void => {
    if (step === 'busy') return
    isUsed.current = true
    if (isPaused) change()
    else setStep('asks')
  }
  const verb = isPaused ? 'Resume' : 'Pause'
  return (
    <div class="steering">
      {step === 'asks' ? (
        <>
          <span>Deliver nothing to {name} until somebody resumes it? Its logs wait in their folders.</span>
          <button ref={focus} type="button" class="plain" onClick={change}>
            Pause {name}
          </button>
          <button type="button" class="plain" onClick={() => setStep('rest')}>
            Cancel
          </button>
        </>
      ) : (
        <button
          type="button"
          class="plain"
          ref={isUsed.current ? focus : null}
          aria-disabled={step === 'busy'}
          onClick={press}
          aria-label={`${verb} ${name}`}
        >
          {verb}
        </button>
      )}
      {failure !== null && (
        <span class="wrong" role="alert">
          {failure}
        </span>
      )}
    </div>
  )
}
