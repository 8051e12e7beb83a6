/** The client with our settings, against a real broker: every way to be let in, and what is said of those who are not. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { askTopic } from '../../src/cli/init/ask-kafka.ts'
import type { Asker } from '../../src/cli/init/asker.ts'
import { readTopicAddress, type TopicAddress } from '../../src/kafka/address.ts'
import { clientOptions, prepared } from '../../src/kafka/client.ts'
import { type BrokersOptions, defaultBrokers } from '../../src/kafka/options.ts'
import { reasonForError } from '../../src/kafka/reasons.ts'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { Workplace } from '../support/program.ts'
import { describeKafka } from './broker-program.ts'
import { type Cluster, password, startCluster, unsignedToken } from './cluster.ts'

describeKafka('a client of Kafka', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
    await cluster.createTopic('events')
  })
  afterAll(() => cluster?.end())

  /** How many partitions it sees, or why not. */
  async function ask(
    brokers: string,
    options: Partial<BrokersOptions>,
    topic = 'events',
  ): Promise<number | string> {
    const { brokers: addresses } = readTopicAddress(`${brokers}/${topic}`) as TopicAddress
    const made = clientOptions(addresses, { ...defaultBrokers, connectTimeoutMs: 3000, ...options })
    const client = prepared(new Producer({ ...made, retries: 0 }), made)
    onTestFinished(() => client.close())
    try {
      const { topics } = await client.metadata({ topics: [topic] })
      return topics.get(topic)?.partitionsCount ?? 0
    } catch (error) {
      return reasonForError(error, { brokers, topic, user: options.sasl?.username })
    }
  }
  const folderOf = () => path.dirname(cluster.files.ca)

  it('is let in without anything where anybody is', async () => {
    expect(await ask(cluster.brokers(), {})).toBe(3)
    expect(await ask(cluster.brokers(), {}, 'nowhere')).toMatch(/^there is no topic nowhere: create it/)
  })

  it('shows its certificate, and checks that of the broker', async () => {
    const { ca, cert, key } = cluster.files
    const brokers = cluster.brokers('ssl')
    expect(await ask(brokers, { tls: { ca, cert, key } })).toBe(3)
    expect(await ask(brokers, { tls: { ca, cert, key, serverName: 'localhost' } })).toBe(3)
    expect(await ask(brokers, { tls: { ca, cert, key, serverName: 'other.example' } })).toMatch(
      /is not for it/,
    )
    expect(await ask(brokers, { tls: { cert, key } })).toMatch(/has no trusted chain .* set kafka\.tls\.ca/)
    expect(await ask(brokers, { tls: { ca } })).toMatch(
      /client certificate|certificate required|connection closed/,
    )
    const other = path.join(folderOf(), 'other-ca.pem')
    await writeFile(other, (await makeAuthority('Another authority')).cert)
    expect(await ask(brokers, { tls: { ca: other, cert, key } })).toMatch(/has no trusted chain/)
  })

  it.each(['plain', 'scram-sha-512'] as const)('signs in by %s', async (mechanism) => {
    const brokers = cluster.brokers('saslSsl')
    const tls = { ca: cluster.files.ca }
    expect(await ask(brokers, { tls, sasl: { mechanism, username: 'msgtrk', password } })).toBe(3)
    expect(await ask(brokers, { tls, sasl: { mechanism, username: 'msgtrk', password: 'wrong' } })).toMatch(
      /^the brokers do not accept the user msgtrk: check kafka\.sasl/,
    )
  })

  it('signs in by a token that it reads from a file each time', async () => {
    const brokers = cluster.brokers('saslSsl')
    const tokenFile = path.join(folderOf(), 'token')
    const options = { tls: { ca: cluster.files.ca }, sasl: { mechanism: 'oauthbearer', tokenFile } } as const
    expect(await ask(brokers, options)).toMatch(/^can't read the token in .*token: ENOENT/)
    await writeFile(tokenFile, `${unsignedToken()}\n`)
    expect(await ask(brokers, options)).toBe(3)
    await writeFile(tokenFile, unsignedToken(-60))
    expect(await ask(brokers, options)).toMatch(/^the brokers do not accept/)
  })

  it('signs in by tokens that it asks the authority of an organisation for', async () => {
    const asked: { readonly authorization: string | undefined; readonly body: string }[] = []
    let answer: { readonly status: number; readonly body: object }
    const authority = await makeAuthority('Authority')
    const given = await makeCertificate({ authority, commonName: 'localhost' })
    const server = createServer({ cert: given.cert, key: given.key }, async (message, response) => {
      asked.push({ authorization: message.headers.authorization, body: await text(message) })
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const ca = path.join(folderOf(), 'oauth-ca.pem')
    await writeFile(ca, authority.cert)
    const url = `https://localhost:${(server.address() as AddressInfo).port}/oauth2/token`
    const oauth = { url, clientId: 'msg:trk', clientSecret: 'a secret', scope: 'kafka', ca }
    const extensions = { logicalCluster: 'lkc-1' }
    const options = {
      tls: { ca: cluster.files.ca },
      sasl: { mechanism: 'oauthbearer', oauth, extensions },
    } as const
    const brokers = cluster.brokers('saslSsl')
    answer = { status: 200, body: { access_token: unsignedToken(), token_type: 'Bearer', expires_in: 3600 } }
    expect(await ask(brokers, options)).toBe(3)
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('msg%3Atrk:a%20secret').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=kafka',
      },
    ])
    answer = { status: 401, body: { error: 'invalid_client', error_description: 'no such secret' } }
    expect(await ask(brokers, options)).toBe(
      `no token from ${new URL(url).host}: it answered 401 (invalid_client, no such secret); compare kafka.sasl.oauth with the application there`,
    )
    answer = { status: 200, body: { access_token: unsignedToken(-60), expires_in: 3600 } }
    expect(await ask(brokers, options)).toMatch(/^the brokers do not accept/)
    answer = { status: 200, body: { access_token: 'not\na token', expires_in: 3600 } }
    expect(await ask(brokers, options)).toBe(`no token from ${new URL(url).host}: its answer holds none`)
    const { ca: _, ...untrusted } = oauth
    expect(await ask(brokers, { ...options, sasl: { ...options.sasl, oauth: untrusted } })).toMatch(
      /^no token from localhost/,
    )
  })

  it('says so where a broker wants TLS, or has none', async () => {
    expect(await ask(cluster.brokers('ssl'), {})).toMatch(/TLS/)
    expect(await ask(cluster.brokers(), { tls: {} })).toMatch(/TLS/)
    expect(await ask('127.0.0.1:1', {})).toMatch(/^connection refused by 127\.0\.0\.1:1/)
  })

  it('is set up by msgtrk init, which tries it: by options, and by answers', async () => {
    const place = await Workplace.open(onTestFinished)
    await place.simulate('logs', 300)
    await place.write('kafka.secret', `${password}\n`)
    const to = `kafka://${cluster.brokers('saslSsl')}/events`
    const init = async (user: string) => {
      const options = [
        '--ca',
        cluster.files.ca,
        '--sasl',
        'plain',
        '--user',
        user,
        '--password-file',
        'kafka.secret',
      ]
      return place.start('init', '--yes', '--from', 'logs', '--to', to, ...options).ended
    }
    const refused = await init('nobody')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/^--to: the brokers do not accept the user nobody/m)
    expect((await init('msgtrk')).code).toBe(0)
    const before = await cluster.count('events')
    expect((await place.start('run', '--once', '--config', 'msgtrk.yaml').ended).code).toBe(0)
    expect(await cluster.count('events')).toBe(before + 300)

    const told: string[] = []
    const typed = [to.replace('kafka://', ''), cluster.files.ca, 'msgtrk', place.path('kafka.secret')]
    const asker: Asker = {
      async text({ form, trial }) {
        const text = typed.shift() ?? ''
        expect([form?.(text), await trial?.(text)]).toEqual([undefined, undefined])
        return text
      },
      choose: async (_message, choices) => {
        return (choices.find(({ value }) => value === 'scram-sha-512') ?? choices[0])?.value as never
      },
      several: async () => [],
      agree: async () => true,
      tell: ({ verdict, part }) => void told.push(`${verdict} ${part}`),
      note: () => {},
    }
    const interview = { asker, cwd: place.folder, signal: new AbortController().signal }
    expect(await askTopic(interview, { known: undefined, preset: undefined })).toEqual({
      to,
      kafka: {
        tls: { ca: cluster.files.ca },
        mechanism: 'scram-sha-512',
        username: 'msgtrk',
        passwordFile: place.path('kafka.secret'),
      },
    })
    expect(told).toEqual(expect.arrayContaining(['ok connection', 'ok topic', 'ok rights']))
  })
})
