import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { examineReceivers } from '../../../../src/destinations/examine.ts'
import { settings } from '../receiver.ts'

test('over UDP nobody can tell, and nothing is sent', async () => {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  const heard: Buffer[] = []
  socket.on('message', (bytes) => heard.push(bytes))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const to = `udp://127.0.0.1:${socket.address().port}`
  const [receiver] = await Promise.all(examineReceivers(settings(to), new AbortController().signal))
  expect(receiver?.examined).toMatchObject([
    { verdict: 'ok', part: 'network' },
    { verdict: 'warning', part: 'arrival', message: expect.stringContaining('nobody can tell') },
  ])
  // What was sent before would have come before it.
  const last = createSocket('udp4')
  last.send('last', socket.address().port, '127.0.0.1', () => last.close())
  await once(socket, 'message')
  expect(heard.map(String)).toEqual(['last'])
})

test('a name that nobody knows', async () => {
  const options = settings('udp://no-such-host.invalid:514')
  const [receiver] = await Promise.all(examineReceivers(options, new AbortController().signal))
  expect(receiver?.examined).toMatchObject([{ verdict: 'failure', part: 'name' }])
})
