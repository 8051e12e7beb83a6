import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { agentIdFor, keepAgentId, keptAgentId } from '../../../src/checkpoint/agent-id.ts'

let state: string

beforeEach(async () => {
  state = await mkdtemp(path.join(tmpdir(), 'msgtrk-agent-'))
})

afterEach(() => rm(state, { recursive: true, force: true }))

it('is kept as it was told before, readable for its owner alone', async () => {
  expect(keptAgentId(state)).toBeNull()
  const id = agentIdFor(state)
  expect(agentIdFor(state)).toBe(id)
  expect(await keepAgentId(state)).toBe(false)
  const file = path.join(state, '.agent-id')
  expect(await readFile(file, 'utf8')).toBe(`${id}\n`)
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  await keepAgentId(state)
  expect(keptAgentId(state)).toBe(id)
})

it('gives way to the one that another process has kept meanwhile', async () => {
  const mine = agentIdFor(state)
  const other = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
  await writeFile(path.join(state, '.agent-id'), `${other}\n`)
  expect(await keepAgentId(state)).toBe(true)
  expect(agentIdFor(state)).toBe(other)
  expect(mine).not.toBe(other)
})

it('is made anew where the file holds none', async () => {
  await writeFile(path.join(state, '.agent-id'), 'half')
  const id = agentIdFor(state)
  await keepAgentId(state)
  expect(keptAgentId(state)).toBe(id)
})
