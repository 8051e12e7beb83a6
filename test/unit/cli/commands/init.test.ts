import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { initCommand } from '../../../../src/cli/commands/init.ts'
import { type Asker, Cancelled, type TextQuestion } from '../../../../src/cli/init/asker.ts'
import type { Examined } from '../../../../src/mistakes/examined.ts'
import type { ReceiverTls } from '../../../../src/receive/receiver.ts'
import { simulate } from '../../../../src/simulate/simulator.ts'
import { makeAuthority, makeCertificate } from '../../../support/certificates.ts'
import { Collector } from '../../../support/collector.ts'
import { output, problemsOf } from '../../../support/command.ts'
import { freePort } from '../../../support/free-port.ts'

const authority = await makeAuthority()
const server = await makeCertificate({ authority })

let folder: string
let config: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-init-'))
  config = join(folder, 'msgtrk.yaml')
  const { signal } = new AbortController()
  await simulate({ into: join(folder, 'EX01'), events: 60, version: '2016', seed: 1, signal })
  await writeFile(join(folder, 'ca.pem'), authority.cert)
})

afterEach(async () => {
  process.exitCode = undefined
  await rm(folder, { recursive: true, force: true })
})

/** A receiver over TLS whose certificate this authority signed. */
async function receiver(more: Partial<ReceiverTls> = {}): Promise<string> {
  const collector = await Collector.listen({
    listen: 'tls://127.0.0.1:0',
    tls: { cert: server.cert, key: server.key, ...more },
  })
  onTestFinished(() => collector.close())
  return `localhost:${new URL(collector.url).port}`
}

/** Something that listens and is no receiver: `greet` is what it says to whoever comes. */
async function somethingElse(greet: string): Promise<string> {
  const other: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.end(greet)
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void other.close(() => resolve())))
  const address = other.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

function init(...args: readonly string[]): Promise<string> {
  return output(initCommand, ['--config', config, ...args])
}

