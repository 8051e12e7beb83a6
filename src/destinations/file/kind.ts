/** Files of events, as a kind of destination. */
import type { Kind } from '../kind.ts'
import { type FileAddress, formatFileAddress, readFileAddress } from './address.ts'
import { examineFile } from './examine.ts'
import { createFile } from './file.ts'
import { defaultFile, type FileOptions, fileShape, unusedInFiles } from './options.ts'

export const file = {
  protocol: 'file',
  title: 'files',
  form: 'file:///folder/name',
  example: 'file:///var/log/msgtrk/%Y-%m-%d.cef',
  frames: {
    framing: 'lf',
    header: 'none',
    says: 'a line for each event, without a syslog header',
    maxMessageBytes: 65_536,
  },
  settings: fileShape,
  hasOwnPace: false,
  withoutFailover: 'is on this machine',
  readAddress: (rest) => readFileAddress(rest),
  formatAddress: formatFileAddress,
  unused: unusedInFiles,
  describe: ({ file: { mode, rotateBytes } = defaultFile }) => [
    ['files', `up to ${rotateBytes} bytes each, rights ${mode}`],
  ],
  describeDelivered: () => 'when the system says that it is on disk',
  placeOf: ({ folder }) => folder,
  examine: examineFile,
  create: createFile,
} as const satisfies Kind<FileAddress, FileOptions>
