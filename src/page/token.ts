/**
 * The token, which the person at the browser gives: in a form, or behind the `#` of the address, which no server is sent.
 * It is kept for this tab alone, and goes out in a header that no other page can add.
 */
const key = 'msgtrk-token'

/** Takes it from the address, where it stays no longer than that, or from what this tab keeps. */
export function takeToken(): string | null {
  const found = new URLSearchParams(location.hash.slice(1)).get('token')
  if (found !== null) {
    history.replaceState(null, '', location.pathname + location.search)
    keepToken(found)
    return found
  }
  return sessionStorage.getItem(key)
}

/** Keeps it for this tab; null forgets it. */
export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, token)
}
