import { expect, test } from 'vitest'
import { DestinationStatus } from '../../../src/destinations/status.ts'
import { recordingLog } from './receiver.ts'

/** A destination whose log is told by level, with the reason where there is one. */
function setUp() {
  const log = recordingLog()
  const status = new DestinationStatus('siem', 'tcp://siem:514', log)
  const said = () =>
    log.entries.splice(0).map(({ level, message, fields: { reason } }) => [level, message, reason].join(': '))
  return { status, said }
}

test('trouble lasts until a batch is delivered, and is said anew only when its reason changes', () => {
  const { status, said } = setUp()
  status.unavailable('refused')
  status.connected()
  status.unavailable('refused')
  status.unavailable('reset')
  status.delivered()
  status.delivered()
  status.unavailable('reset')
  expect(said()).toEqual([
    'warn: Destination unavailable; delivery goes on when it is back: refused',
    'debug: Destination ready again: ',
    'debug: Still unavailable: refused',
    'warn: Destination unavailable; delivery goes on when it is back: reset',
    'info: Delivering again: ',
    'warn: Destination unavailable; delivery goes on when it is back: reset',
  ])
})

test('is ready once, when nothing was wrong before', () => {
  const { status, said } = setUp()
  status.connected()
  status.connected()
  status.delivered()
  expect(said()).toEqual(['info: Destination ready: ', 'debug: Destination ready again: '])
})

test('datagrams refused after they were sent are said once for each reason', () => {
  const { status, said } = setUp()
  status.datagramsLost('nothing listens')
  status.datagramsLost('nothing listens')
  status.unavailable('nothing listens')
  status.delivered()
  expect(said()).toEqual([
    'warn: Datagrams were refused after they were sent; UDP is best effort: nothing listens',
    'debug: Still unavailable: nothing listens',
    'info: Delivering again: ',
  ])
})

const wrongCa = 'the certificate of siem:6514 has no trusted chain (X): …'

test('what a person has to mend is an error, and what lasts is said again every hour', () => {
  const log = recordingLog()
  let nowMs = Date.now()
  const status = new DestinationStatus('siem', 'tls://siem:6514', log, { now: () => nowMs })
  for (let minutes = 0; minutes < 125; minutes++) {
    status.unavailable(wrongCa)
    nowMs += 60_000
  }
  const said = log.entries.filter(({ level }) => level === 'error').map(({ message }) => message)
  expect(said).toEqual([
    'Destination unavailable; delivery goes on when it is back',
    'Destination still unavailable',
    'Destination still unavailable',
  ])
  expect(log.entries.findLast(({ level }) => level === 'error')?.fields).toMatchObject({
    reason: wrongCa,
    since: expect.stringMatching(/^20.*Z$/),
  })
})

test('before there is anything to deliver a connection ends the trouble, and later only a delivery does', () => {
  const { status, said } = setUp()
  status.unavailable('refused', 'before')
  status.connected()
  status.unavailable('refused', 'before')
  status.unavailable('refused')
  status.connected()
  expect(said()).toEqual([
    'warn: Destination unavailable; delivery goes on when it is back: refused',
    'info: Destination ready: ',
    'warn: Destination unavailable; delivery goes on when it is back: refused',
    'debug: Still unavailable: refused',
    'debug: Destination ready again: ',
  ])
})

test('who listens hears how the receiver fares', () => {
  const heard: unknown[] = []
  const status = new DestinationStatus('siem', 'tls://siem:6514', recordingLog(), {
    events: {
      receiverChanged: ({ wrong, isLasting, certificates }) =>
        heard.push([wrong?.reason, isLasting, certificates]),
    },
  })
  const certificates = [{ of: 'receiver', subject: 'CN=siem', expiresAtMs: 1 }] as const
  status.unavailable('refused')
  status.unavailable('refused')
  status.unavailable(wrongCa)
  status.connected({}, certificates)
  status.delivered()
  expect(heard).toEqual([
    ['refused', false, undefined],
    [wrongCa, true, undefined],
    [wrongCa, true, certificates],
    [undefined, false, undefined],
  ])
})
