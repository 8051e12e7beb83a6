/**
 * The same nasty records through the syslog servers that stand before some receivers: what rsyslog decodes itself,
 * and what syslog-ng takes for the message, is what was meant.
 */
import { expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import type { PresetName } from '../../src/config/presets.ts'
import { Workplace } from '../support/program.ts'
import { givenBy } from './given-fields.ts'
import { type DecodedEvent, decodedEvent, decodeLines } from './lognormalizer.ts'
import { destinationOf, expectAsMeant, formOf, isGivenMore, writeLogs } from './nasty-delivery.ts'
import { nastyLogs } from './nasty-logs.ts'
import { describePeer, type Peer, type PeerOptions } from './peer.ts'
import { lognormalizerProgram, rsyslogProgram, syslogNgProgram } from './programs.ts'
import { startRsyslog } from './rsyslog.ts'
import { startSyslogNg } from './syslog-ng.ts'

const EVENTS = 20_000
const presets = ['sentinel', 'splunk', 'generic', 'arcsight'] as const

describePeer('rsyslog', rsyslogProgram, () => {
  test.for(presets)('decodes nasty events of preset %s as they were meant, key by key', (preset) =>
    expectDelivered(preset, startRsyslog, async (events) => events.map(decodedEvent)),
  )
})

describePeer('syslog-ng', syslogNgProgram, () => {
  describePeer('with liblognorm', lognormalizerProgram, () => {
    test.for(presets)('hands on nasty events of preset %s as they were meant, key by key', (preset) =>
      expectDelivered(
        preset,
        (options) => startSyslogNg({ ...options, readsRfc5424: formOf(preset).header === 'rfc5424' }),
        (events, folder) => decodeLines(folder, events),
      ),
    )
  })
})

async function expectDelivered(
  preset: PresetName,
  start: (options: PeerOptions) => Promise<Peer>,
  decode: (events: readonly string[], folder: string) => Promise<readonly (DecodedEvent | undefined)[]>,
): Promise<void> {
  const place = await Workplace.open(onTestFinished)
  const logs = nastyLogs(42, EVENTS)
  await writeLogs(place, logs)
  const peer = await start({ folder: place.folder, protocol: 'tcp', decode: true })
  onTestFinished(() => peer.kill())
  const destinations = [destinationOf(preset, `tcp://127.0.0.1:${peer.port}`)]
  const config = { state: 'state', sources: [{ name: 'EX01', folder: 'EX01' }], destinations }
  await place.write('msgtrk.yaml', stringify(config))
  const begun = Date.now()
  const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(code, stderr).toBe(0)
  await peer.stop() // all that it has taken is on its disk now
  const events = await peer.events()
  const given = isGivenMore(preset) ? await givenBy(place.path('state'), begun) : undefined
  expectAsMeant(logs, await peer.lines(), await decode(events, place.folder), formOf(preset), given)
}
