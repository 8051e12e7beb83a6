import { afterAll, beforeAll, test } from 'vitest'
import { Workplace } from '../support/program.ts'
import { expectDelivery } from './delivery.ts'
import { type Logs, manyLogs, oddLogs } from './logs.ts'
import { describePeer } from './peer.ts'
import { syslogNgProgram } from './programs.ts'
import { startSyslogNg } from './syslog-ng.ts'

describePeer('syslog-ng', syslogNgProgram, () => {
  let many: Logs
  let odd: Logs
  let leave: () => Promise<void>

  beforeAll(async () => {
    const place = await Workplace.open((put) => {
      leave = put
    })
    many = await manyLogs(place)
    odd = await oddLogs(place)
  })
  afterAll(() => leave())

  test('takes lines over TCP', () =>
    expectDelivery(many, { protocol: 'tcp', header: 'rfc3164' }, startSyslogNg))

  test.for(['rfc3164', 'rfc5424'] as const)('takes counted octets over TCP (%s)', (header) =>
    expectDelivery(many, { protocol: 'tcp', framing: 'octet-counting', header }, startSyslogNg),
  )

  test('takes lines over TLS', () =>
    expectDelivery(many, { protocol: 'tls', header: 'rfc3164' }, startSyslogNg))

  test('takes counted octets over TLS', () =>
    expectDelivery(many, { protocol: 'tls', framing: 'octet-counting', header: 'rfc5424' }, startSyslogNg))

  // network() reads RFC 3164 only.
  test('takes datagrams', () => expectDelivery(odd, { protocol: 'udp', header: 'rfc3164' }, startSyslogNg))
})
