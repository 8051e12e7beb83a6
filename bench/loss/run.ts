/**
 * How much is lost when a receiver stalls for three seconds under load, is killed, and comes back:
 * `npm run bench:loss -- --events 500000`. The receiver is the same for all. With `--peers`, the OpenTelemetry Collector and
 * Fluent Bit are among the senders, and with `--only NAME` one of them is the only one.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { simulate } from '../../src/simulate/simulator.ts'
import { freePort } from '../../test/support/free-port.ts'
import { KillableReceiver } from '../../test/support/killable-receiver.ts'
import { findSenders, type Sender } from './senders.ts'

const stallMs = 3000
const downMs = 1000
/** A sender that sends nothing for so long is done. */
const quietMs = 20_000

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '500000' },
    peers: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const events = Number(values.events)
const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-loss-'))
try {
  const log = await writeLog()
  console.log('| sender | events | lost | duplicated |\n|---|---:|---:|---:|')
  const senders = await findSenders({ all: values.peers, tell: (text) => console.error(text) })
  for (const sender of senders.filter(({ name }) => name.startsWith(values.only))) {
    const { lost, duplicated } = await measure(sender, log)
    console.log(`| ${sender.name} | ${events} | ${lost} | ${duplicated} |`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** One log with all rows, so that every sender has the same to do. */
async function writeLog(): Promise<string> {
  const parts = path.join(folder, 'parts')
  await simulate({ into: parts, version: '2016', seed: 1, events, signal: new AbortController().signal })
  await mkdir(path.join(folder, 'log'))
  const log = path.join(folder, 'log', 'MSGTRK2026112014-1.LOG')
  const out = createWriteStream(log)
  for (const [index, name] of (await readdir(parts)).sort().entries()) {
    const bytes = await readFile(path.join(parts, name))
    const header = index === 0 ? 0 : bytes.indexOf('\n', bytes.indexOf('#Fields:')) + 1
    if (!out.write(bytes.subarray(header))) await once(out, 'drain')
  }
  out.end()
  await finished(out)
  await rm(parts, { recursive: true })
  return log
}

async function measure(
  sender: Sender,
  log: string,
): Promise<{ readonly lost: number; readonly duplicated: number }> {
  const own = await mkdtemp(path.join(folder, 'sender-'))
  const port = await freePort()
  const receiver = new KillableReceiver({ folder: own, port })
  await receiver.start()
  const stop = await sender.start({ folder: own, log, port })
  try {
    // Under load: some tens of thousands of events are through, and far more are to come.
    while ((await receiver.mark()).bytes < events * 200) await delay(10)
    receiver.freeze()
    await delay(stallMs)
    await receiver.kill()
    await delay(downMs)
    await receiver.start()
    await quiet(receiver)
    return await count(receiver)
  } finally {
    await stop()
    await receiver.kill()
    await rm(own, { recursive: true, force: true })
  }
}

/** Resolves when something came, and then nothing for a while. */
async function quiet(receiver: KillableReceiver): Promise<void> {
  let last = 0
  let since = performance.now()
  while (last === 0 || performance.now() - since < quietMs) {
    const { bytes } = await receiver.mark()
    if (bytes !== last) since = performance.now()
    last = bytes
    await delay(100)
  }
}

/** The time of a row, in milliseconds, is like no other's: it stands in front of a row and in an event. */
async function count(
  receiver: KillableReceiver,
): Promise<{ readonly lost: number; readonly duplicated: number }> {
  const times = new Set<number>()
  let came = 0
  for await (const frames of receiver.lives()) {
    for (const frame of frames) {
      const event = / rt=(\d{13}) /.exec(frame)?.[1]
      const time = event === undefined ? Date.parse(frame.slice(0, 24)) : Number(event)
      // A log's header is sent by those who forward lines.
      if (Number.isNaN(time)) continue
      times.add(time)
      came++
    }
  }
  return { lost: events - times.size, duplicated: came - times.size }
}
