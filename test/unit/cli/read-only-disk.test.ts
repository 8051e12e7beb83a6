/** A file system that can only be read, as one with errors becomes: what to do is no matter of rights. */
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { tryState } from '../../../src/cli/init/try-state.ts'
import { writeNew } from '../../../src/cli/init/write-new.ts'
import { outputFailed } from '../../../src/cli/terminal/byte-output.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { simulate } from '../../../src/simulate/simulator.ts'
import { temporaryFolder } from '../tail/logs.ts'

const readOnly = vi.hoisted(() => {
  const error = () => Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
  return { error, folder: '' }
})
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const isIn = (path: unknown) => readOnly.folder !== '' && String(path).startsWith(readOnly.folder)
  const mkdir = async (path: string, options?: { readonly recursive?: boolean }) => {
    if (!isIn(path)) return await real.mkdir(path, options)
    // So does Node.js.
    throw options?.recursive ? Object.assign(new Error('ENOENT'), { code: 'ENOENT' }) : readOnly.error()
  }
  const access = async (path: string, mode?: number) => {
    if (isIn(path) && mode === real.constants.W_OK) throw readOnly.error()
    await real.access(path, mode)
  }
  return { ...real, mkdir, access }
})

const remedy = expect.stringMatching(/mount it so that it can be written to, or (?:name|give) another/)

it('is told as that by whatever makes a folder or a file for a person', async () => {
  readOnly.folder = await temporaryFolder()
  const place = join(readOnly.folder, 'made')
  const problemOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ProblemsError)
    return (error as ProblemsError).problems[0]
  }
  const signal = new AbortController().signal
  const simulation = { into: place, version: '2016', seed: 1, events: 1, signal } as const

  expect(await tryState(place)).toMatchObject({ verdict: 'failure', remedy })
  expect(await problemOf(writeNew(join(place, 'msgtrk.yaml'), '', { mode: 0o600 }))).toMatchObject({ remedy })
  expect(await problemOf(simulate(simulation))).toMatchObject({ remedy })
  expect(outputFailed('out.cef', readOnly.error()).problems[0]).toMatchObject({ remedy })
})
