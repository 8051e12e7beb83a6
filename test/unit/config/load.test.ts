// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configFromOptions, loadConfig } from '../../../src/config/load.ts'
import { ExitCode, ProblemsError } from '../../../src/mistakes/problem.ts'
import { type Told, told } from '../../support/told.ts'

let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'msgtrk-config-')), 'msgtrk.yaml')
})
afterEach(() => rm(dirname(file), { recursive: true }))

async function load(text: string, env: Record<string, string> = {}) {
  await writeFile(file, text)
  return loadConfig(file, { env })
}

/** The problems, with `where` without the folder: `7 log.level`. */
async function problemsOf(work: () => unknown): Promise<readonly Told[]> {
  const error = await Promise.resolve()
    .then(work)
    .catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no problems', { cause: error })
  expect(error.exitCode).toBe(ExitCode.mistake)
  return told(error.problems).map((problem) => ({ ...problem, where: problem.where.replace(`${file}:`, '') }))
}

const problemsIn = (text: string, env?: Record<string, string>) => problemsOf(() => load(text, env))

const sources = 'sources: [{ name: EX01, folder: /logs/ex01 }]\n'
const destinations = 'destinations: [{ name: siem, to: tls://siem.example }]\n'

describe('a correct file', () => {
  test('gets its defaults, names and absolute paths', async () => {
    const config = await load(`
log: { file: own.log }
sources:
  - folder: logs/ex01
  - { folder: '\\\\EX02\\MessageTracking', startAt: end }
destinations:
  - to: tls://siem.example:6514
    events: [SEND, RECEIVE]
    mapping: my/table.yaml
    categories: my/categories.csv
    tls: { ca: ca.pem, cert: /etc/client.pem, key: client.key }
  - { name: lab, to: udp://lab.example, mapping: exchange-2013.v1 }
`)
    const folder = dirname(file)
    expect(config).toMatchObject({
      state: join(folder, 'msgtrk-state'),
      log: { level: 'info', file: join(folder, 'own.log') },
      sources: [
        { folder: join(folder, 'logs/ex01'), pattern: 'MSGTRK*.LOG', startAt: 'beginning' },
        { name: 'EX02-MessageTracking', folder: '\\\\EX02\\MessageTracking', startAt: 'end' },
      ],
      destinations: [
        {
          name: 'tls-siem.example-6514',
          events: ['SEND', 'RECEIVE'],
          mapping: join(folder, 'my/table.yaml'),
          categories: join(folder, 'my/categories.csv'),
          confirm: 'close',
          syslog: { header: 'rfc3164' },
          tls: { ca: join(folder, 'ca.pem'), cert: '/etc/client.pem', key: join(folder, 'client.key') },
        },
        { name: 'lab', mapping: 'exchange-2013.v1' },
      ],
    })
    expect(config.sources[0]?.name).toMatch(/^[\w.-]*logs-ex01$/)
  })

  test('may name a source after a long folder', async () => {
    const folder = `/${'deep/'.repeat(30)}EX01`
    const config = await load(`sources: [{ folder: ${folder} }]\n${destinations}`)
    expect(config.sources[0]?.name).toMatch(/^[\w-]{1,64}$/)
    expect(config.sources[0]?.name.endsWith('deep-EX01')).toBe(true)
  })
})

