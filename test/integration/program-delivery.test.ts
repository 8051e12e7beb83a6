import { expect, test } from 'vitest'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'

const rows = 3000

/** Largest messages, so that every event can be held against the line that `convert` gives. */
function config(destination: string): string {
  return `
state: state
sources: [{ name: EX01, folder: EX01 }]
destinations:
  - { name: siem, ${destination} }
`
}

test.concurrent('over TCP every row arrives in order while the log is written, also after a stop and a start', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  const to = `to: '${siem.url}', confirmAfterMs: 300, maxMessageBytes: 1048576`
  await place.write('msgtrk.yaml', config(to))
  const server = place.start('simulate', '--into', 'EX01', '--rate', '1000', '--events', String(rows))
  const first = place.start('run', '--config', 'msgtrk.yaml')
  await siem.has(rows / 3)
  expect(await first.stop()).toMatchObject({ code: 0, signal: null })

  const second = place.start('run', '--config', 'msgtrk.yaml')
  expect((await server.ended).stderr).toContain(`${rows.toLocaleString('en')} rows`)
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  await second.logged('Started')
  expect((await second.stop()).code).toBe(0)

  expect([...expected.values()].flat()).toHaveLength(rows)
  expect(siem.incorrect).toEqual([])
  // All was settled when it stopped, so nothing has to come twice.
  expect(judge(siem.frames, expected)).toEqual(allThereInOrder)
  const counts = [first, second].map((program) => program.log.find(({ message }) => message === 'Stopped'))
  expect(counts.reduce((sum, line) => sum + Number(line?.delivered), 0)).toBe(rows)
  for (const line of counts) {
    expect(line).toMatchObject({ read: line?.delivered, inFlight: 0, malformed: 0, filtered: 0 })
  }
})

test.concurrent('over TLS every row arrives in order while the log is written', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const authority = await makeAuthority()
  const { cert, key } = await makeCertificate({ authority })
  const siem = await place.collect({ listen: 'tls://127.0.0.1:0', tls: { cert, key } })
  await place.write('ca.pem', authority.cert)
  const to = `to: '${siem.url}', confirmAfterMs: 300, maxMessageBytes: 1048576, framing: octet-counting, tls: { ca: ca.pem }`
  await place.write('msgtrk.yaml', config(to))
  const program = place.start('run', '--config', 'msgtrk.yaml')
  await place.simulate('EX01', rows, { rate: 1000 })
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  expect((await program.stop()).code).toBe(0)

  expect([...expected.values()].flat()).toHaveLength(rows)
  expect(siem.incorrect).toEqual([])
  expect(judge(siem.frames, expected)).toEqual(allThereInOrder)
})

test.concurrent('over UDP every row arrives in order while the log is written', async ({
  onTestFinished,
}) => {
  // Few enough for what the kernel keeps if the receiver gets no turn for a while.
  const rows = 300
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect({ listen: 'udp://127.0.0.1:0' })
  const program = place.start('run', '--from', 'EX01', '--to', siem.url)
  await program.logged('Started')
  await place.simulate('EX01', rows, { rate: 150 })
  const expected = await place.expectedFrames('EX01')
  await siem.has(distinct(expected))
  expect((await program.stop()).code).toBe(0)

  expect([...expected.values()].flat()).toHaveLength(rows)
  expect(siem.incorrect).toEqual([])
  // A datagram holds less than a line: the time of a row, which is its own, has to do.
  expect(judge(siem.frames, expected, timeOf)).toEqual(allThereInOrder)
})

function timeOf(frame: string): string {
  const decoded = decodeFrame(Buffer.from(frame, 'latin1'))
  return decoded.ok ? `${decoded.event.extension.get('rt')} ${decoded.event.extension.get('cs1')}` : ''
}
