/** Where the token is given, and taken back. */
import { useState } from 'preact/hooks'
import type { Instance } from './instance.ts'

interface LockProps {
  readonly instance: Instance
  readonly hasToken: boolean
}

/** In the head of the page: forgets the token. */
export function Lock({ instance, hasToken }: LockProps) {
  if (!hasToken) return null
  return (
    <button type="button" class="plain" onClick={() => instance.unlock(null)}>
      Forget token
    </button>
  )
}

interface FormProps {
  readonly instance: Instance
  readonly isWrong?: boolean
}

export function TokenForm({ instance, isWrong = false }: FormProps) {
  const [token, setToken] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    const given = token.trim()
    if (given !== '') instance.unlock(given)
  }
  return (
    <form class="token" onSubmit={submit}>
      <label for="token">Token</label>
      <span class="field">
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? 'token-wrong' : undefined}
        />
        <button type="submit">Unlock</button>
      </span>
      {isWrong && (
        <span id="token-wrong" class="wrong" role="alert">
          That is not the token that is set here.
        </span>
      )}
    </form>
  )
}
