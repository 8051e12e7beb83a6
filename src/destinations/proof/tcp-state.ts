/**
 * What the kernel knows about a connection and Node does not say: whether the peer acknowledged everything.
 * Linux lists its connections in /proc, Windows in a table (`windows-tcp-table.ts`); elsewhere nothing is known.
 *
 * Why it is needed: once the peer's FIN has arrived, a reset behind it is never reported. A receiver that
 * dies with our last bytes still under way looks to a program exactly like one that read them.
 */
import { open } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { endianness } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { addressBytes, type Ends, type TcpState } from './ends.ts'
import { systemTable, WindowsTcpTable } from './windows-tcp-table.ts'

/** States by their number in the list (include/net/tcp_states.h of the kernel); the others do not matter. */
const names: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0B': 'CLOSING',
}
const undecidedMs = 2000
/** What is asked for at a time: some seven lines, or what the kernel gives at most. */
const fewBytes = 1024
const mostBytes = 4096
/** The state, a blank, and the bytes that are unacknowledged: `06 00000000`. */
const stateLength = 11

/**
 * After the peer's FIN was read: did the peer acknowledge all we sent? With our FIN sent, that is TIME_WAIT;
 * with only TLS's close_notify sent, CLOSE_WAIT with nothing left unacknowledged. Data that comes to a closed
 * socket is answered by a reset and so is a close with data unread: either takes the connection off the list (`gone`).
 */
export async function allAcknowledged(
  ends: Ends,
  read = readTcpState,
): Promise<'yes' | 'no' | 'gone' | 'unknown'> {
  const until = performance.now() + undecidedMs
  for (let waitMs = 1; ; waitMs *= 2) {
    const found = await read(ends)
    if (found.state === 'unknown' || found.state === 'gone') return found.state
    if (found.state === 'TIME_WAIT') return 'yes'
    const undecided = 'unacknowledged' in found && (found.state !== 'CLOSE_WAIT' || found.unacknowledged > 0)
    if ('unacknowledged' in found && !undecided) return 'yes'
    // LAST_ACK: the peer's FIN came before ours.
    if (!undecided || found.state === 'LAST_ACK' || performance.now() > until) return 'no'
    await pause(waitMs)
  }
}

const windowsTable = new WindowsTcpTable(systemTable)

/** Whether this system has a list of connections that can be asked. */
export async function listsConnections(platform = process.platform): Promise<boolean> {
  return platform === 'linux' || (platform === 'win32' && (await systemTable()) !== null)
}

/** Looks one connection up in the kernel's list. */
export async function readTcpState(ends: Ends): Promise<TcpState> {
  if (process.platform === 'win32') return windowsTable.read(ends).catch(() => ({ state: 'unknown' }))
  const path = isIPv4(ends.local.address) ? '/proc/self/net/tcp' : '/proc/self/net/tcp6'
  try {
    const list = await open(path)
    try {
      return await findIn(async (into) => (await list.read(into)).bytesRead, ends)
    } finally {
      await list.close()
    }
  } catch {
    return { state: 'unknown' }
  }
}

/**
 * Looks a connection up in a list of the form of /proc/net/tcp, of which `read` gives what comes next. The kernel walks a
 * table of hundreds of thousands of places for it, nearly all of them empty, up to the last line that is asked for: so
 * little is asked for at a time, but more of a long list, and nothing behind the connection.
 */
export async function findIn(
  read: (into: Buffer) => Promise<number>,
  { local, remote }: Ends,
): Promise<TcpState> {
  const key = `: ${hexEnd(local)} ${hexEnd(remote)} `
  const buffer = Buffer.allocUnsafe(mostBytes)
  let text = ''
  for (let total = 0; ; ) {
    const bytes = Math.min(Math.max(fewBytes, total >> 3), mostBytes)
    const length = await read(buffer.subarray(0, bytes))
    if (length === 0) return { state: 'gone' }
    total += length
    text += buffer.toString('latin1', 0, length)
    const at = text.indexOf(key)
    const found = at < 0 ? '' : text.slice(at + key.length, at + key.length + stateLength)
    if (found.length === stateLength) {
      const [code = '', queues = ''] = found.split(' ')
      return { state: names[code] ?? code, unacknowledged: Number.parseInt(queues, 16) }
    }
    text = text.slice(text.lastIndexOf('\n') + 1)
  }
}

function hexEnd({ address, port }: Ends['local']): string {
  const bytes = addressBytes(address)
  // The kernel prints each word of 32 bits as a number of this machine.
  if (endianness() === 'LE') bytes.swap32()
  return `${bytes.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