describe('msgtrk init --yes', () => {
  test('writes what options say, checked, and shows what becomes of a record', async () => {
    const to = `tls://${await receiver()}`
    const text = await init(
      ...['--yes', '--from', join(folder, 'EX01'), '--to', to, '--ca', join(folder, 'ca.pem')],
      ...['--preset', 'splunk', '--events', 'SEND,RECEIVE', '--noise', 'monitoring', '--http', '127.0.0.1:0'],
    )
    expect(text).toContain(`Wrote ${config}; "msgtrk check" finds it in order.`)
    expect(text).toMatch(/What becomes of one record, .*EX01.MSGTRK\w+-1\.LOG:\d+:/)
    expect(text).toContain('delivered, since every rule holds')
    expect(text).toMatch(/^<134>1 .* CEF:0\|Microsoft\|Exchange Server\|/m)
    expect(text).toContain(`run --config ${config}`)
    const written = await readFile(config, 'utf8')
    expect(written).toContain(`to: ${to}`)
    expect(written).toContain('events: [SEND, RECEIVE]')
    const token = await readFile(join(folder, 'http.token'), 'utf8')
    expect(token).toMatch(/^[0-9a-f]{64}\n$/)
    // Standard output of a script is kept somewhere.
    expect(text + written).not.toContain(token.trim())
    if (process.platform !== 'win32')
      expect((await stat(join(folder, 'http.token'))).mode & 0o777).toBe(0o600)
  })

  test.skipIf(process.platform === 'win32')(
    "a folder that is its group's has a token for the group",
    async () => {
      const shared = join(folder, 'shared')
      await mkdir(shared)
      await chmod(shared, 0o2750)
      const to = `tls://${await receiver()}`
      const args = ['--from', join(folder, 'EX01'), '--to', to, '--ca', join(folder, 'ca.pem')]
      const more = ['--http', '127.0.0.1:0', '--config', join(shared, 'msgtrk.yaml')]
      await output(initCommand, ['--yes', ...args, ...more])
      expect((await stat(join(shared, 'http.token'))).mode & 0o777).toBe(0o640)
    },
  )

  test('tells all that is missing or wrong at once, at its option, and writes nothing', async () => {
    const text = await problemsOf(
      init('--yes', '--to', 'tls://x:99999', '--start-at', 'noon', '--noise', 'nois'),
    )
    expect(text).toContain('--from: is missing')
    expect(text).toContain('--to: has the port "99999"')
    expect(text).toMatch(/--noise: must be one of/)
    await expect(stat(config)).rejects.toThrow()
  })

  test('a folder that is not there and a certificate that nobody vouches for are told together', async () => {
    const to = `tls://${await receiver()}`
    const text = await problemsOf(init('--yes', '--from', join(folder, 'nope'), '--to', to))
    expect(text).toContain('--from: ENOENT')
    expect(text).toContain('--to: the certificate of localhost')
    expect(text).toContain(`sha-256:${server.fingerprint}`)
    expect(text).toContain('--untried')
    expect(text).toMatch(/Set --ca to .*--fingerprint to this/)
    await expect(stat(config)).rejects.toThrow()
  })

  test.each([
    [
      'speaks something else',
      () => somethingElse('SSH-2.0-x\r\n'),
      /does not speak TLS|closed the connection during/,
    ],
    ['is not listened to', async () => '127.0.0.1:1', /connection refused by 127\.0\.0\.1:1/],
  ])('a port that %s is told', async (_, open, expected) => {
    const to = `tls://${await open()}`
    expect(await problemsOf(init('--yes', '--from', join(folder, 'EX01'), '--to', to))).toMatch(expected)
  })

  test('--untried writes it all the same', async () => {
    const text = await init(
      '--yes',
      '--untried',
      '--from',
      join(folder, 'later'),
      '--to',
      'tcp://127.0.0.1:1',
    )
    expect(text).toContain('finds it in order')
    expect(text).toContain('No record was found yet')
  })

  test('never takes the place of a file that is there, unless told so', async () => {
    await writeFile(config, 'mine')
    const args = ['--yes', '--from', join(folder, 'EX01'), '--to', 'udp://127.0.0.1:9'] as const
    expect(await problemsOf(init(...args))).toContain('is there already')
    expect(await readFile(config, 'utf8')).toBe('mine')
    await init(...args, '--overwrite')
    expect(await readFile(config, 'utf8')).toContain('to: udp://127.0.0.1:9')
  })

  test('a token that is there stays, and is refused when it is too short', async () => {
    const args = [
      '--yes',
      '--from',
      join(folder, 'EX01'),
      '--to',
      'udp://127.0.0.1:9',
      '--http',
      '127.0.0.1:0',
    ]
    await writeFile(join(folder, 'http.token'), 'short')
    expect(await problemsOf(init(...args))).toMatch(/msgtrk\.yaml:\d+ http\.token: is shorter than/)
    await expect(stat(config)).rejects.toThrow()
    await writeFile(join(folder, 'http.token'), 'k'.repeat(40))
    await init(...args)
    expect(await readFile(join(folder, 'http.token'), 'utf8')).toBe('k'.repeat(40))
  })

  test('takes over a SmartConnector, and tells what it leaves', async () => {
    const properties = join(folder, 'agent.properties')
    const to = await somethingElse('')
    const [host, port] = to.split(':')
    await writeFile(
      properties,
      [
        `agents[0].foldertable[0].folder=${join(folder, 'EX01').replaceAll('\\', '\\\\')}`,
        'agents[0].startatend=true',
        'agents[0].destination[0].type=cefsyslog',
        `agents[0].destination[0].params=<Parameter Name\\="host" Value\\="${host}"/><Parameter Name\\="port" Value\\="${port}"/><Parameter Name\\="protocol" Value\\="UDP"/>`,
        'agents[0].persistenceinterval=5',
      ].join('\n'),
    )
    const text = await init('--yes', '--from-smartconnector', properties)
    expect(text).toContain('agents[0].persistenceinterval = 5 (positions are always kept)')
    const written = await readFile(config, 'utf8')
    expect(written).toContain('startAt: end')
    expect(written).toContain(`to: udp://${to}`)
    expect(written).toContain('preset: arcsight')
    expect(written).toContain('#   agents[0].persistenceinterval = 5 (positions are always kept)')
  })

  test('files, and the identity for Sentinel, are said by options, too', async () => {
    await init('--yes', '--from', join(folder, 'EX01'), '--to', `file://${folder}/%D.cef`, '--no-http')
    expect(await readFile(config, 'utf8')).toContain('name: files')
    await rm(config)
    const id = '11111111-2222-3333-4444-555555555555'
    const to = `sentinel://127.0.0.1:1/dcr-${'0'.repeat(32)}/Custom-MessageTrackingLog_CL`
    const yes = ['--yes', '--untried', '--from', join(folder, 'EX01'), '--to', to, '--no-http']
    const told = await problemsOf(init(...yes, '--client-id', 'me', '--client-certificate', 'c.pem'))
    expect(told).toContain('--client-id: is no id of Microsoft Entra')
    const secret = join(folder, 'secret')
    await writeFile(secret, 'open sesame\n', { mode: 0o600 })
    expect(await problemsOf(init(...yes, '--client-id', id, '--client-secret-file', secret))).toContain(
      '--client-secret-file: needs tenantId',
    )
    await init(...yes, '--tenant-id', id, '--client-id', id, '--client-secret-file', secret)
    expect(await readFile(config, 'utf8')).toContain(`clientSecret: '\${file:${secret}}'`)
  })

  test('refuses a file that tells of no connector', async () => {
    const properties = join(folder, 'silent.properties')
    await writeFile(properties, 'connectortype.connectortype=exchange_message_tracking_log\n')
    const told = await problemsOf(init('--yes', '--from-smartconnector', properties))
    expect(told).toContain(`${properties}: tells of no connector`)
    expect(told).toContain('current/user/agent')
  })
})

