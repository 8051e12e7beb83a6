/** Standard output, as a kind of destination. */
import { ok } from '../../mistakes/examined.ts'
import { Mistaken } from '../../mistakes/words.ts'
import { type Formatted, formatOf, formatShape, unusedIn } from '../format.ts'
import type { CommonOptions, Kind } from '../kind.ts'
import { createStdout } from './stdout.ts'

const noSyslog = {
  message: 'is for syslog, and standard output has none of its headers',
  remedy: 'remove it',
}

export const stdout = {
  protocol: 'stdout',
  title: 'standard output',
  form: 'stdout:',
  example: 'stdout:',
  frames: {
    framing: 'lf',
    header: 'none',
    says: 'a line for each event, without a syslog header',
    maxMessageBytes: 65_536,
    formatOf,
  },
  settings: formatShape,
  hasOwnPace: false,
  withoutFailover: 'is on this machine',
  readAddress: (rest) =>
    rest === '' ? {} : new Mistaken('names more than standard output', 'write stdout:'),
  formatAddress: () => '',
  unused: (written) => ({
    ...unusedIn(written),
    syslog: noSyslog,
    framing: { message: 'is for TCP and TLS, and here an event is a line', remedy: 'remove it' },
  }),
  describeDelivered: () => 'when the system took it: what the reader of a pipe does with it nobody tells',
  placeOf: () => 'standard output',
  examine: async () => [ok('output', 'is that of the process, and not tried')],
  create: (options, _, log, events) => createStdout(options, log, events),
} as const satisfies Kind<object, CommonOptions & Formatted>
