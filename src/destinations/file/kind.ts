/** Files of events, as a kind of destination. */

import { counted } from '../../mistakes/counted.ts'
import { formatOf } from '../format.ts'
import type { Kind } from '../kind.ts'
import { type FileAddress, formatFileAddress, readFileAddress } from './address.ts'
import { examineFile } from './examine.ts'
import { createFile } from './file.ts'
import { defaultFile, type FileOptions, type FileSettings, fileShape, unusedInFiles } from './options.ts'

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
    formatOf,
  },
  settings: fileShape,
  hasOwnPace: false,
  withoutFailover: 'is on this machine',
  readAddress: (rest) => readFileAddress(rest),
  formatAddress: formatFileAddress,
  unused: unusedInFiles,
  describe: ({ file = defaultFile }) => [
    [
      'files',
      `up to ${file.rotateBytes} bytes each, rights ${file.mode}${file.gzip ? ', packed when finished' : ''}`,
    ],
    ['keeps', keptText(file)],
  ],
  describeDelivered: () => 'when the system says that it is on disk',
  placeOf: ({ folder }) => folder,
  examine: examineFile,
  create: createFile,
} as const satisfies Kind<FileAddress, FileOptions>

function keptText({ keepFiles, keepDays, keepBytes }: FileSettings): string {
  const limits = [
    ...(keepFiles === undefined ? [] : [counted(keepFiles, 'file')]),
    ...(keepDays === undefined ? [] : [counted(keepDays, 'day')]),
    ...(keepBytes === undefined ? [] : [`${keepBytes} bytes`]),
  ]
  return limits.length === 0 ? 'all files' : `${limits.join(', ')}; the oldest beyond that are removed`
}
