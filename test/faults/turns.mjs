/**
 * Loaded into a program with `--import`: measures how long its event loop goes without a turn, and its memory, and
 * writes both to the file that TURNS_FILE names when the program ends.
 *
 * A loaded machine stretches a turn without any fault of the program, so of each gap between two turns the less of the
 * time by the clock and the processor time counts: of this thread where the system tells it, else of the process.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
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

if (isMainThread && process.env.TURNS_FILE) {
  const everyMs = 5
  const delay = monitorEventLoopDelay({ resolution: everyMs })
  let longestMs = 0
  let last = { at: Number.NaN, cpu: processorMs() }
  const begin = () => {
    delay.enable()
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
    const measured = { longestMs, delayMs: delay.max / 1e6, rssMb: mostMb() }
    writeFileSync(process.env.TURNS_FILE, JSON.stringify(measured))
  })
}
