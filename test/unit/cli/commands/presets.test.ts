import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { presetsCommand } from '../../../../src/cli/commands/presets.ts'
import { presetNames } from '../../../../src/config/presets.ts'
import { createMapper } from '../../../../src/map/mapper.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { layoutOf } from '../../../support/records.ts'

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
  expect(lines.map((line) => line.split(' ')[0])).toEqual(presetNames)
  expect(lines[4]).toMatch(/^graylog {2,}Graylog/)
})

test('show gives each setting with its reason, and what the receiver can not take', async () => {
  const shown = await presets('show', 'graylog')
  expect(shown).toMatch(/^graylog: Graylog/)
  expect(shown).toMatch(/^framing +lf +TCP, TLS +the CEF TCP input/m)
  expect(shown).toMatch(/^maxMessageBytes +8192 +UDP +\S/m)
  // For every kind of destination, so none is named.
  expect(shown).toMatch(/^cefVersion +0 +its parser/m)
  expect(shown).toContain('framing: octet-counting is a mistake')
  expect(await presets('show', 'generic')).not.toContain('is a mistake')
})

test('show says what a preset is like and what there is to know', async () => {
  const shown = await presets('show', 'fluentd')
  expect(shown).toContain('As generic, but for what is said here.')
  expect(shown).toMatch(/^maxMessageBytes +2048 +UDP /m)
  expect(shown).toContain('msgtrk presets keys fluentd')
  expect(await presets('show', 'splunk')).not.toMatch(/^As /m)
})

describe('keys', () => {
  const keysOf = async (...args: string[]) => parse(await presets('keys', ...args)) as { msgtrk: string[] }

  test.each(['auto', 'exchange-modern'])('names each key that events by %s have', async (mapping) => {
    const { msgtrk: keys } = await keysOf('fluentd')
    const { planFor } = createMapper({
      mapping,
      cefVersion: 0,
      additionalData: 'plain',
      rawEvent: 'additional',
      linksEvents: true,
    })
    for (const version of ['2007', '2010', '2013', '2016'] as const) {
      const { fields, device, additional, trailer } = planFor(layoutOf(version))
      const written = [...fields, ...device, ...additional].flatMap(({ key, label, overflowKey }) => [
        key,
        ...(label === null ? [] : [label.key]),
        ...(overflowKey === null ? [] : [overflowKey]),
      ])
      expect(keys).toEqual(expect.arrayContaining([...written, trailer.split('=')[0]]))
    }
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('are those of one table where that is named, in the style of the preset', async () => {
    expect((await keysOf('arcsight', '--mapping', 'exchange-2007')).msgtrk).toContain('ad.original-client-ip')
    expect((await keysOf('fluentd', '--mapping', 'exchange-2007')).msgtrk).not.toContain(
      'MicrosoftExchangeTransportTrafficType',
    )
  })
})

test('an unknown name is told with what was meant', async () => {
  const error = await presets('show', 'greylog').catch((error: unknown) => error)
  expect((error as ProblemsError).problems).toEqual([
    { where: { argument: 'greylog' }, message: 'is no preset', remedy: 'did you mean graylog?' },
  ])
  await expect(presets('show', 'nothing')).rejects.toThrow(ProblemsError)
})
