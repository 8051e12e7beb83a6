import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkpointPath, createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { type CheckContext, checkCommand } from '../../../../src/cli/commands/check.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'

let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'msgtrk-check-')), 'msgtrk.yaml')
})
afterEach(() => rm(dirname(file), { recursive: true }))

/** What the command prints for a configuration. */
async function check(text: string, context: CheckContext = { deepCheck: async () => [] }): Promise<string> {
  let printed = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      printed += String(chunk)
      done()
    },
  })
  await writeFile(file, text)
  await checkCommand({ ...context, stdout }).parseAsync(['--config', file], { from: 'user' })
  return printed
}

const correct = `
state: /var/lib/msgtrk
log: { file: /var/log/msgtrk.log }
sources:
  - { name: EX01, folder: '\\\\EX01\\MessageTracking', startAt: 2026-11-20T00:00:00Z }
destinations:
  - name: siem
    to: tls://logger.example.com:6514
    events: [SEND, RECEIVE]
    tls: { ca: /etc/ca.pem, cert: /etc/client.pem, key: /etc/client.key, passphrase: hunter2 }
  - name: lab
    to: udp://lab.example
`

test('a correct configuration is summed up', async () => {
  expect((await check(correct)).replace(file, 'msgtrk.yaml')).toBe(`msgtrk.yaml is in order.

state        /var/lib/msgtrk
log          info, standard error and /var/log/msgtrk.log

source       EX01
  reads      \\\\EX01\\MessageTracking, MSGTRK*.LOG
  starts     at 2026-11-20T00:00:00Z

destination  siem
  sends to   tls://logger.example.com:6514
  trusts     /etc/ca.pem, shows /etc/client.pem
  events     SEND, RECEIVE
  mapping    auto (by the columns of each log), CEF:0, additional data arcsight
  syslog     rfc3164, local0, event time in utc, lf
  delivered  when the TCP peer closed the connection after us, having read it all; with a relay in between set relay: true

destination  lab
  sends to   udp://lab.example
  events     all
  mapping    auto (by the columns of each log), CEF:0, additional data arcsight
  syslog     rfc3164, local0, event time in utc, one event per datagram
  delivered  when handed to the network: best effort, UDP has no more; 1000 events a second at most
`)
})

test('what is told over HTTP is said', async () => {
  const http = `http: { listen: '127.0.0.1:9464', token: '\${file:token}' }`
  await writeFile(join(dirname(file), 'token'), 'a'.repeat(32))
  expect(await check(`${correct}\n${http}`)).toContain('http         http://127.0.0.1:9464, with the token\n')
  expect(await check(`${correct}\nhttp: { listen: 'localhost:9464' }`)).toContain(
    'http         http://localhost:9464, for all programs on this machine\n',
  )
})

test('what is done with the records is said', async () => {
  const settings = `preset: splunk, filter: { sizeBytes: { min: 1 }, not: { senders: ['@a.example'] } },
      noise: [monitoring], recipients: each, rawEvent: field, categories: /etc/categories.csv`
  const text = `sources: [{ name: EX01, folder: /logs, correctSeconds: -90 }]
destinations:
  - { name: siem, to: tcp://siem.example, ${settings} }
`
  const printed = await check(text)
  expect(printed).toContain('  times      -90 seconds added\n')
  expect(printed).toContain(`  events     all
  filter     filter.sizeBytes: min 1
             filter.not
               filter.not.senders: @a.example
  without    monitoring
  becomes    one event for each recipient, with the original row
  mapping    auto (by the columns of each log), CEF:0, additional data plain
  categories /etc/categories.csv
`)
})

test('what it doubts is told, and no mistake', async () => {
  let told = ''
  const stderr = {
    write(text: string | Uint8Array) {
      told += text
      return true
    },
  }
  const events = 'events: [SEND, SENT], filter: { events: [FAIL] }'
  const text = `sources: [{ folder: . }]\ndestinations: [{ name: siem, to: udp://127.0.0.1, ${events} }]\n`
  expect(await check(text, { stderr })).toContain('is in order')
  expect(
    told,
  ).toBe(`siem: The filter names events that Exchange is not known to write (setting: ${file}:2 destinations.0.events; unknown: SENT (did you mean SEND?))
siem: Nothing can be delivered: events and filter.events have nothing in common (events: SEND, SENT; filter.events: FAIL)
`)
})

test('what it prints holds no secret and can not command the terminal', async () => {
  const printed = await check(
    correct.replace('[SEND, RECEIVE]', '[SEND]\n    filter: { senders: ["\\e[2J\\u202e"] }'),
  )
  expect(printed).not.toContain('hunter2')
  expect(printed).toContain('filter.senders: \\u001b[2J\\u202e')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(printed).not.toMatch(/[\u001b\u202e]/)
})

test('mistakes of the file are thrown, and nothing else is tried', async () => {
  let tried = false
  const deepCheck = async () => {
    tried = true
    return []
  }
  const failed = await check('sources: []', { deepCheck }).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(ProblemsError)
  expect((failed as ProblemsError).problems).toHaveLength(2)
  expect(tried).toBe(false)
})

test('mistakes that only a run would find are thrown too', async () => {
  const problem = { where: { setting: ['destinations', 0, 'mapping'] }, message: 'is not there' }
  const failed = await check(correct, { deepCheck: async () => [problem] }).catch((error: unknown) => error)
  expect((failed as ProblemsError).problems).toEqual([problem])
})

test('help says what it needs and what it ends with', () => {
  let help = ''
  const command = checkCommand().configureOutput({ writeOut: (text) => (help += text) })
  command.outputHelp()
  expect(help).toContain('--config <file>')
  expect(help).toContain('Exit code')
})

test('a startAt that was changed after the source had begun is told', async () => {
  const state = join(dirname(file), 'state')
  await mkdir(join(state, 'siem'), { recursive: true })
  const mark = { fileId: 'EX01/2026-11-20T00:00:00.000Z', offset: 0, header: -1 }
  await createCheckpoint(checkpointPath(state, 'siem')).save(new Map([[mark.fileId, mark]]))
  const told = async (startAt: string) => {
    let text = ''
    const stderr = {
      write(line: string | Uint8Array) {
        text += String(line)
        return true
      },
    }
    await check(
      `state: state
sources: [{ name: EX01, folder: ., startAt: ${startAt} }]
destinations: [{ name: siem, to: 'tcp://127.0.0.1:514' }]
`,
      { stderr },
    )
    return text
  }
  expect(await told('"2026-11-20T01:00:00+01:00"')).toBe('')
  expect(await told('2026-11-19T00:00:00Z')).toMatch(
    /^siem: .*startAt.*without effect.*EX01.*2026-11-20.*msgtrk state reset --destination siem --source EX01/,
  )
})
