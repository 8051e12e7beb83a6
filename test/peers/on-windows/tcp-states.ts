/**
 * Ends connections in several ways and asks the system what became of them; a program of its own, which runs on Windows.
 * Prints the answers, in the order: not ended by us, ended by both sides, reset behind an end that looked clean; over IPv4,
 * then over IPv6.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { endsOf } from '../../../src/destinations/proof/ends.ts'
import { allAcknowledged, listsConnections, readTcpState } from '../../../src/destinations/proof/tcp-state.ts'

const answers: string[] = []
for (const host of ['127.0.0.1', '::1']) {
  const accepted: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    accepted.push(socket.on('error', () => {})),
  )
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const open = async () => {
    const socket = connect({ port, host, allowHalfOpen: true })
    await once(socket, 'connect')
    const ends = endsOf(socket)
    while (accepted.length === 0) await once(server, 'connection')
    const peer = accepted.shift()
    if (ends === undefined || peer === undefined) throw new Error('not connected')
    return { socket, ends, peer }
  }

  const clean = await open()
  clean.socket.write('a batch')
  answers.push((await readTcpState(clean.ends)).state)
  clean.peer.resume().on('end', () => clean.peer.end())
  clean.socket.end()
  await once(clean.socket.resume(), 'end')
  answers.push(await allAcknowledged(clean.ends))

  const reset = await open()
  reset.peer.end()
  await once(reset.socket.resume(), 'end')
  const closed = once(reset.peer, 'close')
  reset.peer.resetAndDestroy()
  await closed
  reset.socket.on('error', () => {})
  answers.push(await allAcknowledged(reset.ends))
  reset.socket.destroy()
  server.close()
}
process.stdout.write(JSON.stringify({ lists: await listsConnections(), answers }))
process.exit()
