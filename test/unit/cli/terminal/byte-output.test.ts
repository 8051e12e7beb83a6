import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOutput } from '../../../../src/cli/terminal/byte-output.ts'
import { ExitCode, ProblemsError } from '../../../../src/mistakes/problem.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-output-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Standard output of a test, and what came out of it. */
function standardOutput(isTTY: boolean): { stdout: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough()
  const stdout = Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream
  return { stdout, text: () => String(stream.read() ?? '') }
}

const row = Buffer.from('a\u001b[2J,b\u009bc\r\nsecond\u202e row\r\n')

test('what goes to a pipe or a file stays as it is, byte for byte', async () => {
  const { stdout, text } = standardOutput(false)
  await (await openOutput(undefined, [], stdout)).write(row)
  expect(text()).toBe(row.toString())
  const file = join(folder, 'out')
  await writeFile(file, 'what stood here before, and was longer than what comes now')
  const output = await openOutput(file, [])
  await output.write(row)
  await output.close()
  expect(await readFile(file)).toEqual(row)
})

test('- is standard output, too', async () => {
  const { stdout, text } = standardOutput(false)
  await (await openOutput('-', [], stdout)).write(row)
  expect(text()).toBe(row.toString())
})

test('what goes to a terminal can not command it', async () => {
  const { stdout, text } = standardOutput(true)
  const output = await openOutput(undefined, [], stdout)
  await output.write(row)
  expect(output.isTerminal).toBe(true)
  expect(text()).toBe('a\\u001b[2J,b\\u009bc\nsecond\\u202e row\n')
})

test('a file that is an input is refused, by whatever name', async () => {
  const log = join(folder, 'a.log')
  await writeFile(log, 'rows')
  await symlink(log, join(folder, 'link'))
  const inputs = [
    { path: '-', size: 0 },
    { path: log, size: 4 },
  ]
  for (const name of ['a.log', 'link', './link']) {
    // Not by `join`, which would make the names plain.
    const error = await openOutput(`${folder}/${name}`, inputs).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ProblemsError)
    expect((error as ProblemsError).exitCode).toBe(ExitCode.mistake)
  }
  expect(await readFile(log, 'utf8')).toBe('rows')
})

test('a folder that is not there is a failure, as all that can not be read or written', async () => {
  const error = await openOutput(join(folder, 'no', 'out'), []).catch((error: unknown) => error)
  expect(error).toMatchObject({
    exitCode: ExitCode.failed,
    problems: [{ where: { file: join(folder, 'no', 'out') } }],
  })
})
