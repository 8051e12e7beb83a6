/** Golden pairs of exchange-hunting, without and with what is known of the organisation. */
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Organisation } from '../../src/map/options.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'

const folder = path.resolve(import.meta.dirname, '../../fixtures')

async function eventsOf(organisation: Organisation | undefined): Promise<string> {
  const transform = plainTransform({ mapping: 'exchange-hunting.v1', organisation })
  const events: Buffer[] = []
  for await (const chunk of fileChunks(path.join(folder, 'hunting.log'))) {
    events.push(Buffer.from(onlyBatch(transform(chunk)).frames))
  }
  return Buffer.concat(events).toString('utf8')
}

test.each<[name: string, organisation: Organisation | undefined]>([
  ['hunting.exchange-hunting', undefined],
  [
    'hunting.organisation',
    { domains: ['contoso.example', '*.contoso.example'], connectors: ['Outbound to Office 365'] },
  ],
])('%s', async (name, organisation) => {
  const events = await eventsOf(organisation)
  await expect(events).toMatchFileSnapshot(path.join(folder, `${name}.cef`))
  const decoded = events
    .split('\n')
    .slice(0, -1)
    .map((line) => decodeCef(Buffer.from(line)))
  expect(decoded.flatMap((one) => (one.ok ? [] : one.errors))).toEqual([])
  expect(decoded.length).toBeGreaterThan(0)
})
