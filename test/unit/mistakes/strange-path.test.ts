import { expect, test } from 'vitest'
import { remedyForStrange } from '../../../src/mistakes/strange-path.ts'

test.each([
  ['~/logs', /only a shell replaces ~/],
  ['/etc/msgtrk/~/logs', /only a shell replaces ~/],
  ['D:\\Logs\\MSGTRK*.LOG', /name the folder itself/],
  ['EX01,EX02', /commas do not separate paths/],
])('%s is not there since it was meant otherwise', (path, remedy) => {
  expect(remedyForStrange(path)).toMatch(remedy)
})

test.each(['/srv/logs', 'C:\\PROGRA~1\\Logs', '\\\\?\\D:\\Logs', '\\\\EX01\\MessageTracking'])(
  '%s may be meant',
  (path) => {
    expect(remedyForStrange(path)).toBeUndefined()
  },
)
