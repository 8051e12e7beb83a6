import { expect, test } from 'vitest'
import { formatListen, isLoopback, readListen } from '../../../src/http/listen-address.ts'
import { Mistaken } from '../../../src/mistakes/words.ts'

test.each([
  ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['siem-01.example.com:443', { host: 'siem-01.example.com', port: 443 }],
])('%s is an address, and is written so again', (text, address) => {
  expect(readListen(text)).toEqual(address)
  expect(formatListen(address)).toBe(text)
})

test.each([
  '9464',
  '127.0.0.1',
  ':9464',
  '127.0.0.1:',
  '::1:9464',
  '[127.0.0.1]:80',
  '[::1',
  'a b:1',
  'http://a:1',
])('%j is no address to listen on', (text) => {
  const read = readListen(text)
  expect(read).toBeInstanceOf(Mistaken)
  expect((read as Mistaken).words.remedy).toContain('HOST:PORT')
})

test('ports end at 65535', () => {
  expect(readListen('127.0.0.1:65535')).not.toBeInstanceOf(Mistaken)
  expect(readListen('127.0.0.1:65536')).toBeInstanceOf(Mistaken)
})

test('port 9001 is refused with the reason', () => {
  expect((readListen('127.0.0.1:9001') as Mistaken).message).toContain('SmartConnector')
})

test.each([
  '127.0.0.1',
  '127.9.8.7',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  'localhost',
  'LOCALHOST.',
])('%s is reached from this machine only', (host) => expect(isLoopback(host)).toBe(true))

test.each([
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '128.0.0.1',
  'fe80::1',
  '::ffff:10.0.0.1',
  'localhost.example.com',
  'siem',
])('%s is reached from elsewhere', (host) => expect(isLoopback(host)).toBe(false))
