import { expect, test } from 'vitest'
import { presetsCommand } from '../../../src/cli/presets.ts'
import { ProblemsError } from '../../../src/problems.ts'

async function presets(...args: string[]): Promise<string> {
  let printed = ''
  const stdout = {
    write(text: string | Uint8Array) {
      printed += text
      return true
    },
  }
  await presetsCommand({ stdout }).parseAsync(args, { from: 'user' })
  return printed
}

test('list names every preset and its receiver', async () => {
  const lines = (await presets('list')).trimEnd().split('\n')
  expect(lines.map((line) => line.split(' ')[0])).toEqual([
    'arcsight',
    'splunk',
    'sentinel',
    'elastic',
    'graylog',
    'qradar',
    'generic',
  ])
  expect(lines[4]).toMatch(/^graylog {2,}Graylog/)
})

test('show gives each setting with its reason, and what the receiver can not take', async () => {
  const shown = await presets('show', 'graylog')
  expect(shown).toMatch(/^graylog: Graylog/)
  expect(shown).toMatch(/^framing +lf +TCP, TLS +the CEF TCP input/m)
  expect(shown).toMatch(/^maxMessageBytes +8192 +UDP +\S/m)
  expect(shown).toContain('framing: octet-counting is a mistake')
  expect(await presets('show', 'generic')).not.toContain('is a mistake')
})

test('an unknown name is told with what was meant', async () => {
  const error = await presets('show', 'greylog').catch((error: unknown) => error)
  expect((error as ProblemsError).problems).toEqual([
    { where: 'greylog', message: 'is no preset', remedy: 'did you mean graylog?' },
  ])
  await expect(presets('show', 'nothing')).rejects.toThrow(ProblemsError)
})
