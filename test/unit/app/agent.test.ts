import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { ownAddresses } from '../../../src/app/agent.ts'

function interfacesOf(...addresses: readonly (readonly [address: string, internal?: boolean])[]) {
  return Object.fromEntries(
    addresses.map(([address, internal = false], index) => {
      const family = address.includes(':') ? 'IPv6' : 'IPv4'
      return [`eth${index}`, [{ address, family, internal } as NetworkInterfaceInfo]]
    }),
  )
}

test('the address of the agent is the first that others know and the machine did not give itself', () => {
  const interfaces = interfacesOf(
    ['127.0.0.1', true],
    ['fe80::1'],
    ['169.254.7.7'],
    ['10.1.2.3'],
    ['192.0.2.2'],
    ['10.1.2.3'],
  )
  expect(ownAddresses(interfaces)).toEqual(['10.1.2.3', '192.0.2.2', '169.254.7.7'])
  expect(ownAddresses(interfacesOf(['127.0.0.1', true], ['2001:db8::1']))).toEqual([])
})
