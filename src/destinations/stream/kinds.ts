/** Syslog over TCP and over TLS, as kinds of destinations. */
import { trustedBy } from '../../network/certificates.ts'
import { formatHostPort, type HostPort, readHostPort } from '../../network/host-port.ts'
import { formatOf } from '../format.ts'
import type { Kind } from '../kind.ts'
import { examineTcp, examineTls } from './examine.ts'
import {
  type Confirmation,
  checkRelay,
  confirmationOf,
  type StreamOptions,
  streamShape,
  unusedOnStreams,
} from './options.ts'
import { createTcp } from './tcp.ts'
import { createTls } from './tls.ts'
import {
  checkPair,
  type TlsOptions,
  type TlsStreamOptions,
  tlsShape,
  withAbsolutePaths,
} from './tls-options.ts'

const stream = {
  frames: { over: 'stream', maxMessageBytes: 65_536, formatOf },
  hasOwnPace: false,
  formatAddress: (address: HostPort) => formatHostPort(address).toLowerCase(),
  unused: unusedOnStreams,
  describeDelivered: confirmedWhen,
  unconfirmedRemedy: ({ confirm }: StreamOptions) => {
    const instead = { close: 'time or, if that ends no better, write', time: 'write', write: null }[confirm]
    const setting = instead === null ? '' : `; if it does take the events, set confirm: ${instead}`
    return `look at the receiver${setting}`
  },
  hostOf: (address: HostPort) => address,
} as const

export const tcp = {
  ...stream,
  protocol: 'tcp',
  title: 'TCP',
  form: 'tcp://host:port',
  example: 'tcp://host:514',
  defaultPort: 514,
  settings: streamShape,
  readAddress: (rest) => readHostPort(rest, 'tcp', 514),
  check: checkRelay,
  complete: (settings: Partial<Confirmation> & { readonly relay?: boolean | undefined }) =>
    confirmationOf(settings),
  examine: examineTcp,
  create: createTcp,
} as const satisfies Kind<HostPort, StreamOptions>

export const tls = {
  ...stream,
  protocol: 'tls',
  title: 'TLS',
  form: 'tls://host:port',
  example: 'tls://host:6514',
  defaultPort: 6514,
  settings: { ...streamShape, ...tlsShape },
  secrets: { texts: [['tls', 'passphrase']], files: [['tls', 'key']] },
  readAddress: (rest) => readHostPort(rest, 'tls', 6514),
  check: checkPair,
  complete: (
    settings: Parameters<typeof confirmationOf>[0] & { readonly tls?: TlsOptions | undefined },
    absolute: (path: string) => string,
  ) => ({
    ...confirmationOf(settings),
    ...(settings.tls && { tls: withAbsolutePaths(settings.tls, absolute) }),
  }),
  describe: ({ tls }) => [['trusts', trust(tls)]],
  examine: examineTls,
  create: createTls,
} as const satisfies Kind<HostPort, TlsStreamOptions>

function trust(tls: TlsOptions | undefined): string {
  const client = tls?.cert === undefined ? '' : `, shows ${tls.cert}`
  if (tls?.fingerprint !== undefined) return `the certificate with fingerprint ${tls.fingerprint}${client}`
  return `${trustedBy(tls?.ca)}${client}`
}

function confirmedWhen({ confirm, confirmAfterMs, relay }: StreamOptions): string {
  switch (confirm) {
    case 'close':
      return relay
        ? "when the receiver ended the connection after us with TLS's goodbye, having read it all"
        : 'when the TCP peer closed the connection after us, having read it all; with a relay in between set relay: true'
    case 'write':
      return 'when written: what a dying connection still holds is lost'
    case 'time':
      return `when the connection stayed healthy for ${confirmAfterMs} ms after writing`
  }
}
