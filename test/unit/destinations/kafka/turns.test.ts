import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Fate } from '../../../../src/destinations/kafka/producer.ts'
import { Turns } from '../../../../src/destinations/kafka/turns.ts'
import { deferred } from '../../../../src/destinations/stream/deferred.ts'
import { closed, type Outcome, type Unavailable } from '../../../../src/flow/delivery.ts'
import { batchOf } from '../../../kafka/batches.ts'

/** What happened, in order. */
let story: string[]
/** What becomes of the batches that go out, oldest first. */
let fates: ReturnType<typeof deferred<Fate>>[]
let isReady: boolean
let turns: Turns

beforeEach(() => {
  story = []
  fates = []
  isReady = true
  const texts = new WeakMap<object, string>()
  turns = new Turns({
    records: { key: 'none', isOfRows: true },
    producer: {
      prepare(taken) {
        const [part] = taken.parts(1, 0)
        texts.set(taken, `${part?.line}`)
        story.push(`ready ${part?.line}`)
      },
      deliver(taken, signal) {
        story.push(`goes out ${texts.get(taken)}`)
        const fate = deferred<Fate>()
        fates.push(fate)
        signal.addEventListener('abort', () => fate.resolve(closed))
        return fate.promise
      },
    },
    status: {
      async connected() {},
      failed: (reason) => void story.push(`failed: ${reason}`),
    },
    isReady: () => isReady,
    onFailure: ({ reason }) => void story.push(`forgotten: ${reason}`),
  })
})

afterEach(() => void vi.useRealTimers())

const down: Unavailable = { status: 'unavailable', reason: 'no broker' }

/** All that can happen without anything new from outside. */
async function happened(): Promise<readonly string[]> {
  await new Promise((resolve) => setImmediate(resolve))
  return story.splice(0)
}

/** Sends; what is known of it by now. */
function send(text: string): { hasRoom: boolean; outcome: Outcome | undefined } {
  const seen: ReturnType<typeof send> = { hasRoom: false, outcome: undefined }
  const sent = turns.send(batchOf(text === '' ? [] : [{ text }]), async (fate, settle) => {
    story.push(`turn of ${text}`)
    settle(fate)
  })
  void sent.then(async ({ outcome }) => {
    seen.hasRoom = true
    seen.outcome = await outcome
  })
  return seen
}

it('sends one after the other, and makes the next one ready meanwhile', async () => {
  const first = send('a')
  expect(await happened()).toEqual(['ready a', 'goes out a'])
  const second = send('b')
  expect(await happened()).toEqual(['ready b'])
  const third = send('c')
  expect(await happened()).toEqual([])
  expect([first, second, third].map(({ hasRoom }) => hasRoom)).toEqual([true, true, false])
  fates[0]?.resolve({ status: 'delivered' })
  expect(await happened()).toEqual(['turn of a', 'goes out b', 'ready c'])
  expect(third.hasRoom).toBe(true)
  expect([first.outcome, second.outcome]).toEqual([{ status: 'delivered' }, undefined])
  fates[1]?.resolve({ status: 'delivered' })
  expect(await happened()).toEqual(['turn of b', 'goes out c'])
  fates[2]?.resolve({ status: 'delivered' })
  expect(await happened()).toEqual(['turn of c'])
  expect(third.outcome).toEqual({ status: 'delivered' })
})

it('does not send what waits behind one that fails, nor what waits for room', async () => {
  const sent = ['a', 'b', 'c'].map(send)
  await happened()
  fates[0]?.resolve(down)
  expect(await happened()).toEqual(['forgotten: no broker', 'failed: no broker', 'turn of a', 'turn of b'])
  const unsent = { ...down, unsent: true }
  expect(sent.map(({ outcome }) => outcome)).toEqual([down, unsent, unsent])
  const again = send('a')
  expect(await happened()).toEqual(['ready a', 'goes out a'])
  fates[1]?.resolve({ status: 'delivered' })
  await happened()
  expect(again.outcome).toEqual({ status: 'delivered' })
})

it('begins no turn before the one before is over, with all that is done in it', async () => {
  const over = deferred<void>()
  await turns.send(batchOf([{ text: 'a' }]), async (fate, settle) => {
    await over.promise
    settle(fate)
  })
  void turns.next(async () => void story.push('between'))
  const second = send('b')
  await happened()
  fates[0]?.resolve({ status: 'delivered' })
  expect(await happened()).toEqual([])
  turns.fail(down)
  over.resolve()
  expect(await happened()).toEqual(['forgotten: no broker', 'failed: no broker', 'between', 'turn of b'])
  expect(second.outcome).toEqual({ ...down, unsent: true })
})

it('gives a batch without events its turn, and sends nothing while it is not ready', async () => {
  send('a')
  const empty = send('')
  expect(await happened()).toEqual(['ready a', 'goes out a'])
  fates[0]?.resolve({ status: 'delivered' })
  expect(await happened()).toEqual(['turn of a', 'turn of '])
  expect(empty.outcome).toEqual({ status: 'delivered' })
  isReady = false
  const refused = [send('b'), send('')]
  expect(await happened()).toEqual(['ready b', 'turn of b', 'turn of '])
  expect(refused.map(({ outcome }) => outcome)).toEqual([closed, closed])
})

it('is closed when all is over, or gives it up after some seconds without a word of trouble', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const sent = [send('a'), send('b')]
  await happened()
  const ended = turns.close(async () => void story.push('last'))
  const late = send('c')
  await vi.advanceTimersByTimeAsync(2900)
  expect(await happened()).toEqual([])
  expect(turns.givingUp.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(200)
  await ended
  expect(await happened()).toEqual([`forgotten: ${closed.reason}`, 'turn of a', 'turn of b', 'last'])
  expect([...sent, late].map(({ outcome }) => outcome)).toEqual([closed, closed, closed])
})

it('takes nothing more once it is closed', async () => {
  await turns.close()
  const late = send('a')
  expect(await happened()).toEqual([])
  expect(late.outcome).toEqual(closed)
})
