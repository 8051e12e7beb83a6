import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundle } from '../support/bundled.ts'
import { isThorough } from '../support/runs.ts'

const rounds = isThorough ? 100 : 10

test('a start after a kill takes the state folder, though the id of the dead process is that of another', async ({
  onTestFinished,
}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-lock-rounds-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const script = path.join(folder, 'lock-rounds.mjs')
  await bundle(path.join(import.meta.dirname, '../peers/on-windows/lock-rounds.ts'), script)
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder, `${rounds}`])
  const { tookMs, refused } = JSON.parse(stdout) as { tookMs: number[]; refused: number }
  expect(tookMs.filter(Number.isFinite)).toHaveLength(rounds)
  expect(refused).toBe(rounds / 10)
})
