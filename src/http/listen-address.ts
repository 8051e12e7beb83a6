/** `host:port` as it stands in `http.listen`. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { Mistaken } from '../mistakes/words.ts'

/** Where to listen; an IPv6 host has no brackets. Port 0 is any free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const shape = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/

/** Takes `text` apart, or tells what is wrong with it. */
export function readListen(text: string): ListenAddress | Mistaken {
  const [, ipv6, name, digits] = shape.exec(text) ?? []
  const host = ipv6 ?? name
  if (host === undefined || (ipv6 !== undefined && !isIPv6(ipv6))) {
    return new Mistaken('is no address to listen on', 'write HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464')
  }
  const port = Number(digits)
  if (port > 65_535) return new Mistaken(`has the port ${port}`, 'a port is a number up to 65535')
  if (port === 9001) {
    return new Mistaken(
      'has port 9001, which the SmartConnector takes for its remote management: both run side by side in a migration',
      'choose another, such as 9464',
    )
  }
  return { host, port }
}

/** `host:port` as it is written in a URL. */
export function formatListen({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True when only programs on this machine reach it. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return loopback.check(host, 'ipv4')
  return isIPv6(host) ? loopback.check(host, 'ipv6') : /^localhost\.?$/i.test(host)
}
