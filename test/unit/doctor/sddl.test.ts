import { expect, test } from 'vitest'
import { readersIn } from '../../../src/doctor/sddl.ts'

const service = 'S-1-5-80-1184457765-4068085190-3456807688-2200952327-3769537534'

test.each([
  // As service install leaves it.
  [
    `D:PAI(A;OICI;0x1301bf;;;${service})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)`,
    [],
    [service, 'SYSTEM', 'Administrators'],
  ],
  // What a folder under C:\ProgramData inherits.
  [
    'O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)',
    ['Users'],
    ['SYSTEM', 'Administrators', 'whoever made it'],
  ],
  ['D:(A;;FR;;;WD)', ['Everyone'], []],
  ['D:(A;;0x80000000;;;AU)', ['Authenticated Users'], []],
  ['D:(A;;FA;;;S-1-5-21-1-2-3-513)(A;;FA;;;S-1-5-21-1-2-3-1105)', ['Domain Users'], ['S-1-5-21-1-2-3-1105']],
  // To write alone shows nothing.
  ['D:(A;;0x2;;;BU)(A;;FA;;;SY)', [], ['SYSTEM']],
  ['D:(D;;FA;;;BU)(A;;FA;;;BU)(A;;FA;;;SY)', [], ['SYSTEM']],
  // Who may change the list may let himself in.
  ['D:(A;;WD;;;BU)', ['Users'], []],
  ['D:P', [], []],
  ['D:NO_ACCESS_CONTROL', ['Everyone'], []],
  ['O:BAG:SY', ['Everyone'], []],
  ['D:(A;;FA;;;SY)S:(AU;SAFA;FA;;;WD)', [], ['SYSTEM']],
])('%s', (descriptor, everyone, others) => {
  expect(readersIn(descriptor)).toEqual({ everyone, others })
})
