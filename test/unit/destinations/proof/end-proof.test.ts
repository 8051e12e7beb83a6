import { expect, test } from 'vitest'
import { EndProof, overflowsIn } from '../../../../src/destinations/proof/end-proof.ts'
import type { Ends, TcpState } from '../../../../src/destinations/proof/ends.ts'

const ends: Ends = { local: { address: '127.0.0.1', port: 1 }, remote: { address: '127.0.0.1', port: 2 } }
const established = (unacknowledged: number): TcpState => ({ state: 'ESTABLISHED', unacknowledged })
const gone: TcpState = { state: 'gone' }

/** A system that answers so, one after the other, and has a counter. */
function system(overflows: number | undefined, forgets = false) {
  const answers: TcpState[] = []
  const host = { forgets, overflows: 0 as number | undefined }
  const kernel = {
    read: async () => answers.shift() ?? gone,
    overflows: async () => kernel.count,
    count: overflows,
  }
  return { answers, host, kernel, proof: () => new EndProof(ends, kernel, host) }
}

test('a connection that is gone was reset, as long as the system keeps ended ones', async () => {
  const { proof, host } = system(0)
  expect(proof().before()).toBeUndefined()
  expect(await proof().after()).toBe('no')
  expect(host.forgets).toBe(false)
})

test('on a system that drops ended ones nothing is known of the first, and all of those that come', async () => {
  const { proof, kernel, answers } = system(1)
  expect(await proof().after()).toBe('forgotten')
  const next = proof()
  answers.push(established(700), established(0))
  await next.before()
  kernel.count = 2
  expect(await next.after()).toBe('yes')
})

test('also there one that is gone without having been dropped was reset', async () => {
  const { proof, answers } = system(0, true)
  const next = proof()
  answers.push(established(0))
  await next.before()
  expect(await next.after()).toBe('no')
})

test('what the peer had not acknowledged when it broke off is not proved', async () => {
  const { proof, answers } = system(1, true)
  const next = proof()
  answers.push(established(700), gone)
  await next.before()
  expect(await next.after()).toBe('forgotten')
})

test('what the list says of a connection that is in it counts', async () => {
  const { proof, answers } = system(1)
  answers.push({ state: 'TIME_WAIT', unacknowledged: 0 })
  expect(await proof().after()).toBe('yes')
  answers.push({ state: 'LAST_ACK', unacknowledged: 1 })
  expect(await proof().after()).toBe('no')
})

test('of those dropped only what came since the last look counts', async () => {
  const { proof, kernel, host } = system(1)
  expect(await proof().after()).toBe('forgotten')
  expect(await proof().after()).toBe('no')
  kernel.count = 2
  expect(await proof().after()).toBe('forgotten')
  expect(host.overflows).toBe(2)
})

test('a peer that ended before us is not known to have had all', async () => {
  const { proof, answers } = system(1, true)
  const next = proof()
  answers.push({ state: 'CLOSE_WAIT', unacknowledged: 0 })
  await next.before()
  expect(await next.after()).toBe('forgotten')
})

test('nothing is known of a connection that was gone before it could be asked for its ends', async () => {
  const { kernel, host } = system(1, true)
  const proof = new EndProof(undefined, kernel, host)
  expect(proof.before()).toBeUndefined()
  expect(await proof.after()).toBe('unknown')
})

test('a system without the counter may have dropped it', async () => {
  expect(await system(undefined).proof().after()).toBe('forgotten')
})

test('the counter is found by its name', () => {
  const netstat = 'IpExt: A\nIpExt: 1\nTcpExt: SyncookiesSent TCPTimeWaitOverflow X\nTcpExt: 3 17 9\n'
  expect(overflowsIn(netstat)).toBe(17)
  expect(overflowsIn('TcpExt: A\nTcpExt: 1\n')).toBeUndefined()
  expect(overflowsIn('')).toBeUndefined()
})
