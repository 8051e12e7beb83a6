import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stateOf } from '../../../../src/cli/options/instance-options.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-instance-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function stateIn(text: string): Promise<string> {
  const config = path.join(folder, 'msgtrk.yaml')
  await writeFile(config, text)
  return stateOf({ config })
}

test.each([
  ['nothing is wrong', 'sources: [{ folder: . }]', '[{ to: tcp://x }]'],
  ['a destination has a mistake', 'sources: [{ folder: . }]', '[{ to: tcp://x, name: 12 }]'],
  ['no destination is right', 'sources: [{ folder: . }]', '[siem]'],
  ['a source has a mistake', 'sources: [{ folder: 12 }]', '[{ to: tcp://x }]'],
])('a configuration says where the state is: %s', async (_, sources, destinations) => {
  const rest = `${sources}\ndestinations: ${destinations}\n`
  expect(await stateIn(`state: kept/here\n${rest}`)).toBe(path.join(folder, 'kept/here'))
  expect(await stateIn(rest)).toBe(path.join(folder, 'msgtrk-state'))
})

test('unless that is wrong', async () => {
  const rest = 'sources: [{ folder: . }]\ndestinations: [{ to: tcp://x }]\n'
  await expect(stateIn(`state: 12\n${rest}`)).rejects.toThrow(ProblemsError)
  await expect(stateIn(`state: "$\{env:MSGTRK_NOT_SET}"\n${rest}`)).rejects.toThrow(ProblemsError)
})
