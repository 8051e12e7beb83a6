/** Syslog over UDP, as a kind of destination. */
import { formatHostPort, type HostPort, readHostPort } from '../../network/host-port.ts'
import type { Kind } from '../kind.ts'
import { preferredIpShape } from '../preferred-ip.ts'
import { defaultDatagramsPerSecond } from './datagram-pace.ts'
import { examineUdp } from './examine.ts'
import { createUdp, maxDatagramBytes, type UdpOptions } from './udp.ts'

const protocol = 'udp'
const defaultPort = 514

const unconfirmed = { message: 'is for TCP and TLS, since nothing is confirmed on UDP', remedy: 'remove it' }

export const udp = {
  protocol,
  title: 'UDP',
  form: 'udp://host:port',
  example: 'udp://host:514',
  defaultPort,
  frames: {
    over: 'udp',
    framing: 'datagram',
    says: 'one event per datagram',
    maxMessageBytes: 8192,
    most: { bytes: maxDatagramBytes, because: 'on UDP: a datagram holds no more' },
  },
  settings: preferredIpShape,
  hasOwnPace: true,
  withoutFailover: "can't tell that a receiver is down",
  readAddress: (rest) => readHostPort(rest, protocol, defaultPort),
  formatAddress: (address) => formatHostPort(address).toLowerCase(),
  unused: () => ({
    relay: unconfirmed,
    confirm: unconfirmed,
    confirmAfterMs: unconfirmed,
    turnAfterMs: unconfirmed,
    turnAfterBytes: unconfirmed,
    closeTimeoutMs: unconfirmed,
    framing: { message: 'is for TCP and TLS, since a datagram holds one event', remedy: 'remove it' },
  }),
  describeDelivered: ({ maxEventsPerSecond = defaultDatagramsPerSecond }) =>
    `when handed to the network: best effort, UDP has no more; ${maxEventsPerSecond} events a second at most`,
  hostOf: (address) => address,
  examine: examineUdp,
  create: createUdp,
} as const satisfies Kind<HostPort, UdpOptions>
