/** One receiver that stands in for another, with the real program. */
import { expect, test } from 'vitest'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { allThereInOrder, judge } from '../support/collector.ts'
import { type Program, Workplace } from '../support/program.ts'

/**
 * One source `EX01`, and one destination whose connections take turns quickly. What was read is proved then: with
 * `confirm: time` a busy machine can leave more unread in the kernel than the receiver has time for.
 */
function config(destination: string): string {
  return `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, confirm: close, turnAfterMs: 200, maxMessageBytes: 1048576, ${destination} }
`
}

const linesOf = (program: Program, message: string) =>
  program.log.filter((line) => line.message.startsWith(message))

test.concurrent('the next receiver takes over, the preferred one takes over again, and no row is lost', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const first = await place.collect()
  const second = await place.collect()
  const failover = `to: '${first.url}', failover: ['${second.url}'], failback: { probes: 2, everyMs: 200 }`
  await place.write('msgtrk.yaml', config(failover))
  // For as long as it takes.
  const enough = new AbortController()
  const written = place.simulate('EX01', 100_000, { rate: 800, signal: enough.signal })
  const program = place.start('run', '--config', 'msgtrk.yaml')

  await first.has(500)
  await first.close()
  expect(await program.logged('Failing over')).toMatchObject({
    level: 'warn',
    destination: 'siem',
    from: first.url,
    to: second.url,
    reason: expect.stringContaining(first.url.replace('tcp://', '')),
  })
  await second.has(300)

  const again = await place.collect({ listen: first.url })
  expect(await program.logged('Failing back')).toMatchObject({
    level: 'info',
    destination: 'siem',
    from: second.url,
    to: first.url,
    reason: '2 successful probes in a row',
  })
  await again.has(300)
  enough.abort()
  await written
  expect((await program.stop()).code).toBe(0)
  // What was written last may not have been read yet.
  expect((await place.run('run', '--config', 'msgtrk.yaml', '--once')).code).toBe(0)

  expect(linesOf(program, 'Stopped')).toMatchObject([{ failovers: 1, failbacks: 1 }])
  expect(linesOf(program, 'Failing over')).toHaveLength(1)
  expect(linesOf(program, 'Failing back')).toHaveLength(1)
  expect(program.log.filter(({ level }) => level === 'error')).toEqual([])
  const expected = await place.expectedFrames('EX01')
  const { repeated, ...verdict } = judge([...first.frames, ...second.frames, ...again.frames], expected)
  expect({ ...verdict, repeated: 0 }).toEqual(allThereInOrder)
  // Only what was not settled yet when the first one went away.
  expect(repeated).toBeLessThanOrEqual(first.frames.length)
})

test.concurrent('a receiver that is not who it should be is passed over, whatever the protocol of the next', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const stranger = await makeCertificate({ authority: await makeAuthority('Stranger') })
  await place.write('ca.pem', (await makeAuthority()).cert)
  const wrong = await place.collect({ listen: 'tls://127.0.0.1:0', tls: stranger })
  const right = await place.collect()
  const failover = `to: '${wrong.url}', failover: ['${right.url}'], tls: { ca: ca.pem }`
  await place.write('msgtrk.yaml', config(failover))
  await place.simulate('EX01', 300)
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  expect((await program.ended).code).toBe(0)

  expect(wrong.frames).toEqual([])
  expect(judge(right.frames, await place.expectedFrames('EX01'))).toEqual(allThereInOrder)
  const [over] = linesOf(program, 'Failing over')
  expect(over).toMatchObject({ to: right.url, reason: expect.stringContaining('no trusted chain') })
})

test.concurrent('while none is available it is said once; the first to come back gets everything', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const urls = []
  for (let i = 0; i < 3; i++) {
    const receiver = await place.collect()
    urls.push(receiver.url)
    await receiver.close()
  }
  const failover = `to: '${urls[0]}', failover: ['${urls[1]}', '${urls[2]}']`
  await place.write('msgtrk.yaml', config(failover))
  await place.simulate('EX01', 300)
  const program = place.start('run', '--config', 'msgtrk.yaml', '--once')
  const none = await program.logged('None of the receivers is available')
  for (const url of urls) expect(none.reason).toContain(url)

  const last = await place.collect({ listen: urls[2] as string })
  expect((await program.ended).code).toBe(0)
  expect(judge(last.frames, await place.expectedFrames('EX01'))).toEqual(allThereInOrder)
  expect(linesOf(program, 'None of the receivers')).toHaveLength(1)
  expect(linesOf(program, 'Failing over')).toHaveLength(2)
  expect(linesOf(program, 'A receiver is available again')).toMatchObject([{ to: urls[2] }])
})

test.concurrent('mistakes are told before anything is sent', async ({ onTestFinished }) => {
  const place = await Workplace.open(onTestFinished)
  await place.write('msgtrk.yaml', config("to: 'tcp://a', failover: ['udp://b', 'tcp://a:514']"))
  const { code, stderr } = await place.run('check', '--config', 'msgtrk.yaml')
  expect(code).toBe(2)
  expect(stderr).toContain("destinations.0.failover.0: can't be udp://")
  expect(stderr).toContain('destinations.0.failover.1: is named before already')
})
