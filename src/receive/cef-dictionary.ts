/**
 * What the CEF standard says of each extension key: its type and its greatest length. Kept apart from the
 * mapping tables on purpose: the receiver judges what the sender wrote, so they must not share a mistake.
 */

/** Type of a value; lengths are UTF-8 bytes of the unescaped value, numbers are inclusive bounds. */
export type ValueType =
  | { readonly type: 'text'; readonly maxBytes: number }
  | { readonly type: 'integer'; readonly max: bigint }
  /** 32 bits in CEF:0, 64 bits in CEF:1. */
  | { readonly type: 'size' }
  | { readonly type: 'float' }
  /** Milliseconds since 1970 in UTC; the textual dates of the standard are not taken. */
  | { readonly type: 'time' }
  /** IPv4 in CEF:0, also IPv6 in CEF:1. */
  | { readonly type: 'address' }
  /** IPv6 without a zone. */
  | { readonly type: 'ipv6' }
  | { readonly type: 'mac' }
  | { readonly type: 'cefVersion' }

/** Limits of the header fields, in UTF-8 bytes of the unescaped value, in their order. */
export const headerLimits = [
  { field: 'vendor', maxBytes: 63 },
  { field: 'product', maxBytes: 63 },
  { field: 'device version', maxBytes: 31 },
  { field: 'event class id', maxBytes: 1023 },
  { field: 'name', maxBytes: 512 },
] as const

/** Limit of a value whose key the standard does not know: additional data. */
const additionalData: ValueType = { type: 'text', maxBytes: 4000 }

const int32 = 2n ** 31n - 1n
const int64 = 2n ** 63n - 1n

const texts: readonly (readonly [maxBytes: number, keys: string])[] = [
  [31, 'app proto'],
  [40, 'externalId'],
  [63, 'act outcome'],
  [100, 'dvchost'],
  [128, 'deviceInboundInterface deviceOutboundInterface devicePayloadId'],
  [128, 'flexDate1Label flexNumber1Label flexNumber2Label flexString1Label flexString2Label'],
  [255, 'destinationDnsDomain deviceDnsDomain deviceExternalId deviceNtDomain dntdom dtz fileHash'],
  [255, 'oldFileHash sntdom sourceDnsDomain'],
  [1023, 'cat msg shost dhost suser duser suid duid spriv dpriv sproc dproc fname reason request'],
  [1023, 'sourceServiceName destinationServiceName deviceFacility deviceProcessName'],
  [1023, 'fileId filePath filePermission fileType requestClientApplication requestCookies requestMethod'],
  [1023, 'oldFileId oldFileName oldFilePath oldFilePermission oldFileType flexString1 flexString2'],
  [1023, 'cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label cn1Label cn2Label cn3Label'],
  [1023, 'c6a1Label c6a2Label c6a3Label c6a4Label cfp1Label cfp2Label cfp3Label cfp4Label'],
  [1023, 'deviceCustomDate1Label deviceCustomDate2Label'],
  [1023, 'categoryBehavior categoryDeviceGroup categoryObject categoryOutcome categorySignificance'],
  [1023, 'categoryTechnique'],
  [2048, 'requestContext'],
  [4000, 'cs1 cs2 cs3 cs4 cs5 cs6 rawEvent'],
]

const others: readonly (readonly [type: ValueType, keys: string])[] = [
  [{ type: 'size' }, 'in out'],
  [{ type: 'integer', max: 1n }, 'deviceDirection'],
  [{ type: 'integer', max: 3n }, 'type'],
  [{ type: 'integer', max: 65535n }, 'spt dpt sourceTranslatedPort destinationTranslatedPort'],
  [{ type: 'integer', max: int32 }, 'cnt fsize oldFileSize spid dpid dvcpid'],
  [{ type: 'integer', max: int64 }, 'cn1 cn2 cn3 flexNumber1 flexNumber2 eventId'],
  [{ type: 'float' }, 'cfp1 cfp2 cfp3 cfp4 slat slong dlat dlong'],
  [{ type: 'time' }, 'rt start end art deviceCustomDate1 deviceCustomDate2 flexDate1'],
  [{ type: 'time' }, 'fileCreateTime fileModificationTime oldFileCreateTime oldFileModificationTime'],
  [{ type: 'address' }, 'src dst dvc agt sourceTranslatedAddress destinationTranslatedAddress'],
  [{ type: 'address' }, 'deviceTranslatedAddress'],
  [{ type: 'ipv6' }, 'c6a1 c6a2 c6a3 c6a4'],
  [{ type: 'mac' }, 'smac dmac dvcmac'],
  [{ type: 'cefVersion' }, '_cefVer'],
]

const types = new Map<string, ValueType>([
  ...texts.flatMap(([maxBytes, keys]) => entries({ type: 'text', maxBytes }, keys)),
  ...others.flatMap(([type, keys]) => entries(type, keys)),
])

function entries(type: ValueType, keys: string): [string, ValueType][] {
  return keys.split(' ').map((key) => [key, type])
}

/** Type of the value of `key`; an unknown key is additional data. */
export function typeOf(key: string): ValueType {
  return types.get(key) ?? additionalData
}

/** Key that labels the custom value `key`, such as `cs1Label` for `cs1`; undefined when it needs none. */
export function labelKeyOf(key: string): string | undefined {
  const label = `${key}Label`
  return types.has(label) ? label : undefined
}

/** Custom key that `key` labels, such as `cs1` for `cs1Label`; undefined when it is no label. */
export function labelledKeyOf(key: string): string | undefined {
  return key.endsWith('Label') && types.has(key) ? key.slice(0, -'Label'.length) : undefined
}
