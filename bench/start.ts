/** What it takes from the start of the program to the first event at the receiver. */
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { killChild, startChild } from './children.ts'
import { cpuMsOf } from './measure.ts'
import { msgtrkRun } from './msgtrk.ts'

const timeoutMs = 30_000

export interface Start {
  readonly wallMs: number
  /** User and system time of all its threads; steps of 10. */
  readonly cpuMs: number
}

/** Starts `msgtrk run` over a folder with logs, until the first byte comes. */
export async function measureStart(temporary: string, source: string): Promise<Start> {
  const folder = await mkdtemp(path.join(temporary, 'start-'))
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const { command, args } = await msgtrkRun({ folder, sources: [source], receivers: [{ port }], once: false })
  const signal = AbortSignal.timeout(timeoutMs)
  const startMs = performance.now()
  const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const sockets: Socket[] = []
  try {
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
    })
    const [socket] = (await once(server, 'connection', { signal })) as [Socket]
    await once(socket, 'data', { signal })
    return { wallMs: performance.now() - startMs, cpuMs: cpuMsOf(child.pid as number) }
  } finally {
    await killChild(child)
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}
