/** The address and the token of the status page. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { formatListen, type ListenAddress } from '../../http/listen-address.ts'

/** Where the status page is found unless somebody says otherwise. */
export const usualListen = '127.0.0.1:9464'

/** Null when the address can be had, else why not. */
export function tryListen({ host, port }: ListenAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      resolve(taken ? `${formatListen({ host, port })} is taken by another program` : error.message)
    })
    server.listen({ host, port }, () => server.close(() => resolve(null)))
  })
}

/** 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('hex')
}
