/** Which files are written: the folder, and a name with placeholders in it. */
import { posix, win32 } from 'node:path'
import {
  holdsUnseen,
  isReservedOnWindows,
  reservedRemedy,
  unseenInPath,
} from '../../mistakes/path-setting.ts'
import { Mistaken } from '../../mistakes/words.ts'
import { FileNames } from './names.ts'

/** A folder, and the names of the files in it. */
export interface FileAddress {
  readonly folder: string
  /** With placeholders, as it was written. */
  readonly name: string
}

/** Alone, or where a hexadecimal digit follows that no placeholder begins with: of a character in a URL. */
const encoded = /%([0-7][0-9a-f])/gi

/** What stands behind `file://` taken apart, or what is wrong with it. */
export function readFileAddress(rest: string, platform = process.platform): FileAddress | Mistaken {
  const isWindows = platform === 'win32'
  const text = rest.replaceAll('\\', '/')
  if (!text.startsWith('/') && !/^[a-z]:\//i.test(text)) {
    if (!isWindows || !/^[^/]+\/[^/]+\//.test(text)) {
      return new Mistaken(
        'names no file by its whole path',
        isWindows ? 'write file:///C:/folder/%Y-%m-%d.cef' : 'write file:///folder/%Y-%m-%d.cef',
      )
    }
  }
  const path = pathOf(text, isWindows)
  if (path instanceof Mistaken) return path
  const { dirname, basename, normalize } = isWindows ? win32 : posix
  const [folder, name] = [dirname(normalize(path)), basename(path)]
  // What is a percent sign there was written as one.
  if (/%[a-z]/i.test(folder)) {
    return new Mistaken(
      'has a placeholder in its folder, which has to stay the same',
      'write placeholders into the name of the file only, and a percent sign as %25',
    )
  }
  if (name === '' || text.endsWith('/')) {
    return new Mistaken('names a folder', 'write a name behind it, such as %Y-%m-%d.cef')
  }
  if (/[\p{Cc}\p{Zl}\p{Zp}:*?"<>|]/u.test(name) || name === '..' || name.startsWith('.')) {
    return new Mistaken(
      'has a name of a file that is none everywhere',
      'write letters, digits, dots, hyphens and underscores, no dot in front',
    )
  }
  const reserved = isWindows && path.split(/[\\/]+/).find(isReservedOnWindows)
  if (reserved) return new Mistaken(`has ${reserved} in it, which Windows keeps to itself`, reservedRemedy)
  const names = FileNames.read(name)
  return names instanceof Mistaken ? names : { folder: folder.replaceAll('%25', '%'), name }
}

/** The same text for all ways to write the same address. */
export function formatFileAddress({ folder, name }: FileAddress): string {
  return `${folder.replaceAll('\\', '/')}/${name}`
}

/** Decoded, but for percent signs in it. */
function pathOf(text: string, isWindows: boolean): string | Mistaken {
  const path = text.replace(encoded, (code, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return character === '%' ? code : character
  })
  if (holdsUnseen(path)) return new Mistaken(unseenInPath.message, unseenInPath.remedy)
  if (!isWindows) {
    return /^\/*[a-z]:/i.test(path)
      ? new Mistaken(
          'is a path of Windows',
          'write one of this machine, such as file:///var/log/msgtrk/%Y-%m-%d.cef',
        )
      : path
  }
  if (/^\/*[a-z]:\//i.test(path)) return path.replace(/^\/+/, '')
  return path.startsWith('/')
    ? new Mistaken('names no drive', 'write file:///C:/folder/%Y-%m-%d.cef, or file://server/share/folder/…')
    : `//${path}`
}
