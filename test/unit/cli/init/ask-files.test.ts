import { expect, test } from 'vitest'
import { fileAddress } from '../../../../src/cli/init/ask-files.ts'

test.each([
  ['/var/log/msgtrk/%Y-%m-%d.cef', 'file:///var/log/msgtrk/%Y-%m-%d.cef'],
  ['/var/a b/%D.cef', 'file:///var/a%20b/%D.cef'],
  ['C:\\Program Data\\%D.cef', 'file:///C:/Program%20Data/%D.cef'],
  ['\\\\server\\share\\%S.cef', 'file://server/share/%S.cef'],
  ['file:///var/%D.cef', 'file:///var/%D.cef'],
])('the path %j is the address %j', (path, address) => {
  expect(fileAddress(path)).toBe(address)
})
