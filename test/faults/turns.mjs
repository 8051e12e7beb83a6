/**
 * Loaded into a program with `--import`: measures how long its event loop goes without a turn, and its memory, and
 * writes both to the file that TURNS_FILE names when the program ends.
 *
 * A loaded machine stretches a turn without any fault of the program, so of each gap between two turns the less of the
 * time by the clock and the processor time counts: of this thread where the system tells it, else of the process. On a
 * slower processor it counts for less, by a piece of work whose time is known.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

function processorMs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** The most memory that the program has had; that of the process is never less than its parent's when it was started. */
function mostMb() {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}

/** What `work` takes where bench/results.md was recorded. */
const usualWorkMs = 16

/** Mixes what is in a small memory. */
function work() {
  const bytes = new Uint8Array(65_536)
  let mixed = 0
  for (let round = 0; round < 75; round++) {
    for (let at = 0; at < bytes.length; at++) {
      mixed = (mixed * 31 + bytes[at] + round) | 0
      bytes[at] = mixed
    }
  }
  return mixed
}

/** How many times as slow this processor is, as it is shared now; 1 when it is faster. */
function slowness() {
  const times = [1, 2, 3].map(() => {
    const before = processorMs()
    work()
    return processorMs() - before
  })
  return Math.max(1, Math.min(...times) / usualWorkMs)
}

if (isMainThread && process.env.TURNS_FILE) {
  const everyMs = 5
  let longestMs = 0
  let last = { at: Number.NaN, cpu: processorMs() }
  const begin = () => {
    last = { at: performance.now(), cpu: processorMs() }
    setInterval(() => {
      const now = { at: performance.now(), cpu: processorMs() }
      longestMs = Math.max(longestMs, Math.min(now.at - last.at, now.cpu - last.cpu) - everyMs)
      last = now
    }, everyMs).unref()
  }
  // Not before its first word: that a program starts takes a while is known.
  const write = process.stderr.write
  process.stderr.write = (...args) => {
    process.stderr.write = write
    setImmediate(begin)
    return write.apply(process.stderr, args)
  }
  process.on('exit', () => {
    const measured = { longestMs: longestMs / slowness(), rssMb: mostMb() }
    writeFileSync(process.env.TURNS_FILE, JSON.stringify(measured))
  })
}
