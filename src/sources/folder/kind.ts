/** Folders of tracking logs, as a kind of source: `tail/` follows them. */
import { posix, win32 } from 'node:path'
import { type SourceOptions, sourceOptions } from '../../tail/options.ts'
import { createSource } from '../../tail/source.ts'
import type { Kind } from '../kind.ts'

const { folder: folderPath, pattern } = sourceOptions.shape

export const folder = {
  where: 'folder',
  example: 'folder: \\\\EX01\\MessageTracking',
  settings: { folder: folderPath.optional(), pattern },
  complete: (settings, absolute) => ({ folder: absolute(settings.folder) }),
  placeOf: ({ folder, pattern: written = pattern.parse(undefined) }, absolute) =>
    typeof folder === 'string' && typeof written === 'string'
      ? `${plain(absolute(folder))}\n${written}`
      : undefined,
  alreadyRead: 'is read by another source already, with the same pattern',
  nameOf: ({ folder }) => folder,
  describe: ({ folder, pattern }) => `${folder}, ${pattern}`,
  open: (sources, { follow, log, events, byTime = false }) =>
    createSource({ sources, follow, log, events, byTime, isWatched: true }),
} as const satisfies Kind<SourceOptions>

/** The same however a folder is spelled, which is not how it is shown. */
function plain(folder: string): string {
  return (folder.startsWith('/') ? posix : win32).resolve(folder)
}
