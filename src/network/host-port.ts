/** `host:port` as it stands in the address of a destination. Not `URL`: its only message is "Invalid URL". */
import { isIPv6 } from 'node:net'
import { Mistaken } from '../mistakes/words.ts'

/** A host and its port. IPv6 hosts are without brackets. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port` as people write it, IPv6 in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** What stands behind `protocol://` taken apart, or what is wrong with it. */
export function readHostPort(rest: string, protocol: string, defaultPort: number): HostPort | Mistaken {
  if (rest.includes('@')) {
    return new Mistaken('holds a user or password', 'syslog has none: write only host and port')
  }
  if (/[/?#]./s.test(rest) || /[?#]$/.test(rest)) {
    return new Mistaken(
      'has a path or query',
      `write only ${protocol}://host:port, other settings have their own names`,
    )
  }
  const authority = rest.replace(/\/$/, '')
  const address = readAddress(authority, protocol)
  if (address instanceof Mistaken) return address
  const port = readPort(address.port, defaultPort)
  return port instanceof Mistaken ? port : { host: address.host, port }
}

function readAddress(authority: string, protocol: string): { host: string; port?: string } | Mistaken {
  const [, written, port6] = /^\[([^\]]*)\](?::(.*))?$/.exec(authority) ?? []
  if (written !== undefined) {
    // As a URL has the interface of a link-local address (RFC 6874).
    const ipv6 = written.replace(/%25(?=.)/, '%')
    if (!isIPv6(ipv6)) {
      return new Mistaken(`has [${ipv6}], which is no IPv6 address`, 'names and IPv4 go without brackets')
    }
    return port6 === undefined ? { host: ipv6 } : { host: ipv6, port: port6 }
  }
  if (authority.split(':').length > 2) {
    const example = `${protocol}://[2001:db8::1]:514`
    return new Mistaken('has more than one colon', `put an IPv6 address in brackets: ${example}`)
  }
  const [host = '', port] = authority.split(':')
  if (host === '') return new Mistaken('has no host', `write ${protocol}://host:port`)
  if (!/^[a-z0-9._-]{1,253}$/i.test(host)) {
    return new Mistaken(
      'has a host that is neither a name nor an address',
      'a name has letters, digits, dots and hyphens',
    )
  }
  return port === undefined ? { host } : { host, port }
}

function readPort(text: string | undefined, fallback: number): number | Mistaken {
  if (text === undefined) return fallback
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535
    ? port
    : new Mistaken(`has the port ${JSON.stringify(text)}`, 'a port is a number from 1 to 65535')
}
