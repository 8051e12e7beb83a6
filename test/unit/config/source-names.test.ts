import { describe, expect, test } from 'vitest'
import { sourceNames } from '../../../src/config/source-names.ts'

const names = (...folders: string[]) => sourceNames(folders.map((folder) => ({ folder })))

const local = 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\Logs\\MessageTracking'
const share = (server: string) =>
  `\\\\${server}\\c$\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\Logs\\MessageTracking`
const cut = 'icrosoft-Exchange-Server-V15-TransportRoles-Logs-MessageTracking'

describe('a name that fits stays what it was', () => {
  test.each([
    ['\\\\EX01\\MessageTracking', 'EX01-MessageTracking'],
    ['\\\\EX01\\Logs\\MessageTracking\\', 'EX01-Logs-MessageTracking'],
    ['/srv/logs/EX 01', 'srv-logs-EX-01'],
    ['D:\\Logs', 'D-Logs'],
  ])('%s: %s', (folder, name) => {
    expect(names(folder)).toEqual([{ name }])
  })
})

test('one that is too long is not cut within a word, and keeps what it was called', () => {
  expect(names(local)).toEqual([
    { name: 'Exchange-Server-V15-TransportRoles-Logs-MessageTracking', formerName: cut },
  ])
  const word = 'x'.repeat(70)
  expect(names(`/${word}`)).toEqual([{ name: 'x'.repeat(64) }])
})

test('a share has the name of its server, in each of its forms', () => {
  expect(names(share('EX01'), share('EX02'))).toEqual([
    { name: 'EX01-MessageTracking', formerName: cut },
    { name: 'EX02-MessageTracking' },
  ])
  expect(names(share('EX03').replace('\\\\', '\\\\?\\UNC\\'))[0]?.name).toBe('EX03-MessageTracking')
  expect(names(share('EX03').replaceAll('\\', '/'))[0]?.name).toBe('EX03-MessageTracking')
})

test('a name that is taken gets a number, a given one never', () => {
  expect(names('/logs/a b', '/logs/a-b', '/logs/A+b').map(({ name }) => name)).toEqual([
    'logs-a-b',
    'logs-a-b-2',
    'logs-A-b-3',
  ])
  const given = sourceNames([{ folder: '/EX01' }, { name: 'ex01', folder: '/b' }])
  expect(given.map(({ name }) => name)).toEqual(['EX01-2', 'ex01'])
  const long = `/${'x'.repeat(64)}`
  expect(names(long, `${long}/`).map(({ name }) => name.length)).toEqual([64, 62])
})
