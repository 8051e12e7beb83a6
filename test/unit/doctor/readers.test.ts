import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { examineReaders, examineReadersOfState } from '../../../src/doctor/readers.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-readers-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.skipIf(process.platform === 'win32')('by modes', () => {
  const { username } = userInfo()

  test('a secret is for its owner, or its group, or for everybody', async () => {
    const file = join(folder, 'token')
    await writeFile(file, 'x')
    await chmod(file, 0o600)
    expect(await examineReaders(file)).toMatchObject([
      { verdict: 'ok', message: expect.stringContaining(`for ${username} (mode 600)`) },
    ])
    await chmod(file, 0o640)
    expect(await examineReaders(file)).toMatchObject([
      { verdict: 'ok', message: expect.stringMatching(/ and the group \S+ \(mode 640\)/) },
    ])
    await chmod(file, 0o644)
    // Its folder keeps the others out.
    expect(await examineReaders(file)).toMatchObject([{ verdict: 'ok' }])
    await chmod(folder, 0o755)
    expect(await examineReaders(file)).toMatchObject([
      { verdict: 'warning', message: 'every user of this machine can read token (mode 644)' },
    ])
    expect(await examineReaders(join(folder, 'none'))).toEqual([])
  })

  test('of a state folder dead letters count', async () => {
    await chmod(folder, 0o755)
    const state = join(folder, 'state')
    expect(await examineReadersOfState(state)).toEqual([])
    const letters = join(state, 'siem', 'dead-letters.ndjson')
    await mkdir(join(state, 'siem'), { recursive: true })
    await chmod(state, 0o755)
    await chmod(join(state, 'siem'), 0o755)
    await writeFile(letters, '{}')
    await chmod(letters, 0o600)
    expect(await examineReadersOfState(state)).toMatchObject([{ verdict: 'ok' }])
    await chmod(letters, 0o644)
    expect(await examineReadersOfState(state)).toMatchObject([
      { verdict: 'warning', message: expect.stringContaining('dead-letters.ndjson') },
    ])
  })
})

describe('by the list of rights of Windows', () => {
  const readers = (descriptor: () => Promise<string>) => examineReaders(folder, descriptor, 'win32')

  test('for some, or for every user', async () => {
    expect(await readers(async () => 'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')).toMatchObject([
      { verdict: 'ok', message: 'for SYSTEM, Administrators' },
    ])
    const [open] = await readers(async () => 'D:AI(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)')
    expect(open).toMatchObject({ verdict: 'warning', message: 'every user can read it: Users' })
    expect(open?.remedy).toContain('msgtrk service install')
  })

  test('where nothing tells it, how to look', async () => {
    const [one] = await readers(async () => Promise.reject(new Error('no icacls')))
    expect(one).toMatchObject({ verdict: 'warning', remedy: `look yourself: icacls "${folder}"` })
  })
})
