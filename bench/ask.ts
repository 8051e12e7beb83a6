/** Who asks an instance while it is measured, at as little cost to the machine as can be: sockets that stay, and questions that are made once. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Where to ask: a port of 127.0.0.1, or the path of a control socket. */
export interface Asked {
  readonly at: number | string
  readonly token?: string
}

/** Asks these paths, one after the other on one connection, so many milliseconds after each beginning; returns what ends it. */
export function askEvery(everyMs: number, paths: readonly string[], asked: Asked): () => void {
  const socket = open(asked)
  const stop = new AbortController()
  void (async () => {
    for (let dueMs = performance.now(); !stop.signal.aborted; ) {
      for (const path of paths) {
        await answerTo(socket, question(path, asked))
      }
      dueMs += everyMs
      await delay(Math.max(0, dueMs - performance.now()), undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return () => {
    stop.abort()
    socket.destroy()
  }
}

/** Asks once for what does not end, and takes all that comes; returns what ends it. */
export function takeAll(path: string, asked: Asked): () => void {
  const socket = open(asked)
  socket.resume()
  socket.write(question(path, asked))
  return () => void socket.destroy()
}

function open({ at }: Asked): Socket {
  const socket = typeof at === 'string' ? connect(at) : connect(at, '127.0.0.1')
  // It ends with whoever is measured.
  socket.on('error', () => {})
  return socket
}

function question(path: string, { token }: Asked): string {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}\r\n`
}

/** Resolves at the end of the answer. Throws when it is no good one. */
function answerTo(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = Number.NaN
    const take = (data: Buffer): void => {
      let body = data.length
      if (Number.isNaN(left)) {
        const head = data.toString('latin1')
        const [, status, length] = /^HTTP\/1\.1 (\d+)[\s\S]*?\r\nContent-Length: (\d+)\r\n/i.exec(head) ?? []
        if (status !== '200' || length === undefined) reject(new Error(head.slice(0, 200)))
        left = Number(length)
        body -= head.indexOf('\r\n\r\n') + 4
      }
      left -= body
      if (left > 0) return
      socket.off('data', take)
      resolve()
    }
    socket.on('data', take)
    socket.write(text)
  })
}
