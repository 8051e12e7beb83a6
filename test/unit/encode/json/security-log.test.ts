import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../../src/encode/byte-writer.ts'
import { columnsByKey, headerColumns } from '../../../../src/encode/json/security-columns.ts'
import { commonSecurityLog } from '../../../../src/encode/json/security-log.ts'
import type { EventPlan } from '../../../../src/flow/plan.ts'
import { type Bytes, eventPlan, plainLayout, recordsOf, valuePlan } from '../../../support/records.ts'

/** The table as Microsoft publishes it (columns that an agent or Sentinel itself fills are left out). */
const published = {
  string: `DeviceVendor DeviceProduct DeviceVersion DeviceEventClassID Activity LogSeverity OriginalLogSeverity
    AdditionalExtensions DeviceAction ApplicationProtocol DestinationDnsDomain DestinationServiceName
    DestinationTranslatedAddress CommunicationDirection DeviceDnsDomain DeviceExternalID DeviceFacility
    DeviceInboundInterface DeviceNtDomain DeviceOutboundInterface DevicePayloadId ProcessName DeviceTranslatedAddress
    DestinationHostName DestinationMACAddress DestinationNTDomain DestinationUserPrivileges DestinationProcessName
    DestinationIP DeviceTimeZone DestinationUserID DestinationUserName DeviceAddress DeviceName DeviceMacAddress ExtID
    FileCreateTime FileHash FileID FileModificationTime FilePath FilePermission FileType FileName Message
    OldFileCreateTime OldFileHash OldFileID OldFileModificationTime OldFileName OldFilePath OldFilePermission OldFileType
    EventOutcome Protocol Reason RequestURL RequestClientApplication RequestContext RequestCookies RequestMethod
    ReceiptTime SourceHostName SourceMACAddress SourceNTDomain SourceDnsDomain SourceServiceName SourceTranslatedAddress
    SourceUserPrivileges SourceProcessName SourceIP SourceUserID SourceUserName DeviceEventCategory
    DeviceCustomIPv6Address1 DeviceCustomIPv6Address1Label DeviceCustomIPv6Address2 DeviceCustomIPv6Address2Label
    DeviceCustomIPv6Address3 DeviceCustomIPv6Address3Label DeviceCustomIPv6Address4 DeviceCustomIPv6Address4Label
    DeviceCustomFloatingPoint1Label DeviceCustomFloatingPoint2Label DeviceCustomFloatingPoint3Label
    DeviceCustomFloatingPoint4Label DeviceCustomNumber1Label DeviceCustomNumber2Label DeviceCustomNumber3Label
    DeviceCustomString1 DeviceCustomString1Label DeviceCustomString2 DeviceCustomString2Label DeviceCustomString3
    DeviceCustomString3Label DeviceCustomString4 DeviceCustomString4Label DeviceCustomString5 DeviceCustomString5Label
    DeviceCustomString6 DeviceCustomString6Label DeviceCustomDate1 DeviceCustomDate1Label DeviceCustomDate2
    DeviceCustomDate2Label FlexDate1 FlexDate1Label FlexNumber1Label FlexNumber2Label FlexString1 FlexString1Label
    FlexString2 FlexString2Label CollectorHostName`,
  int: `EventCount DestinationTranslatedPort DestinationProcessId DestinationPort ProcessID FileSize OldFileSize
    SourceTranslatedPort SourceProcessId SourcePort EventType FlexNumber1 FlexNumber2`,
  long: 'ReceivedBytes SentBytes FieldDeviceCustomNumber1 FieldDeviceCustomNumber2 FieldDeviceCustomNumber3',
  real: 'DeviceCustomFloatingPoint1 DeviceCustomFloatingPoint2 DeviceCustomFloatingPoint3 DeviceCustomFloatingPoint4',
  datetime: 'StartTime EndTime',
}
const types = new Map(
  Object.entries(published).flatMap(([type, names]) =>
    names.split(/\s+/).map((name) => [name, type] as const),
  ),
)

/** The object of one row, whose fields are these. */
function object(fields: readonly Bytes[], plan: Partial<EventPlan>): Record<string, unknown> {
  const out = new ByteWriter(16)
  const counts = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
  const layout = plainLayout(fields.length)
  commonSecurityLog('shipper').prepare(eventPlan(plan), layout)(
    recordsOf(layout, [fields]),
    0,
    out,
    64_000,
    counts,
  )
  return { ...(JSON.parse(out.bytes.toString('utf8', 0, out.length)) as object), counts }
}

describe('the columns', () => {
  test('are those of the table, with its types', () => {
    for (const { name, type } of columnsByKey.values()) expect([name, types.get(name)]).toEqual([name, type])
    for (const name of headerColumns) expect(types.get(name)).toBe('string')
  })

  test('are each for one key', () => {
    const names = [...columnsByKey.values()].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('an event for CommonSecurityLog', () => {
  test('holds its keys in columns, and the others as pairs', () => {
    const made = object(['a@x', 'data'], {
      fields: [valuePlan({ key: 'suser' }), valuePlan({ key: 'noColumn', column: 1 })],
      additional: [valuePlan({ key: 'ad.custom-data', column: 1 })],
    })
    expect(made).toMatchObject({
      DeviceVendor: 'Vendor',
      LogSeverity: '3',
      SourceUserName: 'a@x',
      CollectorHostName: 'shipper',
      AdditionalExtensions: 'noColumn=data;ad.custom-data=data;_cefVer=0.1',
    })
  })

  test('has no pair that a sender has written', () => {
    const made = object(['x;suser=forged\\'], { additional: [valuePlan({ key: 'ad.x' })] })
    expect(made.AdditionalExtensions).toBe('ad.x=x\\;suser\\=forged\\\\;_cefVer=0.1')
  })

  test('has numbers where the table has numbers, and what is too large for one as a pair', () => {
    const made = object(['7', '99999999999'], {
      fields: [
        valuePlan({ key: 'cnt', as: 'integer', max: 100n }),
        valuePlan({ key: 'in', column: 1, as: 'integer', max: 2147483647n, overflowKey: 'total-bytes' }),
      ],
    })
    expect(made).toMatchObject({
      EventCount: 7,
      ReceivedBytes: 2147483647,
      AdditionalExtensions: 'total-bytes=99999999999;_cefVer=0.1',
      counts: { clamped: 1 },
    })
  })

  test('has text under a key for a number as a pair', () => {
    const made = object(['12:30'], { fields: [valuePlan({ key: 'spt' })] })
    expect(made).not.toHaveProperty('SourcePort')
    expect(made.AdditionalExtensions).toBe('spt=12:30;_cefVer=0.1')
  })

  test('has decimals as numbers, and what is none as null', () => {
    const fields = [valuePlan({ key: 'cfp1' }), valuePlan({ key: 'cfp2', column: 1 })]
    expect(object(['0.125', '1e5'], { fields })).toMatchObject({
      DeviceCustomFloatingPoint1: 0.125,
      DeviceCustomFloatingPoint2: null,
    })
  })

  test('has a column once, though two rows of a table are for it', () => {
    const out = new ByteWriter()
    const fields = [valuePlan({ key: 'suser' }), valuePlan({ key: 'suser', column: 1 })]
    const layout = plainLayout(2)
    const counts = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
    commonSecurityLog('h').prepare(eventPlan({ fields }), layout)(
      recordsOf(layout, [['a', 'b']]),
      0,
      out,
      64_000,
      counts,
    )
    expect(out.bytes.toString('utf8', 0, out.length).match(/"SourceUserName":/g)).toHaveLength(1)
  })
})
