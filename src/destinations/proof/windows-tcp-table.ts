/**
 * The list of connections of Windows, GetExtendedTcpTable, through koffi, a package that is optional: it is loaded when
 * it is there, for the executable as machine code in a file beside it. Unlike that of Linux it does not say how many
 * bytes are unacknowledged, so it decides only where both sides have ended: TIME_WAIT means that the peer acknowledged
 * all up to our FIN.
 */
import { isIPv4 } from 'node:net'
import { isExecutable, loadBeside } from '../../package/files.ts'
import { addressBytes, type Ends, type TcpState } from './ends.ts'

/** Fills the table and resolves with the result code; `size` is that of the table, and then what it needs. */
export type ReadTable = (table: Buffer, size: [number], family: number) => Promise<number>

const inet = 2
const inet6 = 23
/** TCP_TABLE_OWNER_PID_ALL: all connections, those that have ended included. */
const allConnections = 5
const insufficientBuffer = 122
const firstBytes = 64 * 1024
const tries = 5

/** States by their number (MIB_TCP_STATE). */
const names: Readonly<Record<number, string>> = {
  5: 'ESTABLISHED',
  6: 'FIN_WAIT1',
  7: 'FIN_WAIT2',
  8: 'CLOSE_WAIT',
  9: 'CLOSING',
  10: 'LAST_ACK',
  11: 'TIME_WAIT',
}

/** Where the parts of a row are, in bytes; addresses and ports are in the order of the network. */
const rowOf = {
  4: { bytes: 24, state: 0, local: 4, localPort: 8, remote: 12, remotePort: 16, addressBytes: 4 },
  6: { bytes: 56, state: 48, local: 0, localPort: 20, remote: 24, remotePort: 44, addressBytes: 16 },
} as const

/** Looks connections up in the list. */
export class WindowsTcpTable {
  readonly #readTable: () => Promise<ReadTable | null>
  /** Whether connections that have ended were seen in it: only then one that is not was reset. */
  #keepsEnded = false

  /** `readTable` resolves with null where the list can't be had. */
  constructor(readTable: () => Promise<ReadTable | null>) {
    this.#readTable = readTable
  }

  async read(ends: Ends): Promise<TcpState> {
    const readTable = await this.#readTable()
    const list = readTable === null ? undefined : await wholeTable(readTable, familyOf(ends))
    const state = list === undefined ? undefined : findIn(list, ends)
    switch (state) {
      case undefined:
        return { state: 'unknown' }
      case 'gone':
        return { state: this.#keepsEnded ? 'gone' : 'unknown' }
      case 'CLOSE_WAIT':
        // Whether the peer has all of what it was sent is not said.
        return { state: 'unknown' }
      case 'TIME_WAIT':
        this.#keepsEnded = true
    }
    return { state, unacknowledged: Number.NaN }
  }
}

function familyOf({ local }: Ends): 4 | 6 {
  return isIPv4(local.address) ? 4 : 6
}

async function wholeTable(readTable: ReadTable, family: 4 | 6): Promise<Buffer | undefined> {
  let bytes = firstBytes
  for (let left = tries; left > 0; left--) {
    const table = Buffer.alloc(bytes)
    const size: [number] = [bytes]
    const code = await readTable(table, size, family === 4 ? inet : inet6)
    if (code === 0) return table
    if (code !== insufficientBuffer) return undefined
    // It may grow before it is asked for again.
    bytes = 2 * Math.max(size[0], bytes)
  }
  return undefined
}

/** The state of a connection in a table of the form of MIB_TCPTABLE_OWNER_PID; undefined for one that matters nowhere. */
function findIn(table: Buffer, ends: Ends): string | undefined {
  const row = rowOf[familyOf(ends)]
  const { local, remote } = ends
  const [from, to] = [addressBytes(local.address), addressBytes(remote.address)]
  const count = table.readUInt32LE(0)
  for (let index = 0, at = 4; index < count; index++, at += row.bytes) {
    if (
      table.readUInt16BE(at + row.localPort) === local.port &&
      table.readUInt16BE(at + row.remotePort) === remote.port &&
      from.equals(table.subarray(at + row.local, at + row.local + row.addressBytes)) &&
      to.equals(table.subarray(at + row.remote, at + row.remote + row.addressBytes))
    ) {
      return names[table.readUInt32LE(at + row.state)]
    }
  }
  return 'gone'
}

let loaded: Promise<ReadTable | null> | undefined

/** The function of Windows, loaded once; null where koffi, or the function, is not there. */
export function systemTable(): Promise<ReadTable | null> {
  loaded ??= load().catch(() => null)
  return loaded
}

/** What is used of koffi, which need not be installed. */
interface Koffi {
  load(library: string): {
    func(definition: string): {
      async(...args: readonly unknown[]): void
    }
  }
}

async function load(): Promise<ReadTable | null> {
  const koffi = isExecutable
    ? (loadBeside('koffi.node') as Koffi)
    : ((await import('koffi')) as unknown as { readonly default: Koffi }).default
  const definition =
    'uint32_t __stdcall GetExtendedTcpTable(void *table, _Inout_ uint32_t *size, bool order, uint32_t family, int kind, uint32_t reserved)'
  const call = koffi.load('iphlpapi.dll').func(definition)
  return (table, size, family) =>
    // On a thread of its own: a machine may have tens of thousands of connections.
    new Promise((resolve, reject) =>
      call.async(table, size, false, family, allConnections, 0, (error: Error | null, code: number) =>
        error ? reject(error) : resolve(code),
      ),
    )
}
