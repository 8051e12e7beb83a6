/** `msgtrk init` and `msgtrk trust` as a person meets them: on a terminal, and then delivery over TLS. */
import { readFile } from 'node:fs/promises'
import { expect, type TestContext, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { ended } from '../support/command.ts'
import { Workplace } from '../support/program.ts'
import { part } from '../support/runs.ts'
import { down, hasTerminals, OnTerminal } from '../support/terminal.ts'

const authority = await makeAuthority()
const server = await makeCertificate({ authority })

async function withReceiver(onTestFinished: TestContext['onTestFinished']) {
  const place = await Workplace.open(onTestFinished)
  const receiver = await place.collect({
    listen: 'tls://127.0.0.1:0',
    tls: { cert: server.cert, key: server.key },
  })
  await place.simulate('EX01', 40)
  return { place, receiver, to: `localhost:${new URL(receiver.url).port}` }
}

test.skipIf(!hasTerminals).concurrent.for(part([80, 200]))(
  'on a terminal of %i columns, wrong answers are told, and what is written delivers over TLS',
  async (columns, { onTestFinished }) => {
    const { place, receiver, to } = await withReceiver(onTestFinished)
    const terminal = new OnTerminal(place, columns, 'init', '--no-http')
    await terminal.answer('Folder with the message tracking logs', 'nope')
    await terminal.sees('ENOENT')
    // Ctrl-U takes away what stands there.
    await terminal.answer('take it all the same', '\u0015EX01')
    await terminal.answer('Folder of another server')
    await terminal.answer('Which records are delivered')
    // Letters choose nothing: whoever types ahead would not see what.
    await terminal.answer('What receives the events', 'jjl')
    await terminal.answer('How does it take them')
    await terminal.sees('Its host and port')
    terminal.press('localhost:99999')
    await terminal.sees('has the port "99999"')
    terminal.press('\u0015localhost:1\r')
    await terminal.sees('connection refused')
    await terminal.answer('take it all the same', `\u0015${to}`)
    await terminal.sees('sha-256')
    await terminal.sees(server.fingerprint.slice(0, 20))
    await terminal.answer('Whom to trust', down)
    await terminal.answer('Which records become events')
    await terminal.answer('What is left out as noise')
    await terminal.answer('Folder for positions')
    await terminal.answer('msgtrk.yaml?')
    const { code } = await terminal.ended
    const screen = terminal.text
    expect(code, screen).toBe(0)
    expect(screen).toContain('"msgtrk check" finds it in order')
    expect(screen).toContain('What becomes of one record')
    expect(screen).toMatch(/Next:\s+node .*main\.js run --config msgtrk\.yaml/)
    expect(screen).not.toContain('Warning')
    const written = await readFile(place.path('msgtrk.yaml'), 'utf8')
    expect(written).toContain(`sha-256:${server.fingerprint}`)
    expect(written).toContain('preset: arcsight')

    const { code: delivered } = await place.run('run', '--config', 'msgtrk.yaml', '--once')
    expect(delivered).toBe(0)
    expect(receiver.incorrect).toEqual([])
    expect(receiver.frames.length).toBe(40)
  },
)

test
  .skipIf(!hasTerminals)
  .concurrent('Ctrl-C ends it, and nothing was written', async ({ onTestFinished }) => {
    const { place } = await withReceiver(onTestFinished)
    const terminal = new OnTerminal(place, 80, 'init')
    await terminal.sees('Folder with the message tracking logs')
    terminal.press('\u0003')
    const { code } = await terminal.ended
    expect(terminal.text).toContain('Nothing was written.')
    expect(code).toBe(1)
    await expect(readFile(place.path('msgtrk.yaml'))).rejects.toThrow()
  })

test.skipIf(!hasTerminals).concurrent.for(part([80, 200]))(
  'at %i columns trust shows certificates, and saves a fingerprint once it is chosen',
  async (columns, { onTestFinished }) => {
    const { place, to } = await withReceiver(onTestFinished)
    const terminal = new OnTerminal(place, columns, 'trust', to)
    await terminal.sees('Not trusted here')
    await terminal.sees('reads off there.')
    const widths = terminal.text.split(/\r?\n/).map((line) => line.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
    await terminal.answer('Save it?', down)
    await terminal.answer('File to save it to')
    expect((await terminal.ended).code).toBe(0)
    expect(await readFile(place.path('receiver.pin'), 'utf8')).toBe(`sha-256:${server.fingerprint}\n`)
  },
)

test.concurrent('through a pipe it asks nothing and says how to go on', async ({ onTestFinished }) => {
  const { place, to } = await withReceiver(onTestFinished)
  const asked = await place.run('init')
  expect(asked.code).toBe(2)
  expect(asked.stderr).toContain('say everything by options: msgtrk init --yes')
  const shown = await place.run('trust', to)
  expect(shown.code).toBe(0)
  const fingerprint = /sha-256:[0-9A-F:]+/.exec(shown.stdout.toString())?.[0] ?? ''
  const options = ['--from', 'EX01', '--to', `tls://${to}`, '--fingerprint', fingerprint]
  const written = await place.run('init', '--yes', ...options)
  expect(written.stderr).not.toContain('unexpected')
  expect(written.code).toBe(0)
  expect(await ended(checkCommand, place.path('msgtrk.yaml'))).toMatchObject({ code: 0 })
})
