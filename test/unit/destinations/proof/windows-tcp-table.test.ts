import { describe, expect, test } from 'vitest'
import type { Ends } from '../../../../src/destinations/proof/ends.ts'
import { type ReadTable, WindowsTcpTable } from '../../../../src/destinations/proof/windows-tcp-table.ts'

const over4: Ends = {
  local: { address: '10.1.1.5', port: 50001 },
  remote: { address: '10.1.1.20', port: 514 },
}
const over6: Ends = {
  local: { address: 'fe80::1%12', port: 50001 },
  remote: { address: '2001:db8::20', port: 6514 },
}

const hex4 = (state: number) => `${le(state)} 0a010105 c351 0000 0a010114 0202 0000 ${le(77)}`
const hex6 = (state: number) =>
  `fe800000000000000000000000000001 0c000000 c351 0000 20010db8000000000000000000000020 00000000 1972 0000 ${le(state)} ${le(77)}`

function le(number: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes.toString('hex')
}

/** A system with these rows, in hexadecimal, whichever family is asked for. */
function system(rows: readonly string[]): ReadTable {
  const text = [le(rows.length), ...rows].join('').replaceAll(' ', '')
  const list = Buffer.from(text, 'hex')
  return async (table, size) => {
    const isEnough = size[0] >= list.length
    size[0] = list.length
    if (!isEnough) return 122
    list.copy(table)
    return 0
  }
}

async function stateIn(rows: readonly string[], ends: Ends): Promise<string> {
  return (await new WindowsTcpTable(async () => system(rows)).read(ends)).state
}

describe.each([
  ['IPv4', over4, hex4],
  ['IPv6', over6, hex6],
])('over %s', (_, ends, row) => {
  test.each([
    [5, 'ESTABLISHED'],
    [6, 'FIN_WAIT1'],
    [7, 'FIN_WAIT2'],
    [10, 'LAST_ACK'],
    [11, 'TIME_WAIT'],
  ])('state %i is %s', async (number, state) => {
    const other = row(2).replaceAll('c351', '1234')
    expect(await stateIn([other, row(number)], ends)).toBe(state)
  })

  test('whether a peer that ended first has acknowledged all is not known', async () => {
    expect(await stateIn([row(8)], ends)).toBe('unknown')
  })

  test('what is not listed was reset, once it is known that ended connections are', async () => {
    let rows = [row(2).replaceAll('c351', '1234')]
    const table = new WindowsTcpTable(async () => system(rows))
    expect((await table.read(ends)).state).toBe('unknown')
    rows = [row(11)]
    expect((await table.read(ends)).state).toBe('TIME_WAIT')
    rows = []
    expect((await table.read(ends)).state).toBe('gone')
  })
})

test('a list of any length is read whole', async () => {
  const rows = [...Array.from({ length: 20_000 }, () => hex4(2).replaceAll('c351', '1234')), hex4(11)]
  expect(await stateIn(rows, over4)).toBe('TIME_WAIT')
})

test('without the list, or where it is refused, nothing is known', async () => {
  const read = async (table: ReadTable | null) =>
    (await new WindowsTcpTable(async () => table).read(over4)).state
  expect(await read(null)).toBe('unknown')
  expect(await read(async () => 5)).toBe('unknown')
  expect(await read(async () => 122)).toBe('unknown')
})
