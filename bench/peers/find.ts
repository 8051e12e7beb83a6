/** Which peers are here. */
import { findCollector } from './collector.ts'
import { findFluentBit } from './fluent-bit.ts'
import type { Peer, PeerName } from './peer.ts'
import { findSyslogNg } from './syslog-ng.ts'

export interface Peers {
  readonly found: readonly Peer[]
  readonly absent: readonly { readonly name: PeerName; readonly why: string }[]
}

/** `all`: also those that take long, or that few have. Never fails because one is absent. */
export async function findPeers(options: {
  readonly all: boolean
  readonly tell: (text: string) => void
}): Promise<Peers> {
  const found: Peer[] = []
  const absent: { name: PeerName; why: string }[] = []
  const look = async (name: PeerName, find: () => Promise<Peer | null>, isWanted: boolean, why: string) => {
    if (!isWanted) return absent.push({ name, why: 'without --peers' })
    try {
      const peer = await find()
      return peer === null ? absent.push({ name, why }) : found.push(peer)
    } catch (error) {
      // A peer that can't be built is none.
      return absent.push({ name, why: (error as Error).message.split('\n', 1).join('') })
    }
  }
  await look('syslog-ng', findSyslogNg, true, 'it is not installed')
  await look(
    'OpenTelemetry Collector',
    () => findCollector(options.tell),
    options.all,
    'there is no Go to build it',
  )
  await look(
    'Fluent Bit',
    findFluentBit,
    options.all,
    'it is not installed (MSGTRK_FLUENT_BIT names its program)',
  )
  return { found, absent }
}
