/** A golden pair of `records: mail`: the rows of one mail on two servers, of which one has a clock that is slow. */
import { createSecretKey } from 'node:crypto'
import path from 'node:path'
import { expect, test } from 'vitest'
import { mailChunks } from '../../src/cli/inputs/mail-chunks.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { fileChunks } from '../../src/tail/bytes/file-chunks.ts'
import type { EventOptions } from '../../src/transform/event-transform.ts'
import { optionsOfMails } from '../../src/transform/mail-rows.ts'
import { onlyBatch } from '../support/batches.ts'
import { plainTransform } from '../support/plain-transform.ts'

const folder = path.resolve(import.meta.dirname, '../../fixtures')

const optionsOf = (cefVersion: 0 | 1): EventOptions => ({
  mapping: 'mail.v1',
  cefVersion,
  additionalData: 'arcsight',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: Number.MAX_SAFE_INTEGER,
})

/** The records of all mails of a fixture, which a strict decoder takes. */
async function recordsOf(name: string, options: EventOptions) {
  const transform = plainTransform(optionsOfMails(options))
  const frames: Buffer[] = []
  for await (const chunk of mailChunks(fileChunks(path.join(folder, `${name}.log`)), options)) {
    frames.push(Buffer.from(onlyBatch(transform(chunk)).frames))
  }
  const text = Buffer.concat(frames).toString('utf8')
  const events = text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const decoded = decodeCef(Buffer.from(line))
      if (!decoded.ok) throw new Error(decoded.errors.map(({ reason }) => reason).join())
      return decoded.event
    })
  return { text, events }
}

test.each([
  ['one-mail', 0],
  ['one-mail', 1],
  // As Exchange 2016 writes them for a mail to oneself and two others outside: no two rows say the same.
  ['mail-of-fifteen-rows', 0],
] as const)('%s as CEF:%i', async (name, cefVersion) => {
  const { text, events } = await recordsOf(name, optionsOf(cefVersion))
  await expect(text).toMatchFileSnapshot(path.join(folder, `${name}.mail.${cefVersion}.cef`))
  expect(events).toHaveLength(1)
})

test('with privacy the rows of a mail still come together, and nothing of what is protected is in the record', async () => {
  const key = createSecretKey(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
  const columns = {
    'network-message-id': 'hash',
    'message-id': 'mask',
    'sender-address': 'encrypt',
    'recipient-address': 'hash',
    'return-path': 'drop',
    'message-subject': 'drop',
  } as const
  const options = {
    ...optionsOf(0),
    privacy: { columns, hashKey: key, encryptKey: key, hideBcc: true },
  }
  const { events, text } = await recordsOf('mail-of-fifteen-rows', options)
  expect(events).toHaveLength(1)
  const extension = events[0]?.extension
  expect(extension?.get('cn3')).toBe('15')
  expect(extension?.get('duser')?.split(';')).toHaveLength(3)
  for (const hidden of ['8e9b967e', 'fifteen@', 'ann@', 'bob@', 'carl@', 'Offer'])
    expect(text).not.toContain(hidden)
})
