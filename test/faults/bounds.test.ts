/** Logs that make much of little: every line is accounted for, in bounded memory and with turns for everything else. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { header, multiplying, rowOf, settings } from './multiplying.ts'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const turns = fileURLToPath(new URL('./turns.mjs', import.meta.url))

/** All logs in one process: what V8 has not collected yet of one is there while the next is read. */
const mostRssMb = 250
/** A turn takes 100 ms at most on a machine with nothing else to do; collecting memory counts for both threads here. */
const longestTurnMs = 200
/** Ten files of an own log that nobody has time to read. */
const mostLogLines = 1000

/** Takes all it gets and closes as a receiver should. */
async function openReceiver() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume()
    socket.on('end', () => socket.end())
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

async function measure(logs: Readonly<Record<string, Buffer>>, destination: string) {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-bounds-'))
  const receiver = await openReceiver()
  try {
    await mkdir(join(folder, 'EX01'))
    for (const [index, content] of Object.values(logs).entries()) {
      const name = `MSGTRK20261120${String(index).padStart(2, '0')}-1.LOG`
      await writeFile(join(folder, 'EX01', name), content)
    }
    const config = [
      `state: ${join(folder, 'state')}`,
      'deadLetters: { maxMegabytes: 10 }',
      'sources:',
      `  - folder: ${join(folder, 'EX01')}`,
      'destinations:',
      `  - { name: siem, to: 'tcp://127.0.0.1:${receiver.port}'${destination && `, ${destination}`} }`,
    ]
    await writeFile(join(folder, 'msgtrk.yaml'), config.join('\n'))
    const args = ['--import', turns, main, 'run', '--config', join(folder, 'msgtrk.yaml'), '--once']
    const env = { ...process.env, TURNS_FILE: join(folder, 'turns.json') }
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise((resolve) => child.on('close', resolve))
    const stderr = await text(child.stderr)
    const code = await ended
    const log = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const letters = (await readdir(join(folder, 'state', 'siem'))).filter((name) => name.startsWith('dead-'))
    const sizes = await Promise.all(
      letters.map(async (name) => (await stat(join(folder, 'state', 'siem', name))).size),
    )
    return {
      code,
      log,
      done: log.find(({ message }) => message === 'Done'),
      lettersMb: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
      ...(JSON.parse(await readFile(join(folder, 'turns.json'), 'utf8')) as {
        longestMs: number
        rssMb: number
      }),
    }
  } finally {
    receiver.close()
    await rm(folder, { recursive: true })
  }
}

test.each(Object.keys(settings))('with the settings for %s', { timeout: 300_000 }, async (name) => {
  const logs = Object.fromEntries(
    Object.entries(multiplying).map(([about, make]) => [
      about,
      Buffer.concat([header, rowOf(), make(), rowOf()]),
    ]),
  )
  const { code, log, done, lettersMb, longestMs, rssMb } = await measure(logs, settings[name] ?? '')
  expect(code).toBe(0)
  expect(done).toMatchObject({ inFlight: 0, rejected: 0, lost: 0, rewinds: 0 })
  const { read, delivered, filtered, malformed } = done
  expect(delivered + filtered + malformed).toBe(read)
  expect(delivered + filtered).toBeGreaterThan(2 * Object.keys(logs).length)
  expect(log.length).toBeLessThan(mostLogLines)
  expect(lettersMb).toBeLessThanOrEqual(10)
  expect({ rssMb, isBounded: rssMb < mostRssMb }).toMatchObject({ isBounded: true })
  expect({ longestMs, isShort: longestMs < longestTurnMs }).toMatchObject({ isShort: true })
})
