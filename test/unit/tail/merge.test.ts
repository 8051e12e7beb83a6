import { expect, it } from 'vitest'
import { mergeInTurn } from '../../../src/tail/merge.ts'

async function* counted(name: string, count: number): AsyncGenerator<string> {
  for (let i = 1; i <= count; i++) yield `${name}${i}`
}

it('lets ready sequences take turns', async () => {
  const merged: string[] = []
  const sequences = [counted('a', 3), counted('b', 1), counted('c', 3)]
  for await (const each of mergeInTurn(sequences, new AbortController().signal)) {
    merged.push(each)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(merged).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'c3'])
})

it('asks a sequence again only when the next item is asked for', async () => {
  let asked = 0
  async function* watched(): AsyncGenerator<number> {
    while (asked < 3) yield ++asked
  }
  const merged = mergeInTurn([watched()], new AbortController().signal)
  await merged.next()
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toBe(1)
  await merged.return(undefined)
})

it('rejects when a sequence does', async () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  async function* failing(): AsyncGenerator<number> {
    throw new Error('broken')
  }
  const merged = mergeInTurn([failing()], new AbortController().signal)
  await expect(merged.next()).rejects.toThrow('broken')
})

const byNumber = { rankOf: (item: string) => Number(item.slice(1)), patienceMs: 60_000 }

it('gives the lowest of all that there are, where they have an order', async () => {
  const merged: string[] = []
  async function* slowly(...items: readonly string[]): AsyncGenerator<string> {
    for (const item of items) {
      await new Promise((resolve) => setImmediate(resolve))
      yield item
    }
  }
  async function* at(...items: readonly string[]): AsyncGenerator<string> {
    yield* items
  }
  const sequences = [at('a5', 'a6', 'a9'), slowly('b1', 'b7', 'b8'), at('c2', 'cx')]
  for await (const each of mergeInTurn(sequences, new AbortController().signal, byNumber)) merged.push(each)
  expect(merged).toEqual(['b1', 'c2', 'cx', 'a5', 'a6', 'b7', 'b8', 'a9'])
})

// Each waits for a second.

it.concurrent('goes on while one sequence hangs, and ends on abort all the same', async () => {
  const stop = new AbortController()
  async function* hanging(): AsyncGenerator<string> {
    await new Promise(() => {})
    yield 'never'
  }
  const merged: string[] = []
  for await (const each of mergeInTurn([hanging(), counted('a', 3)], stop.signal)) {
    merged.push(each)
    if (merged.length === 3) stop.abort()
  }
  expect(merged).toEqual(['a1', 'a2', 'a3'])
})

it.concurrent('waits for one that may have a lower one, and not for ever', async () => {
  const stop = new AbortController()
  async function* hanging(): AsyncGenerator<string> {
    yield 'h1'
    await new Promise(() => {})
  }
  const merged: string[] = []
  for await (const each of mergeInTurn([hanging(), counted('a', 3)], stop.signal, {
    ...byNumber,
    patienceMs: 1,
  })) {
    merged.push(each)
    if (merged.length === 4) stop.abort()
  }
  expect(merged).toEqual(['h1', 'a1', 'a2', 'a3'])
})
