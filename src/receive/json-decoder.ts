/**
 * Decodes an event that is a JSON object with the keys of CEF, strictly, from docs/formats.md alone: it shares nothing with
 * the encoder, which it judges.
 *
 *   {"deviceVendor":"…","deviceProduct":"…","deviceVersion":"…","deviceEventClassId":"…","name":"…","severity":3,"rt":"…" …}
 */
import { isUtf8 } from 'node:buffer'
import type { CefEvent, Decoded } from './cef-decoder.ts'
import { typeOf } from './cef-dictionary.ts'
import { missingPartner, objectionTo } from './cef-values.ts'
import { quoted } from './violation.ts'

/** Versions of CEF differ in how large numbers and which addresses may be; an object says none. */
const version = 1
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Decodes one line, without its line end. Nothing can be said of where in it a mistake stands. */
export function decodeJson(line: Buffer): Decoded {
  if (!isUtf8(line)) return failed(['The line is not valid UTF-8.'])
  let object: unknown
  try {
    object = JSON.parse(line.toString())
  } catch (error) {
    return failed([`The line is no JSON: ${quoted(error instanceof Error ? error.message : String(error))}.`])
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return failed(['The line is no JSON object.'])
  }
  const { deviceVendor, deviceProduct, deviceVersion, deviceEventClassId, name, severity, ...others } =
    object as Record<string, unknown>
  const objections: string[] = []
  const text = (of: string, value: unknown): string => {
    if (typeof value !== 'string') objections.push(`${of} must be a text.`)
    return String(value)
  }
  if (!Number.isInteger(severity) || Number(severity) < 0 || Number(severity) > 10) {
    objections.push('severity must be a number from 0 to 10.')
  }
  const extension = new Map(
    Object.entries(others).map(([key, value]) => {
      const plain = plainValue(key, value)
      const objection = typeof plain === 'string' ? objectionTo(key, plain, version) : plain.objection
      if (objection !== undefined) objections.push(objection)
      return [key, String(plain)] as const
    }),
  )
  for (const key of extension.keys()) {
    const objection = missingPartner(key, extension)
    if (objection !== undefined) objections.push(objection)
  }
  const event: CefEvent = {
    version,
    vendor: text('deviceVendor', deviceVendor),
    product: text('deviceProduct', deviceProduct),
    deviceVersion: text('deviceVersion', deviceVersion),
    eventClassId: text('deviceEventClassId', deviceEventClassId),
    name: text('name', name),
    severity: Number(severity),
    extension,
  }
  return objections.length > 0 ? failed(objections) : { ok: true, event }
}

/** The value as CEF would have it. */
function plainValue(key: string, value: unknown): string | { readonly objection: string } {
  const { type } = typeOf(key)
  if (type === 'time') {
    const ms = typeof value === 'string' && time.test(value) ? Date.parse(value) : Number.NaN
    return Number.isNaN(ms)
      ? { objection: `${key} must be a time such as 2026-11-20T14:00:00.000Z.` }
      : String(ms)
  }
  if (type === 'integer' || type === 'size') {
    if (Number.isSafeInteger(value)) return String(value)
    // Beyond 2^53 it is a text, since many readers would round it.
    const isLarge =
      typeof value === 'string' && /^[1-9]\d+$/.test(value) && !Number.isSafeInteger(Number(value))
    return isLarge ? value : { objection: `${key} must be a whole number, as a text only beyond 2^53.` }
  }
  return typeof value === 'string' ? value : { objection: `${key} must be a text.` }
}

function failed(reasons: readonly string[]): Decoded {
  return { ok: false, errors: reasons.map((reason) => ({ offset: 0, reason })) }
}
