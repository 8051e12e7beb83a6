/** Whether a value is what its key promises. */
import { isIPv4, isIPv6 } from 'node:net'
import { labelKeyOf, labelledKeyOf, typeOf } from './cef-dictionary.ts'
import { quoted } from './violation.ts'

/** Last millisecond of the year 9999. */
const latestTime = 253_402_300_799_999n
const decimal = /^(?:0|[1-9][0-9]*)$/
const float = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const mac = /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/

/** What is wrong with the unescaped `value` of `key`, as a sentence; undefined when nothing is. */
export function objectionTo(key: string, value: string, cefVersion: 0 | 1): string | undefined {
  if (value === '') return `${key} has no value: a key without a value must be left out.`
  if (/^[ \t]/.test(value)) {
    return `${key} begins with a space or tab: decoders disagree whether it belongs to the value.`
  }
  const rule = typeOf(key)
  switch (rule.type) {
    case 'text': {
      const bytes = Buffer.byteLength(value)
      return bytes > rule.maxBytes
        ? `${key} may hold ${rule.maxBytes} bytes; this value has ${bytes}.`
        : undefined
    }
    case 'integer':
      return integerObjection(key, value, rule.max)
    case 'size':
      return integerObjection(key, value, cefVersion === 0 ? 2n ** 31n - 1n : 2n ** 63n - 1n)
    case 'time':
      return integerObjection(key, value, latestTime, 'milliseconds since 1970')
    case 'float':
      return float.test(value) ? undefined : `${key} must be a decimal number, not ${quoted(value)}.`
    case 'address':
      if (isIPv4(value) || (cefVersion === 1 && isPlainIpv6(value))) return undefined
      return `${key} must be an IPv4 ${cefVersion === 1 ? 'or IPv6 ' : ''}address in CEF:${cefVersion}, not ${quoted(value)}.`
    case 'ipv6':
      return isPlainIpv6(value)
        ? undefined
        : `${key} must be an IPv6 address without a zone, not ${quoted(value)}.`
    case 'mac':
      return mac.test(value) ? undefined : `${key} must be a MAC address with colons, not ${quoted(value)}.`
    case 'cefVersion':
      return new RegExp(`^${cefVersion}\\.[0-9]{1,3}$`).test(value)
        ? undefined
        : `${key} must agree with the header's CEF:${cefVersion}, not say ${quoted(value)}.`
  }
}

/** Whether a custom value and its label stand together; a sentence when one is missing. */
export function missingPartner(key: string, keys: ReadonlyMap<string, unknown>): string | undefined {
  const labelled = labelledKeyOf(key)
  if (labelled !== undefined && !keys.has(labelled)) return `${key} labels ${labelled}, which is not there.`
  const label = labelKeyOf(key)
  if (label !== undefined && !keys.has(label)) return `${key} is a custom value and needs ${label}.`
  return undefined
}

function integerObjection(key: string, value: string, max: bigint, what = 'digits'): string | undefined {
  if (!decimal.test(value)) return `${key} must be ${what} without leading zeros, not ${quoted(value)}.`
  // Twenty digits are over every bound: no need to make a number of thousands of them.
  return value.length > 19 || BigInt(value) > max
    ? `${key} may not exceed ${max}; it is ${quoted(value)}.`
    : undefined
}

function isPlainIpv6(value: string): boolean {
  return isIPv6(value) && !value.includes('%')
}
