/**
 * Golden pairs for settings: fixtures/NAME.log and what it becomes under them, NAME.SETTING.cef. After a wanted
 * change: npx vitest run test/golden --update, then read the difference.
 */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEventTransform, type EventOptions } from '../../src/event-transform.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/file-chunks.ts'

const folder = path.resolve(import.meta.dirname, '../../fixtures')

const cases: Readonly<Record<string, Partial<EventOptions> & { readonly log: string }>> = {
  each: { log: 'recipients', recipients: 'each' },
  split: { log: 'recipients', overflow: 'split' },
  'raw-event': { log: 'exchange-2019', recipients: 'each', rawEvent: 'field' },
  'raw-event-additional': { log: 'exchange-2010', rawEvent: 'additional', additionalData: 'camel' },
  'without-noise': {
    log: 'noise',
    noise: ['shadow-redundancy', 'monitoring', 'agentinfo-performance'],
    filter: { not: { recipients: ['@archive.example'] } },
  },
  'two-hours-slow': { log: 'value-times', corrections: new Map([['', 7200]]) },
}

describe.each(Object.entries(cases))('%s', (setting, { log, ...options }) => {
  const transform = createEventTransform({
    mapping: 'auto',
    cefVersion: 0,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    ...options,
  })

  it(`makes the expected events of ${log}`, async () => {
    const events: Buffer[] = []
    for await (const chunk of fileChunks(path.join(folder, `${log}.log`))) {
      events.push(Buffer.from(transform(chunk).frames))
    }
    const text = Buffer.concat(events).toString('utf8')
    await expect(text).toMatchFileSnapshot(path.join(folder, `${log}.${setting}.cef`))
    const wrong = text
      .split('\n')
      .slice(0, -1)
      .filter((line) => !decodeCef(Buffer.from(line)).ok)
    expect(wrong).toEqual([])
  })
})
