import { expect, onTestFinished, test, vi } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { createEventTransform, type EventOptions } from '../../../src/transform/event-transform.ts'

const options: EventOptions = {
  mapping: 'exchange-2013',
  cefVersion: 0,
  additionalData: 'none',
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 65_536,
}
const bytes = Buffer.from('2026-11-20T14:00:00.000Z,RECEIVE\r\n')
const chunk: Chunk = {
  file: { id: 'EX01/a', source: 'EX01', path: '/logs/a.LOG' },
  layout: { columns: ['date-time', 'event-id'], version: '', header: Buffer.alloc(0) },
  header: 0,
  start: 0,
  end: bytes.length,
  bytes,
  malformed: [],
}

test('many that are made to find mistakes take no memory for chunks, which the first chunk does', () => {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (size: object) => object } })
    .WebAssembly
  const made = vi.fn()
  class Counted extends Memory {
    constructor(size: object) {
      super(size)
      made()
    }
  }
  vi.stubGlobal('WebAssembly', { ...Object.fromEntries(own('WebAssembly')), Memory: Counted })
  onTestFinished(() => void vi.unstubAllGlobals())
  const transforms = Array.from({ length: 20 }, () => createEventTransform(options))
  expect(made).not.toHaveBeenCalled()
  for (let time = 0; time < 2; time++) {
    const [batch] = transforms[0]?.(chunk) ?? []
    expect(batch?.counts.events).toBe(1)
  }
  expect(made).toHaveBeenCalledTimes(1)
})

test('mistakes are told without a chunk', () => {
  expect(() => createEventTransform({ ...options, mapping: 'exchange-2O13' })).toThrow(ProblemsError)
})

function own(name: string): readonly (readonly [string, unknown])[] {
  const all = (globalThis as unknown as Record<string, Record<string, unknown>>)[name] ?? {}
  return Object.getOwnPropertyNames(all).map((key) => [key, all[key]] as const)
}
