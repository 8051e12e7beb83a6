/** A golden pair of `records: mail`: the rows of one mail on two servers, of which one has a clock that is slow. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { mailChunks } from '../../src/cli/inputs/mail-chunks.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'

const folder = path.resolve(import.meta.dirname, '../../fixtures')

test.each([
  ['one-mail', 0],
  ['one-mail', 1],
  // As Exchange 2016 writes them for a mail to oneself and two others outside: no two rows say the same.
  ['mail-of-fifteen-rows', 0],
] as const)('%s as CEF:%i', async (name, cefVersion) => {
  const options = {
    mapping: 'mail.v1',
    cefVersion,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
  } as const
  const transform = plainTransform(options)
  const events: Buffer[] = []
  for await (const chunk of mailChunks(fileChunks(path.join(folder, `${name}.log`)), options)) {
    events.push(Buffer.from(onlyBatch(transform(chunk)).frames))
  }
  const text = Buffer.concat(events).toString('utf8')
  await expect(text).toMatchFileSnapshot(path.join(folder, `${name}.mail.${cefVersion}.cef`))
  const lines = text.split('\n').slice(0, -1)
  expect(lines).toHaveLength(1)
  const decoded = lines.map((line) => decodeCef(Buffer.from(line)))
  expect(decoded.flatMap((one) => (one.ok ? [] : one.errors))).toEqual([])
})
