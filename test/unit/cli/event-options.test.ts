import { Command, InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { addMappingOptions, eventList } from '../../../src/cli/event-options.ts'

test('a list of event ids is taken in any case, with blanks', () => {
  expect(eventList('SEND,receive')).toEqual(['SEND', 'RECEIVE'])
  expect(eventList(' send , Fail ')).toEqual(['SEND', 'FAIL'])
})

test.each(['', ',', 'SEND,', 'SEND;FAIL', 'a b', 'ü'])('%j is no list of event ids', (text) => {
  expect(() => eventList(text)).toThrow(InvalidArgumentError)
})

test('the options of a mapping have defaults, and the version is a number', () => {
  const options = (...args: readonly string[]) =>
    addMappingOptions(new Command()).exitOverride().parse(args, { from: 'user' }).opts()
  expect(options()).toEqual({ mapping: 'auto', additionalData: 'arcsight', cefVersion: 0 })
  expect(options('--cef-version', '1', '--mapping', 'mine.yaml', '--additional-data', 'none')).toEqual({
    mapping: 'mine.yaml',
    additionalData: 'none',
    cefVersion: 1,
  })
})
