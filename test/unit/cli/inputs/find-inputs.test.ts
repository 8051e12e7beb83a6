import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findInputs, unreadable } from '../../../../src/cli/inputs/find-inputs.ts'
import { ExitCode, ProblemsError } from '../../../../src/mistakes/problem.ts'
import { openRegular } from '../../../../src/tail/bytes/regular-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-inputs-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder gives its tracking logs only, oldest first; files and - keep their places', async () => {
  await mkdir(join(folder, 'EX01'))
  const names = [
    'MSGTRK2026112015-1.LOG',
    'MSGTRK2026112014-10.LOG',
    'MSGTRK2026112014-2.log',
    'MSGTRKMD2026112013-1.LOG',
    'other.log',
  ]
  for (const name of names) await writeFile(join(folder, 'EX01', name), name)
  await writeFile(join(folder, 'one.txt'), '12345')
  const inputs = await findInputs([join(folder, 'one.txt'), '-', join(folder, 'EX01')])
  expect(inputs[0]).toEqual({ path: join(folder, 'one.txt'), size: 5 })
  expect(inputs[1]).toEqual({ path: '-', size: 0 })
  const logs = inputs.slice(2).map(({ path }) => path.slice(join(folder, 'EX01').length + 1))
  expect([...logs].sort()).toEqual(names.slice(0, 4).sort())
  const hub = logs.filter((name) => !name.startsWith('MSGTRKMD'))
  expect(hub).toEqual([names[2], names[1], names[0]])
  expect(inputs.at(-1)?.size).toBe(logs.at(-1)?.length)
})

test('all that can not be found is told at once', async () => {
  const missing = [join(folder, 'one'), folder, join(folder, 'two')]
  const error = await findInputs(missing).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ProblemsError)
  const { problems, exitCode } = error as ProblemsError
  expect(exitCode).toBe(ExitCode.failed)
  expect(problems.map(({ where }) => where)).toEqual(missing.map((file) => ({ file })))
})

test.skipIf(process.platform === 'win32')('a link to nothing hides none of the logs beside it', async () => {
  await writeFile(join(folder, 'MSGTRK2026112015-1.LOG'), 'a')
  await symlink(join(folder, 'nothing'), join(folder, 'MSGTRK2026112014-1.LOG'))
  const inputs = await findInputs([folder])
  expect(inputs.map(({ size }) => size)).toEqual([0, 1])
})

test('an error of the system says what to do', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: sentence of the system`), { code })
  expect(unreadable('a.log', error('ENOENT'))).toMatchObject({
    where: { file: 'a.log' },
    message: 'not found',
  })
  expect(unreadable('a.log', error('EACCES')).remedy).toMatch(/user/)
  expect(unreadable('a.log', error('EPERM'))).toEqual(unreadable('a.log', error('EACCES')))
  expect(unreadable('a.log', error('EIO'))).toEqual({
    where: { file: 'a.log' },
    message: 'EIO: sentence of the system',
  })
})

test('a folder where a file is meant, and a path that a shell would have replaced, have their own remedies', async () => {
  const error = await openRegular(folder).catch((error: unknown) => error)
  expect(unreadable('logs', error)).toMatchObject({
    message: 'is a folder',
    remedy: 'name one of the files in it',
  })
  await expect(findInputs(['~/logs'])).rejects.toThrow(/only a shell replaces ~/)
})
