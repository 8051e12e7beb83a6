/**
 * Golden pairs for settings: fixtures/NAME.log and what it becomes under them, NAME.SETTING.cef. After a wanted
 * change: npx vitest run test/golden --update, then read the difference.
 */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import type { EventOptions } from '../../src/transform/event-transform.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { keys } from '../support/secrets.ts'

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
  protected: {
    log: 'privacy',
    privacy: {
      ...keys,
      columns: {
        'sender-address': 'hash',
        'return-path': 'hash',
        'recipient-address': 'encrypt',
        'client-ip': 'mask',
        'original-client-ip': 'encrypt',
        'client-hostname': 'drop',
        'message-subject': 'mask',
      },
      hideBcc: true,
      dropSubjects: ['/salary/'],
    },
  },
  'two-hours-slow': { log: 'value-times', corrections: new Map([['', 7200]]) },
}

async function eventsOf(setting: string): Promise<string> {
  const { log, ...options } = cases[setting] ?? { log: '' }
  const transform = plainTransform(options)
  const events: Buffer[] = []
  for await (const chunk of fileChunks(path.join(folder, `${log}.log`))) {
    events.push(Buffer.from(onlyBatch(transform(chunk)).frames))
  }
  return Buffer.concat(events).toString('utf8')
}

describe.each(Object.entries(cases))('%s', (setting, { log }) => {
  it(`makes the expected events of ${log}`, async () => {
    const text = await eventsOf(setting)
    await expect(text).toMatchFileSnapshot(path.join(folder, `${log}.${setting}.cef`))
    const wrong = text
      .split('\n')
      .slice(0, -1)
      .filter((line) => !decodeCef(Buffer.from(line)).ok)
    expect(wrong).toEqual([])
  })
})

it('shows nothing of what is protected', async () => {
  const shown = (await eventsOf('protected')).toLowerCase()
  const plain = ['ann.smith', 'dave@', 'brien@', 'boss@', 'gone@', 'salary', '203.0.113.66', '2001:db8:17::5']
  expect(plain.filter((value) => shown.includes(value))).toEqual([])
})
