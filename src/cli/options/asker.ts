/** Who asks a running instance to change something. */
import { userInfo } from 'node:os'

/**
 * For the own log of the instance: `msgtrk pause (ann, process 4711, as it says)`. The socket tells only that it is the
 * account of the instance, or root: so this is what the command says of itself. Behind sudo the one who used it is named.
 */
export function asker(command: string): string {
  const behind = process.env.SUDO_USER
  const name = account()
  const person = behind === undefined || behind === name ? name : `${name}, by sudo of ${behind}`
  return `msgtrk ${command} (${person}, process ${process.pid}, as it says)`.slice(0, 200)
}

function account(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? '?'}` // in a container it may have no name
  }
}
