import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decryptCommand } from '../../../../src/cli/commands/decrypt.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { Protector } from '../../../../src/privacy/protector.ts'
import { encryptKeyHex, keys, tweakHex } from '../../../support/secrets.ts'

const protector = new Protector(keys)
const senders = ['ann@contoso.com', 'Änne@contoso.com', '<>', 'postmaster']
const list = "ann@contoso.com;'o''brien@b.example'"

let folder: string
let files: readonly string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-decrypt-'))
  const [key, tweak] = [join(folder, 'key'), join(folder, 'tweak')]
  await writeFile(key, `\ufeff${encryptKeyHex}\r\n`)
  await writeFile(tweak, Buffer.from(tweakHex, 'hex').toString('base64'))
  files = ['--key-file', key, '--tweak-file', tweak]
})
afterEach(async () => {
  process.exitCode = undefined
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: unknown
}

async function decrypt(args: readonly string[], input = ''): Promise<Ended> {
  process.exitCode = undefined
  let stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text
    return true
  })
  const stdout = new PassThrough()
  const command = decryptCommand({
    stop: new AbortController().signal,
    stdin: Readable.from([Buffer.from(input)]),
    stdout: stdout as unknown as NodeJS.WriteStream,
  }).exitOverride()
  try {
    await command.parseAsync([...args], { from: 'user' })
  } finally {
    stdout.end()
  }
  return { stdout: await text(stdout), stderr, code: process.exitCode }
}

test('gives the plain values of arguments, in their order', async () => {
  const values = senders.map((sender) => protector.field('encrypt', 'address', sender))
  const ended = await decrypt([...files, '--column', 'sender-address', ...values])
  expect(ended).toEqual({ stdout: `${senders.join('\n')}\n`, stderr: '', code: undefined })
})

test('gives the plain values of lines', async () => {
  const value = protector.field('encrypt', 'addresses', list)
  const ended = await decrypt([...files, '--column', 'recipient-address'], `${value}\r\n\n${value}`)
  expect(ended).toEqual({ stdout: `${list}\n\n${list}\n`, stderr: '', code: undefined })
})

test('says which value it is that was never encrypted, and goes on', async () => {
  const value = protector.field('encrypt', 'ip', '192.0.2.1')
  const ended = await decrypt([...files, '--column', 'client-ip', 'mail.contoso.com', value])
  expect(ended).toMatchObject({ stdout: '\n192.0.2.1\n', code: 1 })
  expect(ended.stderr).toMatch(/^value 1: is nothing that this key encrypted/)
})

test.each([
  [['--column', 'sender-adress'], 'Did you mean sender-address?'],
  [['--column', 'subject'], 'The columns are client-ip'],
  [[], 'required option'],
])('the column %j is a mistake', async (args, message) => {
  await expect(decrypt([...files, ...args, 'x'])).rejects.toThrow(message)
})

test.each([
  ['00', 'has 1 bytes'],
  [`${'00'.repeat(16)}`, 'repeats itself too much'],
  ['hunter2 hunter2', 'neither hexadecimal nor base64'],
  [undefined, 'not found'],
])('a key file with %j is a mistake, whose content is not shown', async (content, message) => {
  const file = join(folder, 'other')
  if (content !== undefined) await writeFile(file, content)
  const failed = decrypt(['--key-file', file, '--tweak-file', file, '--column', 'client-ip', 'x'])
  const error = await failed.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ProblemsError)
  expect(String(error)).toContain(message)
  if (content !== undefined && content.length > 2) expect(String(error)).not.toContain(content)
})
