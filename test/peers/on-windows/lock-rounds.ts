/**
 * Takes a state folder in one process after the other, each of them killed while it holds it; a program of its own, which
 * runs on Windows as well: `lock-rounds FOLDER ROUNDS [SCANNER]`. Each lock is left with the id of a process that
 * lives, as where the system has given it to another one. Prints how long each start took, in milliseconds, and how
 * often, of every tenth time, the folder could not be taken from a process that held it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockFolder } from '../../../src/lock/lock.ts'

const [, script = '', folder = '', rounds = '1', scanner] = process.argv
if (rounds === 'hold') await hold()
else await run(Number(rounds))

/** Takes the folder, says how long that took, and waits for its end. */
async function hold(): Promise<void> {
  const startedMs = performance.now()
  await lockFolder(folder)
  process.stdout.write(`${performance.now() - startedMs}\n`)
  setInterval(() => undefined, 60_000)
}

async function run(count: number): Promise<void> {
  const scanning =
    scanner === undefined ? undefined : spawn(scanner, [folder, 'lock.', '50'], { stdio: 'ignore' })
  const tookMs: number[] = []
  let refused = 0
  for (let round = 0; round < count; round++) {
    const child = await holder()
    const ended = once(child, 'exit')
    const said = await Promise.race([once(child.stdout, 'data'), ended.then(() => ['refused'])])
    tookMs.push(Number(said[0]))
    if (round % 10 === 0) await lockFolder(folder).catch(() => refused++)
    child.kill('SIGKILL')
    await ended
    giveIdAway()
  }
  writeFileSync(join(folder, 'stop-scanner'), '')
  if (scanning !== undefined) await once(scanning, 'exit')
  process.stdout.write(`${JSON.stringify({ tookMs, refused })}\n`)
}

/** A process that takes the folder. Of hundreds that it starts, wine refuses one now and then, with an error of no meaning. */
async function holder(tries = 10): Promise<ChildProcessByStdio<null, Readable, null>> {
  try {
    return spawn(process.execPath, [script, folder, 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'UNKNOWN' || tries === 1) throw error
    await sleep(100)
    return holder(tries - 1)
  }
}

/** The highest lock as if the id of its owner were that of this process. */
function giveIdAway(): void {
  const numbers = readdirSync(folder).flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? [])
  const path = join(folder, `lock.${Math.max(...numbers.map(Number))}`)
  const owner = JSON.parse(readFileSync(path, 'utf8')) as { pid: number }
  writeFileSync(path, JSON.stringify({ ...owner, pid: process.pid }))
}
