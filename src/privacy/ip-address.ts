/** IP addresses as bytes, to be masked or encrypted and still be addresses. */
import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an address, without its `%zone`; undefined when the text is none. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number)
  const [address = ''] = text.split('%', 1)
  return isIPv6(address) ? ipv6Bytes(shortest(address)) : undefined
}

/** The address of 4 or 16 bytes, an IPv6 one as RFC 5952 wants it. */
export function addressText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  return shortest(
    Buffer.from(bytes)
      .toString('hex')
      .replace(/.{4}(?!$)/g, '$&:'),
  )
}

/** URLs are written with hexadecimal groups only, in small letters, the longest run of zeros left out. */
function shortest(ipv6: string): string {
  return new URL(`http://[${ipv6}]`).hostname.slice(1, -1)
}

function ipv6Bytes(shortest: string): readonly number[] {
  const [front = [], back = []] = shortest
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - front.length - back.length).fill('0')
  const hex = [...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join('')
  return [...Buffer.from(hex, 'hex')]
}
