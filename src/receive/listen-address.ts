/** Reads the address to listen on. */
import { ProblemsError } from '../mistakes/problem.ts'

/** `tcp://127.0.0.1:5514` taken apart; an IPv6 host has no brackets. */
export interface ListenAddress {
  readonly protocol: 'tcp' | 'tls' | 'udp'
  readonly host: string
  readonly port: number
  /** The address with another port, as it is written. */
  url(port: number): string
}

const shape = /^(tcp|tls|udp):\/\/(\[[0-9A-Fa-f:.]+\]|[^\s:/@[\]]+):([0-9]{1,5})\/?$/

/** Takes `text` apart; throws a ProblemsError with the remedy when it is no such address. */
export function parseListen(text: string): ListenAddress {
  const [, protocol, host = '', port] = shape.exec(text) ?? []
  if ((protocol !== 'tcp' && protocol !== 'tls' && protocol !== 'udp') || Number(port) > 65535) {
    const message = `${JSON.stringify(text)} is no address to listen on.`
    const remedy = 'Write tcp://HOST:PORT, tls://HOST:PORT or udp://HOST:PORT, such as tcp://127.0.0.1:5514.'
    throw new ProblemsError([{ where: { option: '--listen' }, message, remedy }])
  }
  return {
    protocol,
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    url: (taken) => `${protocol}://${host}:${taken}`,
  }
}
