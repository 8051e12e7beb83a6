/** Golden pairs of exchange-modern: what NAME.log becomes in CEF:0 and in CEF:1, beside it. */
import { describe, expect, it } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { chunksOf, fixturePath, variedLogs } from '../support/varied-logs.ts'

async function eventsOf(name: string, cefVersion: 0 | 1): Promise<Buffer> {
  const transform = plainTransform({ mapping: 'exchange-modern.v1', cefVersion })
  const events: Buffer[] = []
  for await (const chunk of chunksOf(name)) {
    events.push(
      Buffer.from(onlyBatch(transform({ ...chunk, file: { ...chunk.file, source: 'EX01-logs' } })).frames),
    )
  }
  return Buffer.concat(events)
}

describe.each(variedLogs)('%s', (name) => {
  it.each([0, 1] as const)('as CEF:%i', async (cefVersion) => {
    const events = await eventsOf(name, cefVersion)
    const file = fixturePath(`${name}.exchange-modern.${cefVersion}.cef`)
    await expect(events.toString('utf8')).toMatchFileSnapshot(file)
    const lines = events.toString('latin1').split('\n').slice(0, -1)
    const decoded = lines.map((line) => decodeCef(Buffer.from(line, 'latin1')))
    expect(decoded.flatMap((one) => (one.ok ? [] : one.errors))).toEqual([])
    expect(lines.length).toBeGreaterThan(0)
    // Where a row names the server that wrote it, too, it is the same one.
    for (const one of decoded) {
      const { extension } = (one.ok && one.event) || { extension: new Map<string, string>() }
      const named = /;LSRV=([^.:]+)/.exec(extension.get('ad.message-info') ?? '')?.[1]
      if (named) expect(extension.get('dvchost')?.toLowerCase()).toBe(named.toLowerCase())
    }
  })
})
