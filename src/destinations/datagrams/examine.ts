/** What can be told of a receiver over UDP without sending anything: that there is a way to it, and no more. */
import { isIP } from 'node:net'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { examineName } from '../../network/names.ts'
import { preferring } from '../../network/preferred-ip.ts'
import { reasonFor } from '../../network/reasons.ts'
import { DatagramSocket } from './datagrams.ts'
import type { UdpOptions } from './udp.ts'

/** Looks at the name and for a way; a socket that is connected has sent nothing. */
export async function examineUdp(
  { preferredIp }: UdpOptions,
  target: HostPort,
): Promise<readonly Examined[]> {
  const { examined, addresses } = await examineName(target)
  const [host] = preferring(
    addresses.map((address) => ({ address, family: isIP(address) })),
    preferredIp,
  ).map(({ address }) => address)
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
      'over UDP nobody can tell whether anything arrives, nor who takes it' +
        (process.platform === 'win32' ? '; Windows does not tell either that nothing listens there' : ''),
      'use tls:// or tcp:// if the receiver can; with --send-test-event look for the event at the receiver',
    ),
  ]
}