test('without a terminal and without --yes it says which options there are', async () => {
  const text = await problemsOf(init())
  expect(text).toMatch(/--yes: is missing, and there is no terminal/)
  expect(text).toMatch(/--from FOLDER… --to tls:\/\/HOST:PORT --ca FILE/)
})

/** Answers questions by a word of theirs; a list of answers is given one after the other. */
class Scripted implements Asker {
  readonly asked: string[] = []
  readonly told: Examined[] = []
  readonly notes: string[] = []
  readonly #answers: Map<string, string[]>

  constructor(answers: Readonly<Record<string, string | readonly string[]>>) {
    this.#answers = new Map(Object.entries(answers).map(([word, given]) => [word, [given].flat()]))
  }

  async text({ message, initial, form, trial }: TextQuestion): Promise<string> {
    for (let times = 0; times < 9; times++) {
      const answer = this.#next(message) ?? initial ?? ''
      const wrong = form?.(answer) ?? (await trial?.(answer))
      if (wrong === undefined) return answer
      this.notes.push(wrong)
    }
    throw new Error(`${message}: ${this.notes.at(-1)}`)
  }

  async choose<Value extends string>(message: string, choices: readonly { value: Value }[], initial?: Value) {
    const answer = this.#next(message) ?? initial
    const found = choices.find(({ value }) => value === answer)
    if (found === undefined)
      throw new Error(`${message}: ${answer} is none of ${choices.map(({ value }) => value)}`)
    return found.value
  }

  async several<Value extends string>(message: string, _: readonly unknown[], initial: readonly Value[]) {
    const answer = this.#next(message)
    return answer === undefined ? initial : (answer.split(',') as Value[])
  }

  async agree(message: string, initial: boolean) {
    const answer = this.#next(message)
    return answer === undefined ? initial : answer === 'yes'
  }

  tell(found: Examined) {
    this.told.push(found)
  }

  note(title: string, text: string) {
    this.notes.push(`${title}\n${text}`)
  }

  #next(message: string): string | undefined {
    this.asked.push(message)
    const answers = [...this.#answers].find(([word]) => message.includes(word))?.[1]
    const answer = answers?.shift()
    if (answer === 'cancel') throw new Cancelled()
    return answer
  }
}

function ask(answers: Readonly<Record<string, string | readonly string[]>>, ...args: readonly string[]) {
  const asker = new Scripted(answers)
  const text = output((context) => initCommand({ ...context, asker }), ['--config', config, ...args])
  return { asker, text }
}

