import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { mayHang, ProcessEnd } from '../../../../src/cli/terminal/process-end.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const
const others = new Map<string, NodeJS.SignalsListener[]>()
beforeEach(() => {
  // The end after twelve seconds is not for this process.
  vi.useFakeTimers()
  for (const signal of signals) {
    others.set(signal, process.listeners(signal) as NodeJS.SignalsListener[])
    process.removeAllListeners(signal)
  }
})
afterEach(() => {
  for (const signal of signals) {
    process.removeAllListeners(signal)
    for (const listener of others.get(signal) ?? []) process.on(signal, listener)
  }
  vi.useRealTimers()
})

// SIGBREAK is Ctrl-Break on Windows, SIGHUP the closing of the console there.
test.each(signals)('%s asks for a graceful end', (signal) => {
  const { stop } = new ProcessEnd()
  expect(stop.aborted).toBe(false)
  process.emit(signal, signal)
  expect(stop.aborted).toBe(true)
})

test('SIGHUP is for who takes it, and asks for no end', () => {
  const end = new ProcessEnd()
  const listener = vi.fn()
  end.takeHangup(listener)
  process.emit('SIGHUP', 'SIGHUP')
  expect(listener).toHaveBeenCalledOnce()
  expect(end.stop.aborted).toBe(false)
})

test('the end waits for a thread that may be in a call of the system', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never)
  let exited = () => {}
  const thread = new Promise<void>((resolve) => {
    exited = resolve
  })
  mayHang(thread)
  new ProcessEnd().now(4)
  vi.advanceTimersByTime(100)
  expect(exit).not.toHaveBeenCalled()
  exited()
  await thread
  vi.advanceTimersByTime(20)
  expect(exit).toHaveBeenCalledWith(4)
  vi.clearAllTimers()
  vi.restoreAllMocks()
  process.exitCode = undefined
})
