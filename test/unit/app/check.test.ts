// References are written as they stand in a file.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: see above
import { createPrivateKey } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkDeeply } from '../../../src/app/check.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { checkpointPath, createCheckpoint } from '../../../src/checkpoint/store.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { nodeMistake } from '../../../src/kafka/options.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { doubtOfFolder } from '../../../src/tail/folder/doubt.ts'
import { makeCertificate } from '../../support/certificates.ts'
import { type Told, told } from '../../support/told.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-check-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

async function mistakesOf(written: Parameters<typeof readConfig>[0]): Promise<readonly Told[]> {
  const error = await readConfig(written, { env: {} }).catch((error: unknown) => error)
  if (!(error instanceof ProblemsError)) throw new Error('there were no mistakes', { cause: error })
  // They can be sent as they are.
  expect(JSON.parse(JSON.stringify(error.problems))).toStrictEqual(error.problems)
  return told(error.problems)
}

/** The mistakes of a file, each as `place: message`, without the folder. */
async function mistakesIn(text: string): Promise<readonly string[]> {
  const file = await write('msgtrk.yaml', text)
  const problems = await mistakesOf(file)
  return problems.map(({ where, message }) => `${where}: ${message}`.replaceAll(`${folder}/`, ''))
}

const source = 'sources: [{ folder: . }]\n'

