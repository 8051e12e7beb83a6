import { expect, test } from 'vitest'
import { Trouble } from '../../../src/deliver/trouble.ts'
import { MemoryLog } from './doubles.ts'

test('is said when it begins, when its reason changes, and when it is over', () => {
  const log = new MemoryLog()
  const trouble = new Trouble(log, 'warn', 'down', 'up')
  trouble.over()
  trouble.report('refused')
  trouble.report('refused')
  trouble.report('timed out')
  trouble.over()
  trouble.over()
  trouble.report('timed out')
  expect(log.lines).toEqual(['warn: down', 'warn: down', 'info: up', 'warn: down'])
})