describe('mistakes', () => {
  test('are all told at once, each with its line and remedy', async () => {
    expect(
      await problemsIn(`stat: /var/lib/msgtrk
log: { level: infos }
sources:
  - { name: EX01, folder: /logs/ex01 }
  - { name: ex01, folder: /logs/ex01 }
  - name: EX03
destinations:
  - name: siem
    to: http://siem.example
    events: SEND
    facility: local0
    maxMessageBytes: 2000.5
    tls:
      ca: \${env:NOWHERE}
      key:
  - name: siem
    to: 12
`),
    ).toMatchObject([
      { where: '1 stat', message: 'is no setting', remedy: 'did you mean state?' },
      {
        where: '2 log.level',
        message: 'must be one of: debug, info, warn, error',
        remedy: 'did you mean info?',
      },
      { where: '5 sources.1.folder', message: expect.stringContaining('another source') },
      { where: '5 sources.1.name', message: expect.stringContaining('another of the sources') },
      { where: '6 sources.2.folder' },
      { where: '9 destinations.0.to', message: expect.stringContaining('http') },
      {
        where: '10 destinations.0.events',
        message: 'must be a list, and is text',
        remedy: expect.stringContaining('['),
      },
      { where: '11 destinations.0.facility', remedy: 'it belongs under syslog' },
      { where: '12 destinations.0.maxMessageBytes', message: 'must be a whole number' },
      { where: '14 destinations.0.tls.ca', message: expect.stringContaining('NOWHERE') },
      { where: '15 destinations.0.tls.key', message: 'must be text, and is empty' },
      { where: '16 destinations.1.name', message: expect.stringContaining('another of the destinations') },
      { where: '17 destinations.1.to', message: 'must be text, and is a number', remedy: 'put it in quotes' },
    ])
  })

  test.each([
    ['an empty file', '', ['1 sources', '1 destinations']],
    ['a missing section', sources, ['1 destinations']],
    ['an empty section', `sources: []\n${destinations}`, ['1 sources']],
    ['a list instead of settings', '- 1', ['1']],
    ['settings instead of a list', `sources: { name: EX01 }\n${destinations}`, ['1 sources']],
    ['a member that is none', `sources: [EX01]\n${destinations}`, ['1 sources.0']],
    [
      'a number out of its range',
      `${sources}destinations: [{ to: tls://x, confirmAfterMs: 1 }]`,
      ['2 destinations.0.confirmAfterMs'],
    ],
    [
      'settings that contradict each other',
      `${sources}destinations: [{ to: tcp://x, tls: { ca: a } }]`,
      ['2 destinations.0.tls'],
    ],
    [
      'a name that is no file name',
      `sources: [{ name: ../EX01, folder: /a }]\n${destinations}`,
      ['1 sources.0.name'],
    ],
    [
      'a destination named like one without a name',
      `${sources}destinations: [{ to: tls://x }, { name: TLS-x, to: tls://y }]`,
      ['2 destinations.1.name'],
    ],
    [
      'a folder twice, the pattern written out once',
      `sources: [{ folder: /a }, { name: B, folder: /a, pattern: MSGTRK*.LOG }]\n${destinations}`,
      ['1 sources.1.folder'],
    ],
    ['a syntax error', 'sources: [\n', ['2:1']],
    ['a setting twice', `state: a\nstate: b\n${sources}${destinations}`, ['2:1']],
  ])('%s has its place', async (_, text, places) => {
    expect((await problemsIn(text)).map(({ where }) => where)).toEqual(places)
  })

  test('a file that has no end is no value', async () => {
    const host = 'syslog: { host: "${file:/dev/zero}" }'
    expect(await problemsIn(`${sources}destinations: [{ to: udp://x, ${host} }]`)).toMatchObject([
      {
        message: expect.stringContaining(process.platform === 'win32' ? "can't be read" : 'more than 1 MiB'),
      },
    ])
  })

  test.each([
    ['latin1', 'passwörd\n'],
    ['utf16le', '\ufeffhunter2\r\n'],
    ['utf16le', 'hunter2\r\n'],
  ] as const)('a secret in %s is no other secret', async (encoding, secret) => {
    await writeFile(join(dirname(file), 'secret'), secret, encoding)
    expect(await problemsIn(`state: '\${file:secret}'\n${sources}${destinations}`)).toEqual([
      {
        where: '1 state',
        message: 'needs the file secret, which is no text in UTF-8',
        remedy: 'save it as UTF-8',
      },
    ])
  })

  test('a value that is no UTF-8 comes with all other mistakes, and is not looked for as it is not', async () => {
    const text = `state: [1]\n${sources}destinations: [{ to: tls://x, tls: { ca: 'Schlüssel.pem', key: k } }]\n`
    await writeFile(file, text, 'latin1')
    expect(
      (await problemsOf(() => loadConfig(file))).map(({ where, message }) => `${where} ${message}`),
    ).toEqual([
      '1 state must be text, and is a list',
      '3:42 has characters that are no UTF-8',
      expect.stringContaining('3 destinations.0.tls.key'),
    ])
  })

  test('in a reference to another part of the file is told', async () => {
    expect(await problemsIn('state: *nowhere')).toMatchObject([
      { message: expect.stringContaining('nowhere') },
    ])
  })

  test.each([
    ['/logs/ex01', '/logs/ex01/'],
    ['/logs/ex01', '/logs//old/../EX01'],
    ['C:\\logs', 'C:\\logs\\'],
    ['\\\\EX01\\Logs', '\\\\EX01\\Logs\\'],
    ['logs', './logs/.'],
  ])('%s and %s are one folder', async (one, other) => {
    const text = `sources: [{ name: A, folder: '${one}' }, { name: B, folder: '${other}' }]\n${destinations}`
    expect(await problemsIn(text)).toMatchObject([
      { where: '1 sources.1.folder', message: 'is read by another source already, with the same pattern' },
    ])
  })

  test('the same folder may be read with two patterns', async () => {
    const config = await load(
      `sources: [{ name: A, folder: /a, pattern: MSGTRKMD*.LOG }, { name: B, folder: /a, pattern: MSGTRKMS*.LOG }]\n${destinations}`,
    )
    expect(config.sources).toHaveLength(2)
  })

  test('a file that is not there is said', async () => {
    const problems = await problemsOf(() => loadConfig(join(dirname(file), 'none.yaml')))
    expect(problems).toMatchObject([{ where: join(dirname(file), 'none.yaml'), message: 'is not there' }])
  })
})

