/** The two ends of a connection, by which a system lists it, and what its list says. */
import { isIPv4, type Socket } from 'node:net'

/** Both ends of a connection, as the socket names them. */
export interface Ends {
  readonly local: { readonly address: string; readonly port: number }
  readonly remote: { readonly address: string; readonly port: number }
}

/** `gone`: reset, or ended by the peer first. `unknown`: this system has no list. */
export type TcpState =
  | { readonly state: string; readonly unacknowledged: number }
  | { readonly state: 'gone' | 'unknown' }

/** The ends of a connected socket, to be asked for while it still is; undefined when it is not. */
export function endsOf(socket: Socket): Ends | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return undefined
  return {
    local: { address: localAddress, port: localPort },
    remote: { address: remoteAddress, port: remotePort },
  }
}

/** An IP address as the bytes of which it consists, in the order of the network; a zone behind `%` is left out. */
export function addressBytes(address: string): Buffer {
  return isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
}

function ipv6Bytes(address: string): Buffer {
  const [plain = ''] = address.split('%')
  const [head = '', tail] = plain
    .replace(/\d+\.\d+\.\d+\.\d+$/, (ipv4) => {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
      return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
    })
    .split('::')
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'))
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...zeros, ...after].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  }
  return bytes
}
