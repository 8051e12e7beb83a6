import { tmpdir } from 'node:os'
import { expect, test, vi } from 'vitest'
import { isOnNetwork, placeOf } from '../../../../src/tail/folder/network-folder.ts'

/** What the system says of the type; undefined: the truth. */
const said = vi.hoisted(() => ({ type: undefined as number | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const statfs = async (path: string) => (said.type === undefined ? real.statfs(path) : { type: said.type })
  return { ...real, statfs }
})

test.each([
  ['\\\\EX01\\MessageTracking', true],
  ['//EX01/MessageTracking', true],
  ['\\\\?\\UNC\\EX01\\MessageTracking', true],
  ['\\\\?\\C:\\Logs', false],
  ['C:\\Logs', false],
])('on Windows %s tells by its form: %s', async (folder, expected) => {
  expect(await isOnNetwork(folder, 'win32')).toBe(expected)
})

test.runIf(process.platform === 'linux')('on Linux the type of the file system tells', async () => {
  expect(await isOnNetwork(tmpdir())).toBe(false)
  // As some architectures give it.
  for (const type of [0x6969, 0xfe534d42, 0xff534d42 | 0, 0x65735546]) {
    said.type = type
    expect(await isOnNetwork(tmpdir())).toBe(true)
  }
  said.type = undefined
})

test.runIf(process.platform === 'linux').each([
  ['ext4', 0xef53, true],
  ['XFS', 0x58465342, true],
  ['Btrfs, as some architectures give it', 0x9123683e | 0, true],
  ['NTFS', 0x5346544e, false],
  ['vboxsf', 0x786f4256, false],
  ['NFS', 0x6969, false],
])('what tells every change is told by its type: %s', async (_, type, expected) => {
  said.type = type
  expect((await placeOf('/')).tellsChanges).toBe(expected)
  said.type = undefined
})
