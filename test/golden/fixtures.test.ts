/**
 * Golden pairs: fixtures/NAME.log and, beside it, the event lines it becomes (NAME.cef) and the lines that are no
 * record (NAME.malformed). After a wanted change: npx vitest run test/golden --update, then read the difference.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'

const folder = path.resolve(import.meta.dirname, '../../fixtures')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.log'))
  .map((name) => path.basename(name, '.log'))

async function convert(name: string): Promise<{ events: Buffer; malformed: string }> {
  const transform = plainTransform({})
  const events: Buffer[] = []
  let malformed = ''
  for await (const chunk of fileChunks(path.join(folder, `${name}.log`))) {
    const batch = onlyBatch(transform(chunk))
    events.push(Buffer.from(batch.frames))
    for (const { offset, reason } of batch.malformed) malformed += `${offset}: ${reason}\n`
  }
  return { events: Buffer.concat(events), malformed }
}

describe.each(names)('%s', (name) => {
  it('becomes the expected events', async () => {
    const { events, malformed } = await convert(name)
    await expect(events.toString('utf8')).toMatchFileSnapshot(path.join(folder, `${name}.cef`))
    if (malformed !== '') await expect(malformed).toMatchFileSnapshot(path.join(folder, `${name}.malformed`))
  })

  it('has only events that a strict decoder takes', async () => {
    const { events } = await convert(name)
    // latin1 keeps each byte, so that the decoder gets what a receiver would.
    const lines = events.toString('latin1').split('\n').slice(0, -1)
    const wrong = lines.flatMap((line) => {
      const decoded = decodeCef(Buffer.from(line, 'latin1'))
      return decoded.ok ? [] : [{ line, errors: decoded.errors }]
    })
    expect(wrong).toEqual([])
  })
})
