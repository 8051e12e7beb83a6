import { Command, InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import {
  addMappingOptions,
  addRecipientOptions,
  doubtEvents,
  eventList,
  noiseList,
  onlyList,
} from '../../../../src/cli/options/event-options.ts'

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
  expect(options()).toEqual({
    mapping: 'auto',
    additionalData: 'arcsight',
    labels: 'space',
    cefVersion: 0,
    protectHeader: false,
    rawEvent: 'none',
  })
  expect(options('--cef-version', '1', '--mapping', 'mine.yaml', '--additional-data', 'none')).toEqual({
    mapping: 'mine.yaml',
    additionalData: 'none',
    labels: 'space',
    cefVersion: 1,
    protectHeader: false,
    rawEvent: 'none',
  })
})

test('records are made into events as they are by default, and only in ways that there are', () => {
  const options = (...args: readonly string[]) =>
    addRecipientOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr() {} })
      .parse(args, { from: 'user' })
      .opts()
  expect(options()).toEqual({ recipients: 'joined', overflow: 'cut' })
  expect(options('--recipients', 'each', '--overflow', 'split')).toEqual({
    recipients: 'each',
    overflow: 'split',
  })
  expect(() => options('--recipients', 'all')).toThrow('Allowed choices are joined, each.')
})

test('a list of noise is taken with blanks, and a mistyped name is told', () => {
  expect(noiseList('monitoring, agentinfo-performance')).toEqual(['monitoring', 'agentinfo-performance'])
  expect(() => noiseList('monitoring,shadow-redundency')).toThrow('Did you mean shadow-redundancy?')
  expect(() => noiseList('')).toThrow('Allowed choices are shadow-redundancy, ')
})

test('a list of filters by name is taken with blanks; one that needs a configuration is none of them', () => {
  expect(onlyList('failed, auto-forwarded')).toEqual(['failed', 'auto-forwarded'])
  expect(() => onlyList('failed,entred')).toThrow('Did you mean entered?')
  expect(() => onlyList('anonymous-relay')).toThrow('Allowed choices are left-organisation, ')
})

test('event ids that Exchange is not known to write are told', () => {
  const told = (events?: readonly string[]) => {
    let text = ''
    doubtEvents(events, {
      write(line: string | Uint8Array) {
        text += line
        return true
      },
    })
    return text
  }
  expect(told(['SEND', 'RECIEVE', 'XYZ'])).toBe(
    'warning: --events: not known to be written by Exchange: RECIEVE (did you mean RECEIVE?), XYZ\n',
  )
  expect(told(['SEND'])).toBe('')
  expect(told()).toBe('')
})
