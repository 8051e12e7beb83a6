/**
 * Loaded into a program with `--import`: measures how long its event loop goes without a turn, and its memory, and
 * writes both to the file that TURNS_FILE names when the program ends.
 *
 * A loaded machine stretches a turn without any fault of the program, so of each gap between two turns the less of the
 * time by the clock and the processor time of the process counts.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.env.TURNS_FILE) {
  const everyMs = 5
  const delay = monitorEventLoopDelay({ resolution: everyMs })
  let longestMs = 0
  let last = { at: Number.NaN, cpu: process.cpuUsage() }
  const begin = () => {
    delay.enable()
    last = { at: performance.now(), cpu: process.cpuUsage() }
    setInterval(() => {
      const now = { at: performance.now(), cpu: process.cpuUsage() }
      const busyMs = (now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system) / 1000
      longestMs = Math.max(longestMs, Math.min(now.at - last.at, busyMs) - everyMs)
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
    const rssMb = process.resourceUsage().maxRSS / 1024
    const measured = { longestMs, delayMs: delay.max / 1e6, rssMb }
    writeFileSync(process.env.TURNS_FILE, JSON.stringify(measured))
  })
}
