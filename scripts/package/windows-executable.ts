/** node.exe as msgtrk.exe: the program in its resources, and its own name and version in its properties. */
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

/** What stands in Node.js before the byte that says whether there is a program within. */
export const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const rawData = 10
const english = { lang: 0x409, codepage: 1200 }

/**
 * The installer replaces a file by one of a higher version alone: that of msgtrk, not of Node.js. The signature of
 * node.exe, which would be wrong now, is left out.
 */
export function windowsExecutable(node: Buffer, blob: Buffer, version: string): Buffer {
  const program = NtExecutable.from(node, { ignoreCert: true })
  const resources = NtExecutableResource.from(program)
  const [info] = Resource.VersionInfo.fromEntries(resources.entries)
  if (info === undefined) throw new Error('node.exe says nothing of its version')
  info.setFileVersion(numbersOf(version), english.lang)
  info.setProductVersion(numbersOf(version), english.lang)
  info.setStringValues(english, {
    FileDescription: 'Exchange message tracking logs to CEF over syslog',
    ProductName: 'msgtrk',
    CompanyName: 'msgtrk',
    InternalName: 'msgtrk',
    OriginalFilename: 'msgtrk.exe',
    LegalCopyright: 'Apache License 2.0; Node.js and packages within: THIRD-PARTY-LICENSES.md',
    FileVersion: version,
    ProductVersion: version,
  })
  info.outputToResourceEntries(resources.entries)
  resources.entries.push({ type: rawData, id: 'NODE_SEA_BLOB', ...english, bin: bytesOf(blob) })
  resources.outputResource(program)
  const made = Buffer.from(program.generate())
  const at = made.indexOf(`${fuse}:`) + fuse.length + 1
  if (made[at] !== 0x30 || made.indexOf(`${fuse}:`, at) >= 0)
    throw new Error('node.exe has no place to say that a program is within')
  made[at] = 0x31
  return made
}

/** Of a version such as 1.0.0-rc.1 the numbers are what Windows compares. */
export function numbersOf(version: string): string {
  return `${version.split('-')[0]}.0`
}

function bytesOf({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}
