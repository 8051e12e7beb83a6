import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type IpVersion, lookupPreferring, preferring } from '../../../src/network/preferred-ip.ts'

const both = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

test('addresses of the version come first, in their order; without one all stay as they are', () => {
  const many = [...both, { address: '10.1.1.20', family: 4 }]
  expect(preferring(many, 6).map(({ family }) => family)).toEqual([6, 4, 4])
  expect(preferring(many, 4).map(({ address }) => address)).toEqual(['127.0.0.1', '10.1.1.20', '::1'])
  expect(preferring(many, undefined)).toEqual(many)
  expect(lookupPreferring(undefined)).toBeUndefined()
})

async function addressOf(version: IpVersion, host = '::', found = both): Promise<string | undefined> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const lookup = lookupPreferring(version, (_host, _options, done) => done(null, [...found]))
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: 'siem.example.com', port, ...(lookup !== undefined && { lookup }) })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket.remoteAddress
}

test('a connection goes to an address of the version', async () => {
  expect(await addressOf(4)).toBe('127.0.0.1')
  expect(await addressOf(6)).toBe('::1')
  expect(await addressOf(4, '::', both.toReversed())).toBe('127.0.0.1')
})

test('and to one of the other where nothing listens there, or the name has no other', async () => {
  expect(await addressOf(6, '127.0.0.1')).toBe('127.0.0.1')
  expect(await addressOf(6, '::', both.slice(0, 1))).toBe('127.0.0.1')
})

test('a name that is not known stays so', async () => {
  const unknown = Object.assign(new Error('none'), { code: 'ENOTFOUND' })
  const lookup = lookupPreferring(6, (_host, _options, done) => done(unknown, []))
  const socket = connect({ host: 'nowhere.example.com', port: 1, ...(lookup !== undefined && { lookup }) })
  await expect(once(socket, 'connect')).rejects.toThrow('none')
})
