import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { endianness } from 'node:os'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EndProof } from '../../../../src/destinations/proof/end-proof.ts'
import { type Ends, endsOf, type TcpState } from '../../../../src/destinations/proof/ends.ts'
import { allAcknowledged, findIn, readTcpState } from '../../../../src/destinations/proof/tcp-state.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n'
const rest = '00:00000000 00000000     0        0 0 1 0000000000000000 100 0 0 10 0\n'
const ends = (local: string, localPort: number, remote: string, port: number): Ends => ({
  local: { address: local, port: localPort },
  remote: { address: remote, port },
})

/** Gives a list part by part, and tells how much of it was asked for. */
function listOf(list: string, partBytes = Number.POSITIVE_INFINITY) {
  const asked = {
    bytes: 0,
    parts: 0,
    read: async (into: Buffer) => {
      const length = into.write(list.slice(asked.bytes, asked.bytes + partBytes), 'latin1')
      asked.bytes += length
      asked.parts++
      return length
    },
  }
  return asked
}

// The list is written in the byte order of the machine; these lines are of a common one.
describe.skipIf(endianness() === 'BE')('a list of connections', () => {
  const ipv4 = `${head}   0: 0100007F:6716 0A02000A:0202 06 00000000:00000000 ${rest}   1: 0100007F:6717 0A02000A:0202 08 0000001F:00000000 ${rest}`

  it.each([1, 7, 150, 4096])('is searched by both ends, in parts of %i bytes', async (partBytes) => {
    const find = (known: Ends) => findIn(listOf(ipv4, partBytes).read, known)
    expect(await find(ends('127.0.0.1', 0x6716, '10.0.2.10', 514))).toEqual({
      state: 'TIME_WAIT',
      unacknowledged: 0,
    })
    expect(await find(ends('127.0.0.1', 0x6717, '10.0.2.10', 514))).toEqual({
      state: 'CLOSE_WAIT',
      unacknowledged: 31,
    })
    expect(await find(ends('127.0.0.1', 0x6716, '10.0.2.11', 514))).toEqual({ state: 'gone' })
  })

  it('is read little further than to the connection, and a long one in large parts', async () => {
    const line = (port: number) =>
      `   0: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 0A02000A:0202 01 00000000:00000000 ${rest}`
    const long = head + Array.from({ length: 10_000 }, (_, index) => line(index + 1)).join('')
    const lineBytes = line(1).length

    const early = listOf(long)
    await findIn(early.read, ends('127.0.0.1', 100, '10.0.2.10', 514))
    expect(early.bytes).toBeLessThan(150 * lineBytes)

    const last = listOf(long)
    expect(await findIn(last.read, ends('127.0.0.1', 10_000, '10.0.2.10', 514))).toMatchObject({
      state: 'ESTABLISHED',
    })
    expect(last.parts).toBeLessThan(long.length / 4096 + 30)
  })

  it.each([
    ['::1', '00000000000000000000000001000000'],
    ['2001:db8::8:800:200c:417a', 'B80D012000000000000808007A410C20'],
    ['fe80::1%eth0', '000080FE000000000000000001000000'],
    ['::ffff:10.1.2.3', '0000000000000000FFFF00000302010A'],
  ])('knows %s', async (address, hex) => {
    const list = `${head}   0: ${hex}:0001 ${hex}:0002 05 00000000:00000000 ${rest}`
    expect(await findIn(listOf(list).read, ends(address, 1, address, 2))).toMatchObject({
      state: 'FIN_WAIT2',
    })
  })
})

describe('all is acknowledged', () => {
  const asked = (...answers: TcpState[]) => {
    const next = answers.values()
    return allAcknowledged(ends('127.0.0.1', 1, '127.0.0.1', 2), async () => {
      const { value } = next.next()
      if (value === undefined) throw new Error('asked once more than expected')
      return value
    })
  }
  const state = (name: string, unacknowledged = 0): TcpState => ({ state: name, unacknowledged })

  it.each([
    ['the connection is over', [state('TIME_WAIT')], 'yes'],
    ['the peer has all but our FIN', [state('CLOSE_WAIT')], 'yes'],
    ['the last acknowledgements arrive', [state('CLOSING', 9), state('TIME_WAIT')], 'yes'],
    ['TLS is through and TCP follows', [state('FIN_WAIT2'), state('TIME_WAIT')], 'yes'],
    ['data is still under way', [state('CLOSE_WAIT', 9), state('CLOSE_WAIT')], 'yes'],
    ['data under way is answered by a reset', [state('CLOSING', 9), { state: 'gone' }], 'gone'],
    ['all but our FIN is through, which a reset answers', [state('FIN_WAIT2'), { state: 'gone' }], 'gone'],
    [
      'data that TLS still waits for is answered by a reset',
      [state('CLOSE_WAIT', 9), { state: 'gone' }],
      'gone',
    ],
    ['the connection was reset', [{ state: 'gone' }], 'gone'],
    ['the FIN of the peer came before ours', [state('LAST_ACK', 1)], 'no'],
    ['there is no list', [{ state: 'unknown' }], 'unknown'],
  ] as const)('%s', async (_what, answers, expected) => {
    expect(await asked(...answers)).toBe(expected)
  })

  it('is not waited for longer than two seconds', async () => {
    const clock = vi
      .spyOn(performance, 'now')
      .mockReturnValueOnce(0)
      .mockReturnValueOnce(2000)
      .mockReturnValue(2001)
    try {
      expect(await asked(state('CLOSING', 9), state('CLOSING', 9))).toBe('no')
    } finally {
      clock.mockRestore()
    }
  })
})

it.runIf(process.platform === 'linux').each(['127.0.0.1', '::1'])(
  'the kernel tells a clean end from a reset that came behind the FIN (%s)',
  async (host) => {
    const server = createServer({ allowHalfOpen: true })
    server.listen(0, host)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo

    const open = async () => {
      const client = connect({ host, port, allowHalfOpen: true }).resume()
      const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
      peer.on('error', () => {}).resume()
      client.on('error', () => {})
      return { client, peer, known: endsOf(client)! }
    }
    const clean = await open()
    expect(await readTcpState(clean.known)).toMatchObject({ state: 'ESTABLISHED' })
    clean.client.end()
    await once(clean.peer, 'end')
    clean.peer.end()
    await once(clean.client, 'close')
    expect(await allAcknowledged(clean.known)).toBe('yes')

    // Closed by a peer that never reads what comes then.
    const lost = await open()
    lost.peer.destroy()
    await once(lost.client, 'end')
    lost.client.write('never read')
    lost.client.end()
    await once(lost.client, 'close')
    expect(await allAcknowledged(lost.known)).toBe('gone')
    expect(
      await new EndProof(lost.known, undefined, { forgets: false, overflows: Number.MAX_VALUE }).after(),
    ).toBe('no')
  },
)
