/** The status page: its files, and what it asks for. */
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { HttpRoute } from '../http/routes.ts'
import { json, sharedJson } from '../http/routes.ts'
import { shippedBytes } from '../package/files.ts'
import { type EventSources, eventRoutes } from './event-routes.ts'
import type { ObservedInstance } from './instance-view.ts'
import { newestLetters } from './newest-letters.ts'
import type { Observer } from './observer.ts'
import { steeringRoutes } from './page-steering.ts'
import type { StatusHistory } from './status-history.ts'

/**
 * Only what this listener gives is run, shown or asked; texts become text, never markup or script, whatever they hold: the
 * browser itself refuses the rest.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const files = [
  ['/', 'page.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const

/** What the page is made of, and what it asks for. */
export function pageRoutes(
  instance: Pick<ObservedInstance, 'config' | 'pauses'>,
  observer: Pick<Observer, 'status'>,
  history: Pick<StatusHistory, 'data'>,
  events: EventSources,
): readonly HttpRoute[] {
  return [
    ...files.map(([path, name, type]) => pageFile(path, name, type)),
    {
      method: 'GET',
      path: '/status',
      access: 'known',
      handler: async () => sharedJson(await observer.status()),
    },
    { method: 'GET', path: '/history', access: 'known', handler: () => json(history.data) },
    {
      method: 'GET',
      path: '/dead-letters',
      access: 'token',
      handler: async () => json(await newestLetters(instance.config)),
    },
    ...eventRoutes(instance, events),
    ...steeringRoutes(instance.pauses),
  ]
}

/** How files are packed for who accepts it, the smallest first; on another thread, since it takes a tenth of a second. */
const packings: readonly (readonly [encoding: string, pack: (bytes: Buffer) => Promise<Buffer>])[] = [
  ['br', promisify(brotliCompress)],
  ['gzip', (bytes) => promisify(gzip)(bytes, { level: 9 })],
]

/**
 * A file that the build has left, read when it is first asked for and then kept, also packed, which is less than half. It tells
 * nothing of the instance, so that its packed size gives nothing away either.
 */
function pageFile(path: string, name: string, type: string): HttpRoute {
  let plain: Buffer | undefined
  const packed = new Map<string, Promise<Buffer>>()
  return {
    method: 'GET',
    path,
    access: 'anyone',
    async handler({ headers }) {
      plain ??= shippedBytes(`dist/page/${name}`)
      const common = { 'Content-Security-Policy': policy, Vary: 'Accept-Encoding' }
      const packing = packings.find(([encoding]) => accepts(encoding, headers['accept-encoding']))
      if (packing === undefined) return { status: 200, type, body: plain, headers: common }
      const [encoding, pack] = packing
      const body = packed.get(encoding) ?? pack(plain)
      packed.set(encoding, body)
      return { status: 200, type, body: await body, headers: { ...common, 'Content-Encoding': encoding } }
    },
  }
}

/** Whether an encoding is named there, and not as what is refused. */
function accepts(encoding: string, accepted: string | readonly string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((each) => {
      const [, name, weight = '1'] = /^\s*([a-z]+)\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(each) ?? []
      return name?.toLowerCase() === encoding && Number(weight) > 0
    })
}
