import { describe, expect, test } from 'vitest'
import { readFileAddress } from '../../../../src/destinations/file/address.ts'
import { FileNames } from '../../../../src/destinations/file/names.ts'
import { Mistaken } from '../../../../src/mistakes/words.ts'

const atMs = Date.UTC(2026, 10, 28, 6, 5, 4)

function names(template: string): FileNames {
  const read = FileNames.read(template)
  if (read instanceof Mistaken) throw read
  return read
}

describe('an address of files', () => {
  test.each([
    ['/var/log/msgtrk/%Y-%m-%d.cef', 'linux', { folder: '/var/log/msgtrk', name: '%Y-%m-%d.cef' }],
    ['/var/log/my%20mails/a.cef', 'linux', { folder: '/var/log/my mails', name: 'a.cef' }],
    ['/var/100%25/a%25.cef', 'linux', { folder: '/var/100%', name: 'a%25.cef' }],
    ['/var/log/../lib/a.cef', 'linux', { folder: '/var/lib', name: 'a.cef' }],
    ['/C:/Mail%20Logs/%D.cef', 'win32', { folder: 'C:\\Mail Logs', name: '%D.cef' }],
    ['C:\\Logs\\%D.cef', 'win32', { folder: 'C:\\Logs', name: '%D.cef' }],
    ['files/mail/logs/%D.cef', 'win32', { folder: '\\\\files\\mail\\logs', name: '%D.cef' }],
  ] as const)('%s on %s', (rest, platform, address) => {
    expect(readFileAddress(rest, platform)).toEqual(address)
  })

  test.each([
    ['logs/a.cef', 'linux', /names no file by its whole path/],
    ['/C:/logs/a.cef', 'linux', /path of Windows/],
    ['/logs/a.cef', 'win32', /names no drive/],
    ['/var/log/', 'linux', /names a folder/],
    ['/var/%Y/a.cef', 'linux', /placeholder in its folder/],
    ['/var/log/%q.cef', 'linux', /unknown placeholder %q/],
    ['/var/log/a%2Fb', 'linux', undefined],
    ['/var/log/a.%D', 'linux', /behind its last dot/],
    ['/var/log/.msgtrk', 'linux', /none everywhere/],
    ['/var/log/a%00.cef', 'linux', /control character/],
    ['/var/log/a%0Ab.cef', 'linux', /control character/],
    ['/var/log/a+1.cef', 'linux', /holds \+/],
    ['C:/logs/con.cef', 'win32', /con\.cef in it, which Windows keeps/],
    ['C:/aux/a.cef', 'win32', /aux in it, which Windows keeps/],
    ['C:/logs./a.cef', 'win32', /logs\. in it, which Windows keeps/],
  ] as const)('%s on %s is none', (rest, platform, message) => {
    const read = readFileAddress(rest, platform)
    if (message === undefined) expect(read).toMatchObject({ folder: '/var/log/a', name: 'b' })
    else expect(read).toMatchObject({ message: expect.stringMatching(message) })
  })
})

describe('names of files', () => {
  test('have the time of writing in UTC, and the source', () => {
    expect(names('%Y%m%d-%H %S.cef').firstOf('EX01', atMs)).toBe('20261128-06 EX01.cef')
    expect(names('%D').firstOf('EX01', atMs)).toBe('2026-11-28')
    expect(names('100%25.cef').firstOf('EX01', atMs)).toBe('100%.cef')
  })

  test('never lead out of the folder', () => {
    expect(names('%S.cef').firstOf('../../etc/passwd', atMs)).toBe('.._.._etc_passwd.cef')
    expect(names('%S.cef').firstOf('a\\b:c', atMs)).toBe('a_b_c.cef')
  })

  test.each(['%D-%S.cef', '%D', 'mail.cef', '%S.2026.cef'])(
    'of %s are found again, and no others',
    (template) => {
      const all = names(template)
      const first = all.firstOf('EX01', atMs)
      expect(all.parse(first)).toEqual({ name: first, first, number: 0, isPacked: false })
      const third = all.numbered(first, 3)
      expect(all.parse(third)).toEqual({ name: third, first, number: 3, isPacked: false })
      expect(all.parse(`${third}.gz`)).toEqual({ name: `${third}.gz`, first, number: 3, isPacked: true })
      for (const other of [
        `x${first}/`,
        `${first}~`,
        `${first}.bak`,
        `${first}+0`,
        `${first}\n`,
        `${first}.gz.gz`,
      ]) {
        expect(all.parse(other)).toBeNull()
      }
    },
  )
})