describe('references', () => {
  test('stand for the whole of a text or a part of it', async () => {
    await writeFile(join(dirname(file), 'secret'), '\ufeffhunter2\r\n')
    const config = await load(
      `state: \${env:BASE}/\${env:NAME}-$\${env:NAME}
${sources}destinations:
  - { to: tls://siem.example, tls: { cert: c, key: k, passphrase: '\${file:secret}' } }`,
      // What comes in is not looked at again.
      { BASE: '/base', NAME: '${env:BASE}' },
    )
    expect(config.state).toBe('/base/${env:BASE}-${env:NAME}')
    expect(config.destinations[0]?.tls?.passphrase).toBe('hunter2')
  })

  test('to credentials are files in the folder that systemd hands over', async () => {
    await writeFile(join(dirname(file), 'siem-key'), 'hunter2\n')
    const config = await load(
      `${sources}destinations:
  - { to: tls://siem.example, tls: { cert: c, key: k, passphrase: '\${credential:siem-key}' } }`,
      { CREDENTIALS_DIRECTORY: dirname(file) },
    )
    expect(config.destinations[0]?.tls?.passphrase).toBe('hunter2')
  })

  test.each([
    ['${env:NOWHERE}', 'the environment variable NOWHERE, which is not set'],
    ['${file:nowhere}', "the file nowhere, which can't be read (ENOENT)"],
    ['${credential:token}', 'the credential token, and none are handed to this process'],
    ['${credential:../token}', 'a reference to a credential by a name that is none: ../token'],
    ['${home:x}', 'a reference that is none: ${home:x}'],
    ['${env:', 'a reference that is none: ${env:'],
    ['${env:}', 'a reference that is none: ${env:}'],
  ])('that lead nowhere are mistakes: %s', async (reference, message) => {
    expect(await problemsIn(`${sources}${destinations}state: '${reference}'`)).toMatchObject([
      { where: '3 state', message: expect.stringContaining(message), remedy: expect.any(String) },
    ])
  })

  test.each([
    'to',
    'framing',
    'maxMessageBytes',
    'events',
    'additionalData',
    'mapping',
    'name',
    'fingerprint',
  ])('never show in a message what they brought in: %s', async (setting) => {
    for (const secret of [
      'hun/ter2=\n',
      'tls://host:hunter2',
      'tls://[hunter2]',
      'hunter2://x',
      'udp',
      '12',
    ]) {
      const text =
        setting === 'fingerprint'
          ? `${sources}destinations: [{ to: tls://x, tls: { fingerprint: '\${env:SECRET}' }, nonsense: 1 }]`
          : `${sources}destinations: [{ ${setting}: '\${env:SECRET}', nonsense: 1 }]`
      const problems = await problemsIn(text, { SECRET: secret })
      expect(JSON.stringify(problems)).not.toMatch(/hunter2|hun\/ter2/)
    }
  })
})

describe('a command line', () => {
  test('makes the same configuration as a file', async () => {
    const { file, ...fromFile } = await load(
      `state: /state\nsources: [{ folder: /a }, { folder: /b }]\ndestinations: [{ to: tls://x, events: [SEND, RECEIVE] }]`,
    )
    expect(file).toMatch(/msgtrk\.yaml$/)
    expect(
      configFromOptions({ from: ['/a', '/b'], to: 'tls://x', events: ['SEND', 'RECEIVE'], state: '/state' }),
    ).toEqual({
      ...fromFile,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      placeOf: expect.any(Function),
      originOf: expect.any(Function),
    })
  })

  test('starts relative paths from the working folder', () => {
    const config = configFromOptions({ from: ['logs'], to: 'udp://x' })
    expect(config.sources[0]?.folder).toBe(join(process.cwd(), 'logs'))
    expect(config.state).toBe(join(process.cwd(), 'msgtrk-state'))
    expect(config.destinations[0]?.events).toBeUndefined()
  })

  test('has its mistakes told by option', async () => {
    const problems = await problemsOf(() =>
      configFromOptions({ from: ['/a', '/a'], to: 'siem', events: ['SEND', '', 'RECEIVE'], state: '' }),
    )
    expect(problems.map(({ where }) => where).sort()).toEqual(['--events', '--from', '--state', '--to'])
    expect(await problemsOf(() => configFromOptions({ from: [], to: 'udp://x' }))).toMatchObject([
      { where: '--from' },
    ])
  })
})
