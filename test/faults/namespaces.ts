/** Namespaces of Linux for programs of the soak: process ids of their own, or a network of their own. */
import { spawnSync } from 'node:child_process'

/** Starts a command as in another container: with process ids of its own, and the same files and host name. */
export const inOtherPids = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] as const

/** Whether this machine lets us make namespaces. */
export function hasNamespaces(): boolean {
  const [command, ...args] = [...inOtherPids, 'true']
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** A network of its own; what is started through it sees only that loopback. */
export interface Network {
  /** Command and arguments in front of what is started. */
  readonly through: readonly string[]
  remove(): void
}

/**
 * A network whose kernel keeps no connection in TIME_WAIT, as on a host whose table of them is full. Undefined where
 * none can be made.
 */
export function networkWithoutTimeWait(): Network | undefined {
  const name = `msgtrk-soak-${process.pid}`
  const ip = (...args: readonly string[]) => spawnSync('ip', args, { stdio: 'ignore' }).status === 0
  if (!ip('netns', 'add', name)) return undefined
  const through = ['ip', 'netns', 'exec', name]
  const remove = () => void ip('netns', 'delete', name)
  const set = 'echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets'
  if (ip('-n', name, 'link', 'set', 'lo', 'up') && ip('netns', 'exec', name, 'sh', '-c', set)) {
    return { through, remove }
  }
  remove()
  return undefined
}