describe('all mistakes come at once', () => {
  test('those of the schema, of tables, of categories and of certificates, in the order of their lines', async () => {
    const [one, other] = [await makeCertificate(), await makeCertificate()]
    await write('cert.pem', one.cert)
    await write('other.key', other.key)
    await write('table.yaml', 'extends: exchange-2013.v1\nname: own\nversion: 1.0.0\nremove: [nothing]\n')
    await write('categories.csv', 'event.deviceEventClassId,set.event.categoryObjekt\nSEND,/Host\n')
    expect(
      await mistakesIn(`stat: x
sources: []
destinations:
  - name: a
    to: tls://x
    syslog: { facility: local9 }
    tls: { ca: none.pem }
  - name: b
    to: tcp://x
    confirmAfterMs: 1
    mapping: exchange-2014
    categories: categories.csv
  - name: c
    to: http://x
    tls: { cert: cert.pem, key: other.key }
  - name: d
    to: tcp://x
    colour: red
    mapping: table.yaml
  - name: e
    to: tcp://x
    mapping: table.yaml
`),
    ).toEqual([
      'msgtrk.yaml:1 stat: is no setting',
      'msgtrk.yaml:2 sources: is empty',
      expect.stringMatching(/^msgtrk.yaml:6 destinations\.0\.syslog\.facility: must be one of/),
      expect.stringMatching(/^msgtrk.yaml:7 destinations\.0\.tls\.ca: can't read none.pem: ENOENT/),
      expect.stringMatching(/^msgtrk.yaml:10 destinations\.1\.confirmAfterMs: must be 100 or more/),
      'msgtrk.yaml:11 destinations.1.mapping: there is no table and no file exchange-2014',
      expect.stringMatching(/^msgtrk.yaml:14 destinations\.2\.to: has the unknown protocol http/),
      'msgtrk.yaml:15 destinations.2.tls.key: does not belong to the certificate in tls.cert',
      'msgtrk.yaml:18 destinations.3.colour: is no setting',
      'categories.csv:1: unknown heading set.event.categoryObjekt',
      'table.yaml:4 remove.0: the table it extends has no nothing',
    ])
  })

  test('those of settings that do not go together, whatever else is wrong', async () => {
    expect(
      await mistakesIn(`${source}destinations:
  - { name: a, to: tls://x, syslog: { facility: local9 }, tls: { cert: none.pem } }
`),
    ).toEqual([
      expect.stringContaining('3 destinations.0.syslog.facility: must be one of'),
      expect.stringContaining('3 destinations.0.tls.cert: needs its private key'),
      expect.stringMatching(/3 destinations\.0\.tls\.cert: can't read none\.pem: ENOENT/),
    ])
  })

  test('those of a certificate or a key whose other half is missing, and nothing of the half', async () => {
    const { cert, key } = await makeCertificate()
    await write('c.pem', cert)
    await write('k.pem', key)
    await write('broken.pem', 'no certificate')
    const texts = await mistakesIn(`${source}http: { listen: '127.0.0.1:9464', tls: { cert: broken.pem } }
destinations:
  - { name: a, to: tls://x, tls: { cert: c.pem } }
  - { name: b, to: tls://x, tls: { key: k.pem } }
  - { name: c, to: tls://x, tls: { cert: broken.pem } }
  - { name: d, to: tls://x, tls: { key: none.pem, ca: none.pem } }
  - { name: e, to: tls://x, tls: { cert: '', ca: none.pem } }
`)
    expect(texts.map((text) => text.replace(/: (?:ENOENT|-----).*|\(-----.*/, ''))).toEqual([
      'msgtrk.yaml:2 http.tls.key: is missing',
      'msgtrk.yaml:2 http.tls.cert: holds no certificate in PEM form ',
      'msgtrk.yaml:4 destinations.0.tls.cert: needs its private key',
      'msgtrk.yaml:5 destinations.1.tls.key: needs its certificate',
      'msgtrk.yaml:6 destinations.2.tls.cert: needs its private key',
      'msgtrk.yaml:6 destinations.2.tls.cert: holds no certificate in PEM form ',
      'msgtrk.yaml:7 destinations.3.tls.key: needs its certificate',
      "msgtrk.yaml:7 destinations.3.tls.ca: can't read none.pem",
      "msgtrk.yaml:7 destinations.3.tls.key: can't read none.pem",
      'msgtrk.yaml:8 destinations.4.tls.cert: is empty',
      "msgtrk.yaml:8 destinations.4.tls.ca: can't read none.pem",
    ])
  })

  test('those of a table of which some are of its form or its shape', async () => {
    await write(
      'table.yaml',
      `extends: exchange-2013.v1
name: own
version: 1.0.0
description: "C:\\Tables"
remove: [nothing]
features: [no-such]
lookups: []
fields:
  - { key: src, from: recipient-adress, as: tex }
  - { key: msg, from: source, after: nowhere }
  - { key: cs9, from: source }
`,
    )
    const texts = await mistakesIn(`${source}x: y\ndestinations: [{ to: 'tcp://x', mapping: table.yaml }]\n`)
    expect(texts.slice(1).map((text) => text.replace(/^table\.yaml:/, ''))).toEqual([
      expect.stringMatching(/^4:\d+: .*/),
      '5 remove.0: the table it extends has no nothing',
      '6 features.0: the table it extends offers no no-such',
      '7 lookups: must be a group of settings, and is a list',
      expect.stringMatching(/^9 fields\.0\.as: /),
      expect.stringMatching(/^9 fields\.0\.from: unknown column recipient-adress/),
      '10 fields.1.after: there is no row nowhere to put msg beside',
      expect.stringMatching(/^11 fields\.2\.key: /),
    ])
  })

  test('those in the form of the file that leave all else as it was written, each once', async () => {
    const text = `sources:
  - { folder: "C:\\Logs\\EX01" }
destinations:
  - to: tcp://x
    name: 12
    filter: { senders: [ @contoso.com ] }
    maxEventsPerSecond: 0
    maxEventsPerSecond: 0
    mapping: no.yaml
  - to: !url tls://y
    tls: { cert: c.pem }
    tls: { ca: 12, serverName: 12 }
    framing: some
`
    expect((await mistakesIn(text)).map((line) => line.replace('msgtrk.yaml:', ''))).toEqual([
      expect.stringMatching(/^2:\d+: in double quotes/),
      '5 destinations.0.name: must be text, and is a number',
      expect.stringMatching(/^6:\d+: a text may not begin with @$/),
      expect.stringMatching(/^8:5: maxEventsPerSecond stands twice/),
      "9 destinations.0.mapping: can't read no.yaml (ENOENT)",
      expect.stringMatching(/^10:\d+: has a tag/),
      expect.stringMatching(/^12:5: tls stands twice/),
      '13 destinations.1.framing: must be one of: lf, octet-counting',
    ])
  })

  test('but nothing of what a list is that stands there twice', async () => {
    const text = `destinations: [{ to: tcp://x, mapping: no.yaml }]\ndestinations: [{ to: 12 }]\n${source}log: no\n`
    expect(await mistakesIn(text)).toEqual([
      'msgtrk.yaml:2:1: destinations stands twice in this group',
      'msgtrk.yaml:4 log: must be a group of settings, and is text',
    ])
  })

  test('those of a command line, by option', async () => {
    const written = {
      from: [folder],
      to: 'tls://x',
      events: ['SEND RECEIVE'],
      ca: join(folder, 'no.pem'),
    }
    expect((await mistakesOf(written)).map(({ where }) => where)).toEqual(['--events', '--ca'])
  })

  test('rows that go out with times that are corrected elsewhere are doubted', async () => {
    const said: unknown[] = []
    const warn = (message: string, fields: unknown) => said.push([message, fields])
    const file = await write(
      'msgtrk.yaml',
      `state: state
sources: [{ name: a, folder: ., correctSeconds: 5 }, { name: b, folder: b }]
destinations: [{ name: siem, to: tcp://127.0.0.1 }, { name: rows, to: tcp://127.0.0.2, format: raw }]
`,
    )
    expect(await checkDeeply(await loadConfig(file), { ...silent, warn })).toEqual([])
    expect(said).toContainEqual([
      expect.stringContaining('with times that are corrected elsewhere'),
      { destination: 'rows', sources: ['a'] },
    ])
  })

  test('a file in place of the state folder, or above it, is doubted', async () => {
    await write('taken', '')
    const doubtsOf = async (state: string) => {
      const doubts: unknown[] = []
      const file = await write(
        'msgtrk.yaml',
        `state: ${state}\nsources: [{ folder: . }]\ndestinations: [{ to: 'tcp://127.0.0.1' }]\n`,
      )
      const warn = (message: string, fields: unknown) => doubts.push([message, fields])
      expect(await checkDeeply(await loadConfig(file), { ...silent, warn })).toEqual([])
      return doubts
    }
    const doubt = [
      expect.stringContaining('The state folder can not be made'),
      { setting: `${folder}/msgtrk.yaml:1 state`, file: join(folder, 'taken'), remedy: expect.any(String) },
    ]
    expect(await doubtsOf('taken')).toEqual([doubt])
    expect(await doubtsOf('taken/below/it')).toEqual([doubt])
    expect(await doubtsOf('not/there/yet')).toEqual([])
  })

  test('of one destination: its table, its categories and where the row should go', async () => {
    const settings = 'mapping: no.yaml, categories: no.csv, rawEvent: additional, additionalData: none'
    const file = await write('msgtrk.yaml', `${source}destinations: [{ to: tcp://x, ${settings} }]`)
    const problems = await checkDeeply(await loadConfig(file), silent)
    expect(told(problems).map(({ where }) => where.split('.').at(-1))).toEqual([
      'categories',
      'mapping',
      'rawEvent',
    ])
  })
})

describe('check doubts a folder', () => {
  test.skipIf(process.platform === 'win32')(
    'that is not there, that is none, that only Windows has',
    async () => {
      await write('file', '')
      const sources = [folder, join(folder, 'no'), join(folder, 'file'), 'C:\\Logs', '\\\\EX01\\Logs']
      const written = sources.map((one) => `{ folder: '${one}' }`).join(', ')
      const file = await write('msgtrk.yaml', `sources: [${written}]\ndestinations: [{ to: tcp://x }]`)
      const told: (readonly [string, unknown])[] = []
      const warn = (message: string, fields?: object) => told.push([message, fields])
      expect(await checkDeeply(await loadConfig(file), { ...silent, warn })).toEqual([])
      const at = (index: number, error?: string) => ({
        source: expect.any(String),
        setting: `${file}:1 sources.${index}.folder`,
        folder: sources[index],
        ...(error !== undefined && { error: expect.stringContaining(error) }),
        remedy: expect.any(String),
      })
      const unreadable = 'The folder of a source cannot be read'
      const ofWindows = 'The folder of a source is a path of Windows, and this machine has no such paths'
      expect(told).toEqual([
        [unreadable, at(1, 'ENOENT')],
        [unreadable, at(2, 'is no folder')],
        [ofWindows, at(3)],
        [ofWindows, at(4)],
      ])
    },
  )

  test('and none on a server that this account may not see', async () => {
    expect(await doubtOfFolder('\\\\EX01\\Logs', 'win32')).toBeNull()
    expect(await doubtOfFolder('\\\\?\\UNC\\EX01\\Logs', 'win32')).toBeNull()
    expect(await doubtOfFolder('C:\\not there', 'win32')).toMatchObject({ message: expect.any(String) })
  })
})

describe('nothing is found that follows from another mistake', () => {
  test.each([
    [
      'a key whose passphrase is not there',
      "tls: { cert: c, key: k, passphrase: '${env:NO}' }",
      ['tls.passphrase'],
    ],
    ['a file whose name is not there', "to: tls://x, tls: { ca: '${env:NO}' }", ['tls.ca']],
    ['a table for a version that is none', 'cefVersion: 2, mapping: newer.yaml', ['cefVersion']],
    ['a table for a preset that is none', 'preset: splonk, mapping: newer.yaml', ['preset']],
    ['a group that is none', 'tls: siem.pem', ['tls']],
    ['a passphrase without a key', 'tls: { ca: no.pem, passphrase: 12 }', ['tls.passphrase', 'tls.ca']],
  ])('%s', async (_, settings, expected) => {
    const { cert, key } = await makeCertificate()
    await write('c', cert)
    const encrypted = { cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const
    const pem = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', ...encrypted })
    await write('k', String(pem))
    await write(
      'newer.yaml',
      'extends: exchange-2013.v1\nname: own\nversion: 1.0.0\nfields: [{ key: frameworkName, from: source }]\n',
    )
    const file = await write(
      'msgtrk.yaml',
      `${source}destinations:\n  - { name: a, to: tls://x }\n  - { ${settings.includes('to:') ? '' : 'to: tls://y, '}${settings} }`,
    )
    const problems = await mistakesOf(file)
    expect(problems.map(({ where }) => where.replace(/^.*destinations\.1\./, '')).sort()).toEqual(
      expected.sort(),
    )
  })

  test('a configuration without any destination that could be tried', async () => {
    expect(await mistakesIn(`${source}destinations: [siem, 12]`)).toHaveLength(2)
    expect(await mistakesIn('- 1')).toHaveLength(1)
  })
})

describe('records that Azure would give the time of receipt', () => {
  const to = `sentinel://mail.westeurope-1.ingest.monitor.azure.com/dcr-${'0'.repeat(32)}`
  const row = (ageMs: number) => `${new Date(Date.now() - ageMs).toISOString()},,,,,,,,SEND\r\n`
  const hour = 3_600_000

  async function doubtsOf(ageMs: number, more = '', stream = ''): Promise<readonly string[]> {
    const header =
      '#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,a,b,c,d,e,f,g,event-id\r\n'
    await write('MSGTRK2026112014-1.LOG', header + row(ageMs))
    const text = `state: state\nsources: [{ folder: . }]\ndestinations: [{ to: ${to}${stream}${more} }]`
    const config = await loadConfig(await write('msgtrk.yaml', text))
    const doubts: string[] = []
    const warn = (message: string) => doubts.push(message)
    expect(await checkDeeply(config, { ...silent, warn })).toEqual([])
    return doubts.filter((doubt) => doubt.startsWith('Azure gives'))
  }

  test('are warned of, where the rule has no column that keeps their own', async () => {
    expect(await doubtsOf(48 * hour)).toHaveLength(1)
    expect(await doubtsOf(46 * hour)).toEqual([])
    expect(await doubtsOf(48 * hour, ', sentinel: { eventTime: true }')).toEqual([])
    expect(await doubtsOf(48 * hour, '', '/Custom-CommonSecurityLog')).toEqual([])
  })
})

describe('positions that nobody goes on from', () => {
  async function doubtsOf(text: string): Promise<readonly unknown[]> {
    const doubts: unknown[] = []
    const warn = (message: string, fields: object = {}) => doubts.push([message, { ...fields }])
    const file = await write('msgtrk.yaml', text)
    expect(await checkDeeply(await loadConfig(file, { env: {} }), { ...silent, warn })).toStrictEqual([])
    return doubts.filter((doubt) => JSON.stringify(doubt).includes('Positions of'))
  }
  const left = async (destination: string, source: string) => {
    const path = checkpointPath(join(folder, 'state'), destination)
    await mkdir(dirname(path), { recursive: true })
    const checkpoint = createCheckpoint(path, [])
    const fileId = `${source}/MSGTRK2026112014-1.LOG#x`
    await checkpoint.save(new Map(await checkpoint.load()).set(fileId, { fileId, offset: 1, header: 0 }))
  }
  const config = (source: string, destination: string) =>
    `state: state\nsources: [{ name: ${source}, folder: . }]\ndestinations: [{ name: ${destination}, to: 'udp://127.0.0.1' }]\n`

  test('are named with what to do about them, and none that are gone on from', async () => {
    await left('old', 'EX01')
    await left('siem', 'EX00')
    await left('siem', 'EX01')
    const state = join(folder, 'state')
    const setting = join(folder, 'msgtrk.yaml:1 state')
    const remedy = (kind: string, name: string) =>
      `write formerName: ${name} where it was renamed; or forget them: msgtrk state reset --state ${state} --${kind} ${name}`
    expect(await doubtsOf(config('EX01', 'siem'))).toStrictEqual([
      [
        'Positions of a destination that is not in the configuration: old',
        { setting, remedy: remedy('destination', 'old') },
      ],
      [
        'Positions of a source that is not in the configuration: EX00',
        { setting, remedy: remedy('source', 'EX00') },
      ],
    ])
  })

  test('are none under a former name, and none where nothing is left', async () => {
    await left('old', 'EX00')
    const former = config('EX01, formerName: EX00', 'siem, formerName: old')
    expect(await doubtsOf(former)).toStrictEqual([])
    expect(await doubtsOf(config('EX00', 'old'))).toStrictEqual([])
  })
})

test('a remedy says what was probably meant', async () => {
  const rest = "destinations: [{ to: 'udp://127.0.0.1' }]\n"
  const file = await write('meant.yaml', `log: { level: verbose }\nsources:\n  - folder /srv/logs\n${rest}`)
  const remedies = (await mistakesOf(file)).map(({ remedy }) => remedy)
  expect(remedies).toEqual([
    'did you mean debug?',
    'write it as "name: value", with a blank behind the colon',
  ])
  const options = { from: [folder], to: 'tcp://127.0.0.1:1', ca: 'ca.pem' }
  expect((await mistakesOf(options)).map(({ where }) => where)).toEqual(['--ca'])
})

describe('exactly once', () => {
  const problemsWith = async (kafka: string, more = '', source = 'folder: .') => {
    const destination = `name: a, to: 'kafka://localhost:9092/events', kafka: ${kafka}${more}`
    const file = await write(
      'msgtrk.yaml',
      `sources: [{ name: EX01, ${source} }]\ndestinations: [{ ${destination} }]\n`,
    )
    const problems = await checkDeeply(await readConfig(file, { env: {} }), silent)
    return told(problems).map(
      ({ where, message }) => `${where.replace(/^.*destinations\.0\./, '')}: ${message}`,
    )
  }
  const once = 'exactlyOnce: { id: hub, positions: places }'

  // What its client needs of Node.js is a mistake of its own.
  test.skipIf(nodeMistake() !== null).each([
    [`{ ${once} }`, '', 'folder: .', []],
    [
      `{ ${once} }`,
      ', records: mail',
      'folder: .',
      ['kafka.exactlyOnce: is for rows, and open mails have more to be kept than a position'],
    ],
    [
      `{ ${once} }`,
      '',
      "from: 'kafka://localhost:9092/rows'",
      [
        'kafka.exactlyOnce: is for rows of folders, and positions of EX01 are kept by its consumer group, not in the transaction',
      ],
    ],
    [
      `{ ${once} }`,
      `, format: raw }, { name: b, to: 'kafka://localhost:9092/others', kafka: { ${once} }`,
      'folder: .',
      [
        'kafka.exactlyOnce: has the id of b, and each would end the other',
        expect.stringMatching(/has the id of a/),
      ],
    ],
  ])('with %s%s of %s', async (kafka, more, source, problems) => {
    expect(await problemsWith(kafka, more, source)).toEqual(problems)
  })

  test.skipIf(nodeMistake() !== null).each([
    [
      `{ ${once}, idempotent: false }`,
      '',
      /^kafka.exactlyOnce: needs brokers that know a batch that is sent again/,
    ],
    [
      `{ ${once} }`,
      ', maxEventsPerSecond: 100',
      /^maxEventsPerSecond: must be 500 or more with kafka.exactlyOnce/,
    ],
    [
      '{ exactlyOnce: { id: hub, positions: events } }',
      '',
      /^kafka.exactlyOnce.positions: is the topic of the events/,
    ],
    ['{ exactlyOnce: { positions: places } }', '', /^kafka.exactlyOnce.id: is missing/],
  ])('is refused with %s%s', async (kafka, more, problem) => {
    await expect(problemsWith(kafka, more)).rejects.toMatchObject({
      problems: [{ message: expect.anything() }],
    })
    const [first] = await problemsWith(kafka, more).catch((error: ProblemsError) =>
      told(error.problems).map(
        ({ where, message }) => `${where.replace(/^.*destinations\.0\./, '')}: ${message}`,
      ),
    )
    expect(first).toMatch(problem)
  })
})

describe('mails', () => {
  const problemsWith = async (destination: string, more = '') => {
    const sources = `[{ name: EX01, folder: . }${more}]`
    const file = await write(
      'msgtrk.yaml',
      `sources: ${sources}\ndestinations: [{ ${destination}, records: mail }]\n`,
    )
    const problems = await checkDeeply(await readConfig(file, { env: {} }), silent)
    return told(problems).map(
      ({ where, message }) => `${where.replace(/^.*destinations\.0\./, '')}: ${message}`,
    )
  }

  test('are not delivered as rows', async () => {
    expect(await problemsWith(`to: 'file://${folder}/%Y.log', format: raw`)).toEqual([
      'records: asks for mails, and what is written here has columns for rows',
    ])
  })

  test('are not made of a topic, whose positions say nothing of open mails', async () => {
    expect(
      await problemsWith('to: tcp://localhost', ", { name: t, from: 'kafka://localhost:9092/rows' }"),
    ).toContain('records: asks for mails, and of t positions are kept where there is no room for open mails')
  })

  test('are delivered as events', async () => {
    expect(await problemsWith('to: tcp://localhost')).toEqual([])
  })
})
