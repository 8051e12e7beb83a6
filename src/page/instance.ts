/** What the page knows of the instance, asked for again and again while somebody looks. */
import { History, type HistoryData } from '../status/history.ts'
import type { InstanceStatus } from '../status/snapshot.ts'
import { keepToken, takeToken } from './token.ts'

/** What there is to show. */
export type View =
  | { readonly kind: 'loading' }
  /** It takes the token, or another one than was given. */
  | { readonly kind: 'locked'; readonly isWrong: boolean }
  | {
      readonly kind: 'known'
      readonly status: InstanceStatus
      readonly history: History
      /** Whether it came with the token: then there is more to ask for. */
      readonly hasToken: boolean
      /** Why the last question was not answered; null when it was. */
      readonly silence: string | null
    }

const everyMs = 2_000
const patienceMs = 10_000

class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The instance that this page is from. */
export class Instance {
  readonly #tell: (view: View) => void
  #token = takeToken()
  #view: View = { kind: 'loading' }
  #timer: ReturnType<typeof setTimeout> | undefined
  #round = 0

  /** `tell` hears what there is to show, whenever that has changed. */
  constructor(tell: (view: View) => void) {
    this.#tell = tell
    document.addEventListener('visibilitychange', () => this.#again())
    // Pasted into the address of a page that is open already.
    window.addEventListener('hashchange', () => {
      const token = takeToken()
      if (token !== this.#token) this.unlock(token)
    })
    this.#again()
  }

  /** Asks with this token from now on, or with none. */
  unlock(token: string | null): void {
    this.#token = token
    keepToken(token)
    this.#again()
  }

  /** What it answers. Throws an error whose message is for people when it does not. */
  async ask<Value>(path: string, body?: unknown): Promise<Value> {
    const headers: Record<string, string> = {}
    if (this.#token !== null) headers.Authorization = `Bearer ${this.#token}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
      credentials: 'omit',
      cache: 'no-store',
    })
    if (response.ok) return response.json() as Promise<Value>
    const { error, remedy } = (await response.json().catch(() => ({}))) as Record<string, unknown>
    throw new Refused(response.status, `${path} ${error ?? response.status}${remedy ? ` → ${remedy}` : ''}`)
  }

  /** Asks at once for what has changed. */
  look(): void {
    this.#again()
  }

  /** Asks now, and from then on every two seconds as long as the page is seen. */
  #again(): void {
    clearTimeout(this.#timer)
    const round = ++this.#round
    const next = async (): Promise<void> => {
      if (document.hidden) return
      const view = await this.#look()
      if (round !== this.#round) return
      this.#view = view
      this.#tell(view)
      // With a wrong token it would only be warned of again.
      if (view.kind !== 'locked') this.#timer = setTimeout(() => void next(), everyMs)
    }
    void next()
  }

  async #look(): Promise<View> {
    const hasToken = this.#token !== null
    const before = this.#view.kind === 'known' ? this.#view : undefined
    try {
      const status = await this.ask<InstanceStatus>('status')
      const isSame =
        before?.silence === null &&
        before.status.program.startedAt === status.program.startedAt &&
        !isOld(before.status, status)
      const history = isSame ? before.history : new History(await this.ask<HistoryData>('history'))
      history.add(status)
      return { kind: 'known', status, history, hasToken, silence: null }
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        const isWrong = this.#token !== null
        this.#token = null
        keepToken(null)
        return { kind: 'locked', isWrong }
      }
      if (before === undefined && !(error instanceof Refused)) return { kind: 'loading' }
      const silence = error instanceof Refused ? error.message : 'it has ended, or the way there is cut off'
      return before === undefined ? { kind: 'loading' } : { ...before, silence }
    }
  }
}

/** The page was hidden meanwhile: the instance knows what it has missed. */
function isOld(before: InstanceStatus, now: InstanceStatus): boolean {
  return Date.parse(now.at) - Date.parse(before.at) > 15_000
}