describe('msgtrk init on a terminal', () => {
  test('asks until folder and receiver work, shows the certificate, and trusts its authority by a file', async () => {
    const to = await receiver()
    const { asker, text } = ask({
      'Folder with': [join(folder, 'nope'), join(folder, 'EX01')],
      'host and port': ['nowhere', '127.0.0.1:1', to],
      'Whom to trust': 'file',
      'PEM file of the authority': [join(folder, 'no.pem'), join(folder, 'ca.pem')],
      'Which records become': 'two',
      'status page': 'no',
    })
    await text
    expect(asker.notes.join('\n')).toMatch(/ENOENT[\s\S]*connection refused[\s\S]*What tls:/)
    expect(asker.notes.join('\n')).toContain(server.fingerprint)
    expect(asker.told.filter(({ verdict }) => verdict === 'failure')).toEqual([])
    const written = await readFile(config, 'utf8')
    expect(written).toContain(`to: tls://${to}`)
    expect(written).toContain(`ca: '${join(folder, 'ca.pem')}'`)
    expect(written).toContain('events: [RECEIVE, SEND]')
    expect(written).toContain('name: EX01')
  })

  test('a wrong authority is found out, and a fingerprint taken in its place', async () => {
    const to = await receiver()
    const other = await makeAuthority('Other')
    await writeFile(join(folder, 'other.pem'), other.cert)
    const { asker, text } = ask({
      'Folder with': join(folder, 'EX01'),
      'host and port': to,
      'Whom to trust': ['file', 'pin'],
      'PEM file of the authority': join(folder, 'other.pem'),
      'What now': 'again',
      'status page': 'no',
    })
    await text
    expect(asker.told.filter(({ verdict }) => verdict === 'failure').map(({ message }) => message)).toEqual([
      expect.stringContaining('has no trusted chain'),
    ])
    expect(await readFile(config, 'utf8')).toContain(`fingerprint: 'sha-256:${server.fingerprint}'`)
  })

  test('a receiver that wants to know who we are is shown a client certificate', async () => {
    const client = await makeCertificate({ authority, commonName: 'client' })
    await writeFile(join(folder, 'client.pem'), client.cert)
    await writeFile(join(folder, 'client.key'), client.key, { mode: 0o600 })
    const { asker, text } = ask({
      'Folder with': join(folder, 'EX01'),
      'host and port': await receiver({ ca: authority.cert }),
      'Whom to trust': 'file',
      'PEM file of the authority': join(folder, 'ca.pem'),
      'PEM file of the client': join(folder, 'client.pem'),
      'PEM file of its private': join(folder, 'client.key'),
      'status page': 'no',
    })
    await text
    expect(asker.asked.filter((message) => message === 'What now?')).toHaveLength(1)
    const written = await readFile(config, 'utf8')
    expect(written).toContain(`cert: '${join(folder, 'client.pem')}'`)
    expect(written).toContain(`key: '${join(folder, 'client.key')}'`)
  })

  test('one whose certificate is for another name is taken by that name once it is chosen', async () => {
    const { cert, key } = await makeCertificate({ authority, names: ['logger.example.com'], addresses: [] })
    const { asker, text } = ask({
      'Folder with': join(folder, 'EX01'),
      'host and port': await receiver({ cert, key }),
      'Whom to trust': 'file',
      'PEM file of the authority': join(folder, 'ca.pem'),
      'What now': 'name',
      'Which name': 'logger.example.com',
      'status page': 'no',
    })
    await text
    expect(asker.told.filter(({ verdict }) => verdict === 'failure')).toHaveLength(1)
    expect(await readFile(config, 'utf8')).toContain('serverName: logger.example.com')
  })

  test('an answer that does not work is taken when it is given again', async () => {
    const { asker, text } = ask({
      'Folder with': [join(folder, 'later'), join(folder, 'later')],
      'How does it take them': 'tcp',
      'host and port': ['127.0.0.1:1', '127.0.0.1:1'],
      'status page': 'no',
    })
    expect(await text).toContain('No record was found yet')
    expect(asker.told.map(({ verdict }) => verdict)).toContain('failure')
    expect(await readFile(config, 'utf8')).toContain('to: tcp://127.0.0.1:1')
  })

  test('Sentinel may be delivered to straight, without what suits a forwarder', async () => {
    // Nobody gives a token there.
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', 'http://127.0.0.1:1')
    const to = `127.0.0.1:1/dcr-${'0'.repeat(32)}/Custom-MessageTrackingLog_CL`
    const { text } = ask({
      'Folder with': join(folder, 'EX01'),
      'What receives': 'sentinel',
      'How does it take them': 'sentinel',
      'endpoint, rule and stream': [to, to],
      'status page': 'no',
    })
    await text
    const written = await readFile(config, 'utf8')
    expect(written).toContain(`sentinel://${to}`)
    expect(written).not.toMatch(/^ +preset:/m)
  })

  test('an application for Sentinel is written with a reference to its secret, after mistakes in its ids', async () => {
    const id = '11111111-2222-3333-4444-555555555555'
    const secret = join(folder, 'secret')
    await writeFile(secret, 'open sesame\n', { mode: 0o600 })
    const to = `127.0.0.1:1/dcr-${'0'.repeat(32)}/Custom-MessageTrackingLog_CL`
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('AZURE_AUTHORITY_HOST', 'https://127.0.0.1:1')
    const { asker, text } = ask({
      'Folder with': join(folder, 'EX01'),
      'What receives': 'sentinel',
      'How does it take them': 'sentinel',
      'sign in as': 'secret',
      'tenant (directory) id': ['contoso', id],
      'application (client) id': ['', id],
      'with the secret': ['nowhere', secret],
      'endpoint, rule and stream': [to, to],
      'status page': 'no',
    })
    const shown = await text
    const written = await readFile(config, 'utf8')
    expect(written).toContain(
      `sentinel:\n      tenantId: '${id}'\n      clientId: '${id}'\n      clientSecret: '\${file:${secret}}'`,
    )
    expect(written + shown + JSON.stringify(asker.told)).not.toContain('open sesame')
    expect(asker.told.some(({ verdict }) => verdict === 'failure')).toBe(true)
  })

  test('events may be written to files of this machine, or to standard output', async () => {
    const { text } = ask({
      'Folder with': join(folder, 'EX01'),
      'What receives': 'files',
      'Into which files': ['', join(folder, 'a b', '%Y-%m-%d.cef'), join(folder, '%Y-%m-%d.cef')],
      'become events': 'two',
      'status page': 'no',
    })
    await text
    const written = await readFile(config, 'utf8')
    expect(written).toContain(
      `name: files\n    to: 'file://${folder}/%Y-%m-%d.cef'\n    events: [RECEIVE, SEND]`,
    )

    const again = ask(
      { 'What receives': 'output', 'status page': 'no', 'is there already': 'yes' },
      ...['--from', join(folder, 'EX01'), '--state', join(folder, 'other')],
    )
    await again.text
    expect(await readFile(config, 'utf8')).toContain("name: output\n    to: 'stdout:'\n")
  })

  test('prints the address of the status page with its new token, once', async () => {
    const { text } = ask({
      'Folder with': join(folder, 'EX01'),
      'How does it take them': 'udp',
      'host and port': '127.0.0.1:9',
      'Its address': ['0.0.0.0:9464', '127.0.0.1:0'],
    })
    const token = (await text).match(/#token=([0-9a-f]{64})$/m)?.[1]
    expect(await readFile(join(folder, 'http.token'), 'utf8')).toBe(`${token}\n`)
  })

  test.each(['What receives', 'Write '])('refused at "%s", it writes nothing', async (question) => {
    const { text } = ask(
      {
        'Folder with': join(folder, 'EX01'),
        'How does it take them': 'udp',
        'host and port': '127.0.0.1:9',
        [question]: 'cancel',
      },
      ...['--http', `127.0.0.1:${await freePort()}`],
    )
    expect(await text).toContain('Nothing was written.')
    expect(process.exitCode).toBe(1)
    await expect(stat(config)).rejects.toThrow()
    await expect(stat(join(folder, 'http.token'))).rejects.toThrow()
  })

  test('asks only what options leave open', async () => {
    const { asker, text } = ask(
      { 'status page': 'no' },
      ...['--from', join(folder, 'EX01'), '--to', 'udp://127.0.0.1:9', '--state', join(folder, 'state')],
    )
    await text
    expect(asker.asked.map((message) => message.slice(0, 13))).toEqual([
      'A status page',
      `Write ${config}`.slice(0, 13),
    ])
  })

  test('options hold for what is asked, too, and none is dropped', async () => {
    const { asker, text } = ask(
      {
        'Folder with': join(folder, 'EX01'),
        'How does it take them': 'tcp',
        'host and port': ['127.0.0.1:1', '127.0.0.1:1'],
        'status page': 'no',
      },
      ...['--preset', 'splunk', '--events', 'SEND', '--start-at', 'end', '--pattern', 'MSGTRKM*.LOG'],
    )
    await text
    expect(asker.asked.join()).not.toMatch(/What receives|Which records|noise/)
    const written = await readFile(config, 'utf8')
    for (const setting of ['preset: splunk', 'events: [SEND]', 'startAt: end', "pattern: 'MSGTRKM*.LOG'"]) {
      expect(written).toContain(setting)
    }
  })

  test.each([
    ['no', 'mine'],
    ['yes', 'to: udp://127.0.0.1:9'],
  ])('asked whether a file that is there may be replaced: %s', async (answer, expected) => {
    await writeFile(config, 'mine')
    const { text } = ask({
      'is there already': answer,
      'Folder with': join(folder, 'EX01'),
      'How does it take them': 'udp',
      'host and port': '127.0.0.1:9',
      'status page': 'no',
    })
    await text.catch(() => undefined)
    expect(await readFile(config, 'utf8')).toContain(expected)
  })
})
