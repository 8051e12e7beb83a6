import { expect, test } from 'vitest'
import { knownColumns } from '../../../src/records/layouts.ts'

test('column counts are those of the versions, so that a count names a version', () => {
  const counts = Object.entries(knownColumns).map(([version, columns]) => [version, columns.length])
  expect(counts).toEqual([
    ['2007', 21],
    ['2010', 26],
    ['2013', 27],
    ['2016', 30],
  ])
})

test('the columns of 2016, in the order of the log', () => {
  expect(knownColumns[2016].join(',')).toBe(
    'date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,' +
      'internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,' +
      'recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,' +
      'message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data,' +
      'transport-traffic-type,log-id,schema-version',
  )
})

test('earlier versions lack what came later: the end, and network-message-id behind message-id', () => {
  expect(knownColumns[2013]).toEqual(knownColumns[2016].slice(0, 27))
  expect(knownColumns[2010]).toEqual(knownColumns[2013].filter((name) => name !== 'network-message-id'))
  expect(knownColumns[2007]).toEqual(knownColumns[2010].slice(0, 21))
  expect(knownColumns[2013].indexOf('network-message-id')).toBe(11)
})

test('no name stands twice', () => {
  for (const columns of Object.values(knownColumns)) expect(new Set(columns).size).toBe(columns.length)
})
