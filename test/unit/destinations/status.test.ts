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
