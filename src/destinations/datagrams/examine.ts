/** What can be told of a receiver over UDP without sending anything: that there is a way to it, and no more. */
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { examineName } from '../../network/names.ts'
import { reasonFor } from '../../network/reasons.ts'
import type { CommonOptions } from '../kind.ts'
import { DatagramSocket } from './datagrams.ts'

/** Looks at the name and for a way; a socket that is connected has sent nothing. */
export async function examineUdp(_options: CommonOptions, target: HostPort): Promise<readonly Examined[]> {
  const { examined, addresses } = await examineName(target)
  const [host] = addresses
  return host === undefined ? examined : [...examined, ...(await wayTo({ ...target, host }))]
}

async function wayTo(target: HostPort): Promise<readonly Examined[]> {
  const peer = formatHostPort(target)
  let trouble: Error | undefined
  try {
    const socket = await DatagramSocket.open(target.host, target.port, () => {})
    trouble = socket.trouble
    socket.close()
  } catch (error) {
    trouble = error instanceof Error ? error : new Error(String(error))
  }
  if (trouble !== undefined) {
    const remedy = 'check the network of this machine, and its routes'
    return [failure('network', reasonFor(trouble, peer, 'connecting'), remedy)]
  }
  return [
    ok('network', `there is a route to ${peer}`),
    warning(
      'arrival',
      'over UDP nobody can tell whether anything arrives, nor who takes it',
      'use tls:// or tcp:// if the receiver can; with --send-test-event look for the event at the receiver',
    ),
  ]
}
