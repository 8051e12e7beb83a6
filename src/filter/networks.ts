/** IP addresses asked for one by one or as networks, `10.0.0.0/8` or `fd00::/8`, however they are written. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Words } from '../mistakes/words.ts'
import type { ByteTest } from '../records/members.ts'
import { anyOf } from './byte-test.ts'
import { compileTexts, textProblem } from './text-entry.ts'

const COLON = 0x3a
const DOT = 0x2e

interface Network {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
}

/** A test for addresses that any of the entries asks for; one that is no address and no network asks for a text. */
export function compileNetworks(entries: readonly string[]): ByteTest {
  const networks = entries.map(networkOf).filter((network) => network !== undefined)
  const texts = entries.filter((entry) => networkOf(entry) === undefined)
  return anyOf([
    ...(networks.length > 0 ? [networkTest(networks)] : []),
    ...(texts.length > 0 ? [compileTexts(texts)] : []),
  ])
}

/** What is wrong with an entry; null when it is fine. */
export function networkProblem(entry: string): Words | null {
  if (/^[\da-f.:]*[.:][\da-f.:]*\/\w*$/i.test(entry) && networkOf(entry) === undefined)
    return { message: 'is no network', remedy: 'write 10.0.0.0/8 or fd00::/8' }
  return textProblem(entry)
}

function networkOf(entry: string): Network | undefined {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
  if (family === undefined) return undefined
  const most = family === 'ipv4' ? 32 : 128
  const bits = length === undefined ? most : Number(length)
  return bits > most ? undefined : { address, family, bits }
}

function networkTest(networks: readonly Network[]): ByteTest {
  const list = new BlockList()
  for (const { address, family, bits } of networks) list.addSubnet(address, bits, family)
  const masks: number[] = []
  const bases: number[] = []
  for (const { address, family, bits } of networks) {
    if (family === 'ipv6') continue
    const bytes = Buffer.from(address)
    const mask = bits === 0 ? 0 : -1 << (32 - bits)
    masks.push(mask)
    bases.push(ipv4(bytes, 0, bytes.length) & mask)
  }
  return (bytes, start, end) => {
    const address = ipv4(bytes, start, end)
    if (address >= 0) {
      for (let i = 0; i < masks.length; i++) if ((address & masks[i]!) === bases[i]) return true
      return false
    }
    return hasColon(bytes, start, end) && isInside(list, bytes.toString('latin1', start, end))
  }
}

/** An IPv6 address, also one that stands for an IPv4 one (`::ffff:10.1.1.1`); its `%zone` does not count. */
function isInside(list: BlockList, text: string): boolean {
  const [address = ''] = text.split('%', 1)
  return isIPv6(address) && list.check(address, 'ipv6')
}

/** The number of the dotted quad in bytes[start … end), -1 when it is none. */
function ipv4(bytes: Uint8Array, start: number, end: number): number {
  let address = 0
  let parts = 1
  let value = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === DOT) {
      if (value < 0) return -1
      address = address * 256 + value
      value = -1
      parts++
    } else {
      if (byte < 0x30 || byte > 0x39 || value === 0) return -1
      value = (value < 0 ? 0 : value * 10) + byte - 0x30
      if (value > 255) return -1
    }
  }
  return parts === 4 && value >= 0 ? address * 256 + value : -1
}

function hasColon(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === COLON) return true
  return false
}
