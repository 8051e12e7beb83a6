/** The settings of what msgtrk tells over HTTP. */
import * as z from 'zod'
import { pathSetting } from '../mistakes/path-setting.ts'
import { Mistaken, report, said } from '../mistakes/words.ts'
import { isGroup } from '../mistakes/written.ts'
import { isLoopback, readListen } from './listen-address.ts'

const path = pathSetting(said('is empty', 'write the path of a PEM file'))

/** 144 bits in base64, more in hexadecimal digits. */
const shortestToken = 24

const tls = z.strictObject({
  cert: path.describe('PEM file of the certificate to show, followed by its intermediates.'),
  key: path.describe('PEM file of the private key that belongs to `cert`.'),
  passphrase: z.string().optional().describe('Passphrase of `key`, if it is encrypted.'),
})

const address = z.string().superRefine((listen, context) => {
  const read = readListen(listen)
  if (read instanceof Mistaken) report(context, read.words)
})

/** The group `http`. */
export const httpOptions = z
  .strictObject({
    listen: address.describe(
      'Address and port, such as 127.0.0.1:9464; any other than loopback needs `tls` and `token`. Port 0 is any free one.',
    ),
    tls: tls.optional().describe('Answer over HTTPS, with this certificate.'),
    token: z
      .string()
      .regex(
        /^[\x21-\x7e]*$/,
        said('holds a blank or another character that no header takes', 'make one: openssl rand -hex 32'),
      )
      .min(
        shortestToken,
        said(
          `is shorter than ${shortestToken} characters, and could be guessed`,
          'make one: openssl rand -hex 32',
        ),
      )
      .optional()
      .describe(
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
        'Who knows it may see all and steer; by reference only: `${file:/path}` or `${env:NAME}`. Sent as ' +
          '`Authorization: Bearer …`. Without it metrics are for everyone who reaches the address, and nothing can be steered.',
      ),
    recentEvents: z
      .boolean()
      .default(false)
      .describe(
        'The status page may show events while they go out, to who knows the token: as the receiver gets them, after `privacy`.',
      ),
    allowedHosts: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9._-]{1,253}$/,
            said(
              'is no name of a host',
              'write the name alone, without protocol and port; IP addresses need not be named',
            ),
          ),
      )
      .default([])
      .describe(
        'Names under which it is asked for, beside that in `listen`, localhost and IP addresses: those of a proxy or in DNS. ' +
          'Any other name is refused, so that a web page can not reach it by a name of its own.',
      ),
  })
  .superRefine(checkEventsProtected, { when: ({ value }) => isGroup(value) })
  .superRefine(checkExposed, { when: ({ value }) => isGroup(value) })

/** The settings under `http`. */
export type HttpOptions = z.output<typeof httpOptions>

/** Those that are secret, and those that name files that are. */
export const httpSecrets = {
  references: [['token']],
  texts: [['tls', 'passphrase']],
  files: [['tls', 'key']],
} as const

/** Events are for who knows the token, so without one nobody sees them. */
function checkEventsProtected(
  { recentEvents, token }: { readonly recentEvents?: unknown; readonly token?: unknown },
  context: z.RefinementCtx,
): void {
  if (recentEvents !== true || token !== undefined) return
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
  const remedy = 'set token: ${file:/path} of a secret'
  report(context, { message: 'is for who knows the token, and none is set', remedy }, ['recentEvents'])
}

/** What other machines reach is encrypted, and for those who are known. */
function checkExposed(
  { listen, tls, token }: { readonly listen?: unknown; readonly tls?: unknown; readonly token?: unknown },
  context: z.RefinementCtx,
): void {
  const read = typeof listen === 'string' ? readListen(listen) : undefined
  if (read === undefined || read instanceof Mistaken || isLoopback(read.host)) return
  const message = 'is missing, and other machines reach this address'
  if (tls === undefined) {
    report(context, { message, remedy: 'set cert and key, or listen on 127.0.0.1' }, ['tls'])
  }
  if (token === undefined) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
    report(context, { message, remedy: 'set ${file:/path} of a secret, or listen on 127.0.0.1' }, ['token'])
  }
}

/** The same settings with the paths of its files made absolute. */
export function completeHttp(http: HttpOptions, absolute: (path: string) => string): HttpOptions {
  if (http.tls === undefined) return http
  return { ...http, tls: { ...http.tls, cert: absolute(http.tls.cert), key: absolute(http.tls.key) } }
}
