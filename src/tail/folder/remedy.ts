import { remedyForStrange } from '../../mistakes/strange-path.ts'

/** What to do about a folder that can't be read, by the system's code. */
export function remedyFor(code: string | undefined, folder = ''): string {
  if (code === 'EACCES' || code === 'EPERM')
    return 'give the account msgtrk runs under the right to list the folder and to read its files, on the share and on the file system'
  if (code === 'ETIMEDOUT')
    return 'check that its server is up and can be reached; a share that is mounted anew has to be unmounted first (umount -f)'
  if (code === 'ENOTDIR') return 'write the path of the folder, not of a file'
  const strange = code === 'ENOENT' ? remedyForStrange(folder) : undefined
  if (strange !== undefined) return strange
  return process.platform === 'win32'
    ? 'check that the path exists and its server is up; a service sees no mapped drives: write \\\\server\\share\\folder'
    : 'check that the path exists, and its share is mounted'
}

/** What the system says, without its call and the path, which stand beside it. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^(E[A-Z0-9]+: [^,]+), \w+(?: '.*')?$/s, '$1')
}
