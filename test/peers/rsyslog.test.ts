import { afterAll, beforeAll, test } from 'vitest'
import { Workplace } from '../support/program.ts'
import { expectDelivery } from './delivery.ts'
import { type Logs, manyLogs, oddLogs } from './logs.ts'
import { describePeer } from './peer.ts'
import { rsyslogProgram } from './programs.ts'
import { startRsyslog } from './rsyslog.ts'

describePeer('rsyslog', rsyslogProgram, () => {
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

  test.for(['imptcp', 'imtcp'] as const)('takes lines over TCP (%s)', async (tcpInput) => {
    await expectDelivery(many, { protocol: 'tcp', header: 'rfc3164' }, (options) =>
      startRsyslog({ ...options, tcpInput }),
    )
  })

  test.for(['imptcp', 'imtcp'] as const)('takes counted octets over TCP (%s)', async (tcpInput) => {
    const delivery = { protocol: 'tcp', framing: 'octet-counting', header: 'rfc5424' } as const
    await expectDelivery(many, delivery, (options) => startRsyslog({ ...options, tcpInput }))
  })

  test('takes lines over TLS', () =>
    expectDelivery(many, { protocol: 'tls', header: 'rfc3164' }, startRsyslog))

  test('takes counted octets over TLS', () =>
    expectDelivery(many, { protocol: 'tls', framing: 'octet-counting', header: 'rfc5424' }, startRsyslog))

  test.for(['rfc3164', 'rfc5424'] as const)('takes datagrams (%s)', (header) =>
    expectDelivery(odd, { protocol: 'udp', header }, startRsyslog),
  )
})
