/** The columns Exchange writes, by version: facts of the format that more than one part needs. */

const exchange2007 = [
  'date-time',
  'client-ip',
  'client-hostname',
  'server-ip',
  'server-hostname',
  'source-context',
  'connector-id',
  'source',
  'event-id',
  'internal-message-id',
  'message-id',
  'recipient-address',
  'recipient-status',
  'total-bytes',
  'recipient-count',
  'related-recipient-address',
  'reference',
  'message-subject',
  'sender-address',
  'return-path',
  'message-info',
] as const

const exchange2010 = [
  ...exchange2007,
  'directionality',
  'tenant-id',
  'original-client-ip',
  'original-server-ip',
  'custom-data',
] as const

/** 2013 put network-message-id behind message-id: everything after it moved by one. */
const exchange2013 = exchange2010.toSpliced(11, 0, 'network-message-id' as never) as readonly string[]

const exchange2016 = [...exchange2013, 'transport-traffic-type', 'log-id', 'schema-version']

/** Column names by Exchange version; 2016 stands for 2019 and SE as well. Their counts are unambiguous. */
export const knownColumns: Readonly<Record<'2007' | '2010' | '2013' | '2016', readonly string[]>> = {
  '2007': exchange2007,
  '2010': exchange2010,
  '2013': exchange2013,
  '2016': exchange2016,
}
