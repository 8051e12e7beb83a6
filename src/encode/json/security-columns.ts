/**
 * The columns of the table CommonSecurityLog for the keys of CEF, as Microsoft documents them, and what the table wants
 * in them. What has no column goes to AdditionalExtensions.
 */

/** What a column holds. */
type ColumnType = 'string' | 'int' | 'long' | 'real' | 'datetime'

/** A column and its type. */
export interface TableColumn {
  readonly name: string
  readonly type: ColumnType
}

const strings = {
  act: 'DeviceAction',
  app: 'ApplicationProtocol',
  cat: 'DeviceEventCategory',
  destinationDnsDomain: 'DestinationDnsDomain',
  destinationServiceName: 'DestinationServiceName',
  destinationTranslatedAddress: 'DestinationTranslatedAddress',
  deviceDirection: 'CommunicationDirection',
  deviceDnsDomain: 'DeviceDnsDomain',
  deviceExternalId: 'DeviceExternalID',
  deviceFacility: 'DeviceFacility',
  deviceInboundInterface: 'DeviceInboundInterface',
  deviceNtDomain: 'DeviceNtDomain',
  deviceOutboundInterface: 'DeviceOutboundInterface',
  devicePayloadId: 'DevicePayloadId',
  deviceProcessName: 'ProcessName',
  deviceTranslatedAddress: 'DeviceTranslatedAddress',
  dhost: 'DestinationHostName',
  dmac: 'DestinationMACAddress',
  dntdom: 'DestinationNTDomain',
  dpriv: 'DestinationUserPrivileges',
  dproc: 'DestinationProcessName',
  dst: 'DestinationIP',
  dtz: 'DeviceTimeZone',
  duid: 'DestinationUserID',
  duser: 'DestinationUserName',
  dvc: 'DeviceAddress',
  dvchost: 'DeviceName',
  dvcmac: 'DeviceMacAddress',
  // ExternalID of the table is a number.
  externalId: 'ExtID',
  fileCreateTime: 'FileCreateTime',
  fileHash: 'FileHash',
  fileId: 'FileID',
  fileModificationTime: 'FileModificationTime',
  filePath: 'FilePath',
  filePermission: 'FilePermission',
  fileType: 'FileType',
  fname: 'FileName',
  msg: 'Message',
  oldFileCreateTime: 'OldFileCreateTime',
  oldFileHash: 'OldFileHash',
  oldFileId: 'OldFileID',
  oldFileModificationTime: 'OldFileModificationTime',
  oldFileName: 'OldFileName',
  oldFilePath: 'OldFilePath',
  oldFilePermission: 'OldFilePermission',
  oldFileType: 'OldFileType',
  outcome: 'EventOutcome',
  proto: 'Protocol',
  reason: 'Reason',
  request: 'RequestURL',
  requestClientApplication: 'RequestClientApplication',
  requestContext: 'RequestContext',
  requestCookies: 'RequestCookies',
  requestMethod: 'RequestMethod',
  rt: 'ReceiptTime',
  shost: 'SourceHostName',
  smac: 'SourceMACAddress',
  sntdom: 'SourceNTDomain',
  sourceDnsDomain: 'SourceDnsDomain',
  sourceServiceName: 'SourceServiceName',
  sourceTranslatedAddress: 'SourceTranslatedAddress',
  spriv: 'SourceUserPrivileges',
  sproc: 'SourceProcessName',
  src: 'SourceIP',
  suid: 'SourceUserID',
  suser: 'SourceUserName',
} as const

const numbers: Readonly<Record<string, TableColumn>> = {
  cnt: { name: 'EventCount', type: 'int' },
  destinationTranslatedPort: { name: 'DestinationTranslatedPort', type: 'int' },
  dpid: { name: 'DestinationProcessId', type: 'int' },
  dpt: { name: 'DestinationPort', type: 'int' },
  dvcpid: { name: 'ProcessID', type: 'int' },
  fsize: { name: 'FileSize', type: 'int' },
  in: { name: 'ReceivedBytes', type: 'long' },
  oldFileSize: { name: 'OldFileSize', type: 'int' },
  out: { name: 'SentBytes', type: 'long' },
  sourceTranslatedPort: { name: 'SourceTranslatedPort', type: 'int' },
  spid: { name: 'SourceProcessId', type: 'int' },
  spt: { name: 'SourcePort', type: 'int' },
  type: { name: 'EventType', type: 'int' },
}

const times: Readonly<Record<string, TableColumn>> = {
  start: { name: 'StartTime', type: 'datetime' },
  end: { name: 'EndTime', type: 'datetime' },
}

/** Keys `cs1` to `cs6` and the like, with their labels: prefix, how many, name of the column, type. */
const custom: readonly (readonly [prefix: string, count: number, name: string, type: ColumnType])[] = [
  ['cs', 6, 'DeviceCustomString', 'string'],
  ['cn', 3, 'DeviceCustomNumber', 'long'],
  ['cfp', 4, 'DeviceCustomFloatingPoint', 'real'],
  ['c6a', 4, 'DeviceCustomIPv6Address', 'string'],
  ['deviceCustomDate', 2, 'DeviceCustomDate', 'string'],
  ['flexDate', 1, 'FlexDate', 'string'],
  ['flexNumber', 2, 'FlexNumber', 'int'],
  ['flexString', 2, 'FlexString', 'string'],
]

/** Those of the header, in its order, and the severity behind them. */
export const headerColumns = [
  'DeviceVendor', 'DeviceProduct', 'DeviceVersion', 'DeviceEventClassID', 'Activity', 'LogSeverity',
] as const // biome-ignore format: in the order of the header

/** The column for each key of CEF. */
export const columnsByKey: ReadonlyMap<string, TableColumn> = new Map([
  ...Object.entries(strings).map(([key, name]) => [key, { name, type: 'string' }] as const),
  ...Object.entries(numbers),
  ...Object.entries(times),
  ...custom.flatMap(([prefix, count, name, type]) =>
    Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => [
      // The numbers of the first columns are too small for what CEF allows: the table has others since 2023.
      [`${prefix}${number}`, { name: `${prefix === 'cn' ? 'Field' : ''}${name}${number}`, type }] as const,
      [`${prefix}${number}Label`, { name: `${name}${number}Label`, type: 'string' }] as const,
    ]),
  ),
])
