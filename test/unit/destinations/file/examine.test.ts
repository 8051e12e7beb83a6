/** What `check --live` finds of files, without writing any; and why nothing can be written, in words. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examineFile } from '../../../../src/destinations/file/examine.ts'
import { file as kind } from '../../../../src/destinations/file/kind.ts'
import { FileTrouble } from '../../../../src/destinations/file/open-file.ts'
import { fileReason } from '../../../../src/destinations/file/reasons.ts'
import { settings } from '../receiver.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-examine-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Each as `verdict part: message`, and with what to do. */
async function lines(name = 'events.cef', at = folder): Promise<readonly string[]> {
  const examined = await examineFile(settings(`file://${at}/${name}`), { folder: at, name })
  return examined.map(({ verdict, part, message, remedy = '' }) =>
    `${verdict} ${part}: ${message} → ${remedy}`
      .replaceAll(folder, 'F')
      .replaceAll(/\d+(?:\.\d)? [MG]B/g, 'N B'),
  )
}

describe('of files', () => {
  it('the next one is made, or goes on where it is there', async () => {
    const [first, room, next] = await lines()
    expect(first).toBe('ok folder: F can be written to → ')
    expect(room).toMatch(/^(?:ok|warning) room: N B are left there/)
    expect(next).toBe('ok file: events.cef is made with the first event → ')
    await writeFile(join(folder, 'events.cef'), 'an event\n')
    expect((await lines()).at(-1)).toBe('ok file: events.cef is there, and goes on → ')
  })

  it('those of a source each are not known yet', async () => {
    expect(await lines('%S.cef')).toHaveLength(2)
  })

  it('the folder has to be there, and one', async () => {
    expect(await lines('a', join(folder, 'none'))).toEqual([
      'failure folder: there is no folder F/none: make it, or mount the share that it is on → ',
    ])
    await writeFile(join(folder, 'file'), '')
    expect(await lines('a', join(folder, 'file'))).toEqual(['failure folder: F/file is no folder → '])
  })

  it.skipIf(process.platform === 'win32')('others may put none there, nor links', async () => {
    await chmod(folder, 0o777)
    expect(await lines()).toContain(
      'warning rights: others than its owner may write into F, and so put or remove files there → chmod go-w F',
    )
    // As /tmp is: others may not remove what is not theirs.
    await chmod(folder, 0o1777)
    expect((await lines()).join()).not.toContain('rights')
    await symlink('/etc/passwd', join(folder, 'link.cef'))
    expect((await lines('link.cef')).at(-1)).toBe(
      'failure file: F/link.cef is a symbolic link, which is not written through → remove it',
    )
    await mkdir(join(folder, 'folder.cef'))
    expect((await lines('folder.cef')).at(-1)).toBe(
      'failure file: F/folder.cef is no file, which is not written through → remove it',
    )
  })

  it('it is told how large they become, and which stay', () => {
    const options = settings('file:///out/events.cef')
    const told = (file?: object) =>
      kind.describe({
        ...options,
        ...(file && { file: { mode: '0600', rotateBytes: 2e6, gzip: false, ...file } }),
      } as never)
    expect(told()).toEqual([
      ['files', 'up to 1073741824 bytes each, rights 0600'],
      ['keeps', 'all files'],
    ])
    expect(told({ gzip: true, keepFiles: 5, keepDays: 30, keepBytes: 1e9 })).toEqual([
      ['files', 'up to 2000000 bytes each, rights 0600, packed when finished'],
      ['keeps', '5 files, 30 days, 1000000000 bytes; the oldest beyond that are removed'],
    ])
  })
})

describe('why nothing can be written', () => {
  const error = (code: string, path?: string) =>
    Object.assign(new Error(`${code}: it failed`), { code, path })
  it.each([
    ['ENOSPC', 'no space is left for files in /out: make room there'],
    ['EDQUOT', 'no space is left for files in /out: make room there'],
    ['ENOTDIR', 'there is no folder /out: make it, or mount the share that it is on'],
    [
      'EACCES',
      'the system does not permit to write /out: give the account that msgtrk runs under the right to',
    ],
    [
      'EPERM',
      'the system does not permit to write /out: give the account that msgtrk runs under the right to',
    ],
    ['EROFS', '/out can only be read: mount it for writing'],
    ['EFBIG', 'the system takes no larger file than /out: set file.rotateBytes below its limit'],
    ['ELOOP', '/out is a symbolic link, which is not written through: remove it'],
    ['ESTALE', 'the share with /out is gone'],
    ['ENOTCONN', 'the share with /out is gone'],
    ['EHOSTDOWN', 'the share with /out is gone'],
    ['ETIMEDOUT', 'the share with /out is gone'],
    ['EIO', '/out can not be written: EIO: it failed'],
  ])('%s', (code, reason) => {
    expect(fileReason(error(code), '/out')).toBe(reason)
  })

  it('names the file that the system names, and nothing that commands a terminal', () => {
    expect(fileReason(error('EACCES', '/out/a.cef'), '/out')).toContain('permit to write /out/a.cef:')
    expect(fileReason(new Error('odd\u001b[2J\n'), '/out')).not.toMatch(/\p{Cc}/u)
    expect(fileReason(new FileTrouble('it is as it is'), '/out')).toBe('it is as it is')
    expect(fileReason('thrown', '/out')).toBe('thrown')
  })
})
