import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tellUnknownHosts } from '../../../../src/app/doubt-hosts.ts'
import { checkpointPath, createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { type CheckContext, checkCommand } from '../../../../src/cli/commands/check.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'
import { problemsOf } from '../../../support/command.ts'

let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'msgtrk-check-')), 'msgtrk.yaml')
})
afterEach(() => rm(dirname(file), { recursive: true }))

/** What the command prints for a configuration. */
async function check(
  text: string,
  context: CheckContext = { deepCheck: async () => [] },
  ...args: string[]
): Promise<string> {
  let printed = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      printed += String(chunk)
      done()
    },
  })
  await writeFile(file, text)
  const doubtHosts = async () => {}
  await checkCommand({ doubtHosts, ...context, stdout }).parseAsync(['--config', file, ...args], {
    from: 'user',
  })
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

test('of mails it is said when they are closed', async () => {
  const mails = correct.replace(
    '    to: udp://lab.example\n',
    '    to: udp://lab.example\n    records: mail\n',
  )
  expect(await check(mails)).toContain(
    '  becomes    one event for each mail, 15 minutes after its last row and 120 after its first at most, 100 MB of memory\n' +
      '  mapping    mail, CEF:0, additional data arcsight\n',
  )
})

test('a correct configuration is summed up', async () => {
  expect((await check(correct)).replace(file, 'msgtrk.yaml')).toBe(`msgtrk.yaml is in order.

state        /var/lib/msgtrk
log          info, standard error and /var/log/msgtrk.log

source       EX01
  reads      \\\\EX01\\MessageTracking, MSGTRK*.LOG
  starts     with records of 2026-11-20T00:00:00Z; logs whose #Date is no earlier are read whole

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
  ).toBe(`${file}:2 destinations.0.events: The filter names events that Exchange is not known to write (unknown: SENT (did you mean SEND?))
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

describe('which file', () => {
  const run = (...args: string[]) =>
    checkCommand({ stdout: { write() {} }, stderr: { write() {} }, doubtHosts: async () => {} }).parseAsync(
      args,
      {
        from: 'user',
      },
    )
  test('may be named without an option', async () => {
    await writeFile(file, "sources: [{ folder: . }]\ndestinations: [{ to: 'tcp://127.0.0.1' }]\n")
    await run(file)
  })
  test('has to be named once', async () => {
    expect(await problemsOf(run())).toBe('file: is missing\n  → name it: msgtrk check msgtrk.yaml')
    expect(await problemsOf(run(file, '--config', file))).toContain('--config: names a second file')
    expect(await problemsOf(run(file, '--json', '--send-test-event'))).toBe(
      '--send-test-event: goes with --live\n  → add --live\n--json: goes with --live or --print\n  → add one of them',
    )
    expect(await problemsOf(run(file, '--live', '--print'))).toContain('--print: does not go with --live')
  })
})

test('receivers whose names nobody knows are doubted, each at its setting', async () => {
  let told = ''
  const stderr = {
    write(text: string) {
      told += text
    },
  }
  const deepCheck = async () => []
  const hosts = "to: 'tcp://127.0.0.1', failover: ['tcp://nobody.invalid:514', 'tcp://localhost']"
  const text = `sources: [{ folder: . }]\ndestinations:\n  - { ${hosts} }\n`
  expect(await check(text, { stderr, deepCheck, doubtHosts: tellUnknownHosts })).toContain('is in order')
  expect(told).toMatch(
    /^.*msgtrk\.yaml:3 destinations\.0\.failover\.0: The host of a receiver is not known here \(error: .*nobody\.invalid.*\)\n {2}→ .*\n$/,
  )
})

describe('--print', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: references, as they stand in a file
  const written = `state: st
log: { file: 'C:\\x\\m.log' }
http: { listen: '127.0.0.1:9464', token: '\${file:token}' }
sources:
  - { folder: logs, startAt: 2026-11-20T00:00:00Z }
  - { folder: '\\\\EX01\\Message Tracking' }
destinations:
  - name: siem
    to: tls://localhost:6514
    preset: splunk
    tls: { ca: ca.pem, cert: c.pem, key: k.pem, passphrase: hunter2 }
    events: [SEND, '\${file:event}']
    filter: { senders: ['a\\b', '*$\${y}*', "\\e[2J"], not: { recipients: { none: ['@a.example'] } } }
  - { to: 'udp://127.0.0.1', maxEventsPerSecond: 5 }
`
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
  beforeEach(async () => {
    await writeFile(join(dirname(file), 'token'), 'the-secret-token-of-32-characters')
    await writeFile(join(dirname(file), 'event'), 'RECEIVE')
  })

  test('says of each setting where it comes from, and of no secret what it is', async () => {
    const printed = (await check(written, undefined, '--print')).replaceAll(dirname(file), 'F')
    expect(printed).toMatch(/^state: F\/st +# F\/msgtrk\.yaml:1\n/)
    expect(printed).toMatch(/^ {2}maxMegabytes: 100 +# default$/m)
    expect(printed).toMatch(/^ {4}additionalData: plain +# preset splunk$/m)
    expect(printed).toMatch(/^ {4}events: \[SEND, "?\$\{file:event\}"?\] +# F\/msgtrk.yaml:12$/m)
    expect(printed).toMatch(/^ {2}token: "?\$\{file:token\}"? +# F\/msgtrk.yaml:3, by reference$/m)
    expect(printed).toMatch(/^ {6}passphrase: \(hidden\) +# F\/msgtrk.yaml:11$/m)
    expect(printed).not.toMatch(/hunter2|the-secret-token/)
    expect(printed).not.toContain('\u001b')
    // Settings that do nothing there are not shown as if they did.
    expect(printed.slice(printed.indexOf('udp://'))).not.toMatch(/turnAfterMs|framing/)
    const json = JSON.parse(await check(written, undefined, '--print', '--json'))
    expect(json.settings).toContainEqual({
      setting: 'destinations.0.cefVersion',
      value: 0,
      origin: { from: 'preset', preset: 'splunk' },
    })
    expect(JSON.stringify(json)).not.toMatch(/hunter2|the-secret-token/)
  })

  test('what it prints stands for the same configuration', async () => {
    const settings = async (): Promise<unknown> => {
      const { sha256: _, secretFiles: __, ...config } = await loadConfig(file, { env: {} })
      return JSON.parse(JSON.stringify(config))
    }
    await writeFile(file, written)
    const before = await settings()
    const printed = await check(written, undefined, '--print')
    await writeFile(file, printed.replace('(hidden)', 'hunter2'))
    expect(await settings()).toEqual(before)
  })
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
    /^siem: .*startAt.*without effect.*EX01.*2026-11-20.*\n {2}→ .*msgtrk state reset --destination siem --source EX01/,
  )
})
