import { describe, expect, test } from 'vitest'
import { Lanes, UnansweredError } from '../../../../src/tail/folder/lanes.ts'

/** Long enough never to come, and short enough to wait for. */
const never = 60_000
const soon = 5

/** A call that ends when it is told to. */
function held<T>() {
  let end = (_value: T): void => {}
  const result = new Promise<T>((resolve) => {
    end = resolve
  })
  let hasBegun = false
  const operation = () => {
    hasBegun = true
    return result
  }
  return { operation, end: (value: T) => end(value), hasBegun: () => hasBegun }
}

describe('calls on one folder', () => {
  test('come one after the other, in the order they were asked for, and fail alone', async () => {
    const lane = new Lanes({ limitMs: never, most: 4 }).of('/EX01')
    const [first, second] = [held<string>(), held<string>()]
    const results = [
      lane.call(first.operation),
      lane.call(() => Promise.reject(new Error('EIO'))).catch((error: Error) => error.message),
      lane.call(second.operation),
    ]
    expect([first.hasBegun(), second.hasBegun()]).toEqual([true, false])
    first.end('a')
    await results[0]
    await results[1]
    second.end('b')
    expect(await Promise.all(results)).toEqual(['a', 'EIO', 'b'])
  })

  test('fail when one hangs, and none is made until it returns', async () => {
    const lane = new Lanes({ limitMs: soon, most: 4 }).of('/EX01')
    const [hung, waiting, later] = [held<string>(), held<string>(), held<string>()]
    const late: string[] = []
    const results = [lane.call(hung.operation, (value) => late.push(value)), lane.call(waiting.operation)]
    for (const result of results) await expect(result).rejects.toThrow(UnansweredError)
    await expect(lane.call(later.operation)).rejects.toThrow('/EX01 has not answered')
    expect([waiting.hasBegun(), later.hasBegun(), late]).toEqual([false, false, []])

    hung.end('too late')
    await expect.poll(() => late).toEqual(['too late'])
    expect(await lane.call(async () => 'again')).toBe('again')
  })

  test('what has to be done all the same is done when the one that hangs has returned', async () => {
    const lane = new Lanes({ limitMs: soon, most: 4 }).of('/EX01')
    const hung = held<void>()
    await expect(lane.call(hung.operation)).rejects.toThrow(UnansweredError)
    let isClosed = false
    await lane.finally(async () => {
      isClosed = true
    })
    expect(isClosed).toBe(false)
    hung.end()
    await expect.poll(() => isClosed).toBe(true)
  })
})

describe('calls on several folders', () => {
  test('share a lane only when the folder is the same', () => {
    const lanes = new Lanes({ limitMs: never, most: 4 })
    expect(lanes.of('/logs/EX01/')).toBe(lanes.of('/logs/EX02/../EX01'))
    expect(lanes.of('/logs/EX01')).not.toBe(lanes.of('/logs/EX02'))
  })

  test('go on while one of them hangs', async () => {
    const lanes = new Lanes({ limitMs: soon, most: 2 })
    const hung = held<void>()
    await expect(lanes.of('/EX01').call(hung.operation)).rejects.toThrow(UnansweredError)
    expect(await lanes.of('/EX02').call(async () => 'fine')).toBe('fine')
    hung.end()
  })

  test('leave threads for the rest of the program, however many hang', async () => {
    const lanes = new Lanes({ limitMs: soon, most: 2 })
    const [one, two, three] = [held<void>(), held<void>(), held<void>()]
    const results = [
      lanes.of('/EX01').call(one.operation),
      lanes.of('/EX02').call(two.operation),
      lanes.of('/EX03').call(three.operation),
    ]
    for (const result of results) await expect(result).rejects.toThrow(UnansweredError)
    expect(three.hasBegun()).toBe(false)
    await expect(lanes.of('/EX03').call(three.operation)).rejects.toThrow('UV_THREADPOOL_SIZE')

    one.end()
    await expect.poll(() => lanes.exhaustion).toBeNull()
    expect(await lanes.of('/EX03').call(async () => 'fine')).toBe('fine')
    two.end()
  })
})
