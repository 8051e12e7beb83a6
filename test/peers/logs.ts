/** Logs to deliver, and the messages they are by the account of `convert`. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { fixtureLogs, type Workplace } from '../support/program.ts'

export type Header = 'rfc3164' | 'rfc5424'

/** Messages of all files, and of the first file in its order; each character is a byte. */
interface Messages {
  readonly all: readonly string[]
  readonly firstFile: readonly string[]
}

export interface Logs {
  readonly folder: string
  readonly messages: Readonly<Record<Header, Messages>>
}

/** All kinds of odd values: fewer than a hundred records, which fit into the receive buffer of a socket. */
export async function oddLogs(place: Workplace): Promise<Logs> {
  return withMessages(place, await writeOddLogs(place, 'odd'))
}

/** A few thousand records of a simulated server, and those of `oddLogs`. */
export async function manyLogs(place: Workplace): Promise<Logs> {
  await run(place, 'simulate', '--into', 'many', '--events', '3000')
  return withMessages(place, await writeOddLogs(place, 'many'))
}

/** Copies fixtures into a folder; returns its path. */
async function writeOddLogs(place: Workplace, folder: string): Promise<string> {
  for (const fixture of await fixtureLogs()) {
    // A record without a usable time is sent with the time of sending, which differs each time.
    if (!fixture.startsWith('value-') || fixture === 'value-times.log') continue
    await place.fixture(fixture, path.join(folder, `MSGTRK-${path.parse(fixture).name}.LOG`))
  }
  return place.path(folder)
}

async function withMessages(place: Workplace, folder: string): Promise<Logs> {
  const [first = ''] = (await readdir(folder)).sort()
  const messages = async (header: Header): Promise<Messages> => ({
    all: await convert(place, header, folder),
    firstFile: await convert(place, header, path.join(folder, first)),
  })
  return { folder, messages: { rfc3164: await messages('rfc3164'), rfc5424: await messages('rfc5424') } }
}

async function convert(place: Workplace, header: Header, logs: string): Promise<readonly string[]> {
  const output = await run(place, 'convert', '--syslog', header, logs)
  return output.toString('latin1').split('\n').slice(0, -1)
}

async function run(place: Workplace, ...args: readonly string[]): Promise<Buffer> {
  const { code, stdout, stderr } = await place.run(...args)
  if (code !== 0) throw new Error(stderr)
  return stdout
}
