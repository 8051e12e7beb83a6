/**
 * What the built program sends of 20,000 records that were made to be misread, under every preset: liblognorm,
 * the decoder of rsyslog, reads each key as the contract says, and no key more.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { Workplace } from '../support/program.ts'
import { partsOf } from './frame-parts.ts'
import { type Given, givenBy } from './given-fields.ts'
import { decodeLines } from './lognormalizer.ts'
import {
  destinationOf,
  differentPresets,
  expectAsMeant,
  formOf,
  isGivenMore,
  writeLogs,
} from './nasty-delivery.ts'
import { nastyLogs } from './nasty-logs.ts'
import { describePeer } from './peer.ts'
import { lognormalizerProgram } from './programs.ts'

const EVENTS = 20_000
const presets = differentPresets()

describePeer('liblognorm', lognormalizerProgram, () => {
  const logs = nastyLogs(4711, EVENTS)
  const sinks = new Map<string, Sink>()
  let place: Workplace
  let leave: () => Promise<void>
  let given: Given

  beforeAll(async () => {
    place = await Workplace.open((put) => {
      leave = put
    })
    await writeLogs(place, logs)
    for (const preset of presets) sinks.set(preset, await Sink.listen())
    const destinations = presets.map((preset) => destinationOf(preset, sinks.get(preset)?.url ?? ''))
    const config = { state: 'state', sources: [{ name: 'EX01', folder: 'EX01' }], destinations }
    await place.write('msgtrk.yaml', stringify(config))
    const begun = Date.now()
    const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml', '--once')
    expect(code, stderr).toBe(0)
    given = await givenBy(place.path('state'), begun)
  })
  afterAll(async () => {
    for (const sink of sinks.values()) sink.close()
    await leave()
  })

  test.for(presets)('reads nasty events of preset %s as they were meant, key by key', async (preset) => {
    const form = formOf(preset)
    const frames = sinks.get(preset)?.frames() ?? []
    const events = frames.map((frame) => partsOf(frame, form.header)?.event ?? `wrong header: ${frame}`)
    const decoded = await decodeLines(place.folder, events)
    expectAsMeant(logs, frames, decoded, form, isGivenMore(preset) ? given : undefined)
    const withCategories = decoded.filter((event) => event?.extension.categoryObject !== undefined)
    expect(withCategories.length > 1000).toBe(isGivenMore(preset))
  })
})

/** A receiver that keeps all bytes. */
class Sink {
  readonly #server: Server
  /** By connection, in their order: the next one begins before all of the one before is here. */
  readonly #received: Buffer[][] = []

  private constructor() {
    this.#server = createServer((socket) => {
      const bytes: Buffer[] = []
      this.#received.push(bytes)
      socket.on('data', (part: Buffer) => bytes.push(part)).on('error', () => {})
    })
  }

  static async listen(): Promise<Sink> {
    const sink = new Sink()
    await once(sink.#server.listen(0, '127.0.0.1'), 'listening')
    return sink
  }

  get url(): string {
    const address = this.#server.address()
    return `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  /** The whole frames; each character is a byte. */
  frames(): readonly string[] {
    return this.#received.flatMap((bytes) => Buffer.concat(bytes).toString('latin1').split('\n').slice(0, -1))
  }

  close(): void {
    this.#server.close()
  }
}
