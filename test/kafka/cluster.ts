/**
 * A cluster of real brokers on loopback, one or three, each a broker and a controller (KRaft). Every broker listens
 *
 *   plaintext   for anybody, who may do all (also among themselves)
 *   ssl         for who shows a certificate of the cluster's authority
 *   saslSsl     for the user `msgtrk`, by PLAIN, SCRAM-SHA-512 or OAUTHBEARER, whose sessions end after some seconds
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka'
import { prepared } from '../../src/kafka/client.ts'
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { classPath, fetchKafka } from './broker-program.ts'

const run = promisify(execFile)

/** Password of the user `msgtrk`. */
export const password = 'kafka-secret'

/** After so long a session of SASL ends unless it signs in again, which clients do before. */
const sessionMs = 6000

/** Far beyond what a start takes. */
const startMs = 120_000

type Listener = 'plaintext' | 'ssl' | 'saslSsl'

interface Ports extends Readonly<Record<Listener, number>> {
  readonly controller: number
}

/** PEM files: those of a client, and the authority. */
interface Files {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** How a cluster is made. */
export interface ClusterOptions {
  readonly brokers?: 1 | 3
  /** Lines of server.properties beside the usual ones, for all brokers. */
  readonly properties?: Readonly<Record<string, string>>
}

/** How a topic is made. */
export interface TopicOptions {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** A record as kcat read it: the outside judge. */
export interface SeenRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

/** Starts the brokers, which are ready when all of them answer. `end` ends them and removes what they wrote. */
export async function startCluster({ brokers = 1, properties = {} }: ClusterOptions = {}): Promise<Cluster> {
  await fetchKafka()
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-kafka-'))
  const authority = await makeAuthority()
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name)
    await writeFile(file, text, { mode: 0o600 })
    return file
  }
  const broker = await makeCertificate({ authority, commonName: 'broker' })
  const client = await makeCertificate({ authority, commonName: 'msgtrk' })
  const ca = await write('ca.pem', authority.cert)
  // The key in front, as brokers want it.
  const keyStore = await write('broker.pem', `${broker.key}\n${broker.cert}\n`)
  const files = {
    ca,
    cert: await write('client.pem', client.cert),
    key: await write('client.key', client.key),
  }
  const ids = Array.from({ length: brokers }, (_, index) => index + 1)
  const ports = new Map<number, Ports>()
  for (const id of ids) {
    const [plaintext, ssl, saslSsl, controller] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ]
    ports.set(id, { plaintext, ssl, saslSsl, controller })
  }
  const cluster = new Cluster(folder, ports, files)
  try {
    for (const id of ids) {
      const lines = serverProperties({ id, ports, folder, keyStore, ca, replicas: brokers })
      const text = Object.entries({ ...lines, ...properties }).map(([name, value]) => `${name}=${value}\n`)
      await write(`${id}.properties`, text.join(''))
    }
    await format(folder, ids)
    await Promise.all(ids.map((id) => cluster.start(id)))
    return cluster
  } catch (error) {
    await cluster.end()
    throw error
  }
}

/** Storage is formatted once, since a start of Java takes its time: the others differ in two lines. */
async function format(folder: string, ids: readonly number[]): Promise<void> {
  const scram = `SCRAM-SHA-512=[name=msgtrk,password=${password}]`
  const id = randomBytes(16).toString('base64url')
  const args = ['format', '-t', id, '-c', path.join(folder, '1.properties'), '--add-scram', scram]
  await run('java', [...java, 'kafka.tools.StorageTool', ...args], { timeout: 120_000 })
  for (const other of ids.slice(1)) {
    const logs = path.join(folder, `logs-${other}`)
    await cp(path.join(folder, 'logs-1'), logs, { recursive: true })
    const meta = path.join(logs, 'meta.properties')
    const text = (await readFile(meta, 'utf8'))
      .replace(/^node\.id=.*$/m, `node.id=${other}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${randomBytes(16).toString('base64url')}`)
    await writeFile(meta, text)
  }
}

const java = ['-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath]

interface Server {
  readonly id: number
  readonly ports: ReadonlyMap<number, Ports>
  readonly folder: string
  readonly keyStore: string
  readonly ca: string
  readonly replicas: number
}

function serverProperties({ id, ports, folder, keyStore, ca, replicas }: Server): Record<string, string> {
  const own = ports.get(id) as Ports
  const clients = `PLAINTEXT://127.0.0.1:${own.plaintext},SSL://127.0.0.1:${own.ssl},SASL_SSL://127.0.0.1:${own.saslSsl}`
  const voters = [...ports].map(([node, { controller }]) => `${node}@127.0.0.1:${controller}`)
  const inStep = String(Math.max(1, replicas - 1))
  const login = (module: string, rest = '') => `org.apache.kafka.common.security.${module} required${rest};`
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${clients},CONTROLLER://127.0.0.1:${own.controller}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(folder, `logs-${id}`),
    'auto.create.topics.enable': 'false',
    'num.partitions': '3',
    'default.replication.factor': String(replicas),
    'min.insync.replicas': inStep,
    'offsets.topic.replication.factor': String(replicas),
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.replication.factor': String(replicas),
    'transaction.state.log.min.isr': inStep,
    'transaction.state.log.num.partitions': '3',
    'share.coordinator.state.topic.replication.factor': String(replicas),
    'share.coordinator.state.topic.min.isr': inStep,
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.enable': 'false',
    // Failures are noticed soon.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '500',
    'replica.lag.time.max.ms': '4000',
    'controlled.shutdown.max.retries': '1',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    'super.users': 'User:ANONYMOUS',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.sasl_ssl.connections.max.reauth.ms': String(sessionMs),
    'listener.name.sasl_ssl.plain.sasl.jaas.config': login(
      'plain.PlainLoginModule',
      ` user_msgtrk="${password}"`,
    ),
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': login('scram.ScramLoginModule'),
    // Takes tokens that nobody signed, as its makers have it for tests.
    'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': login(
      'oauthbearer.OAuthBearerLoginModule',
      ' unsecuredLoginStringClaim_sub="broker"',
    ),
  }
}

/** A token for the user `msgtrk` that brokers of tests take: nobody signed it. */
export function unsignedToken(seconds = 3600): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'msgtrk', iat: now, exp: now + seconds })}.`
}

/** Brokers that run, or did. */
export class Cluster {
  /** Files of a client with a certificate of the cluster's authority. */
  readonly files: Files
  readonly #folder: string
  readonly #ports: ReadonlyMap<number, Ports>
  readonly #running = new Map<number, ChildProcess>()
  readonly #said = new Map<number, string>()
  readonly #frozen = new Set<number>()

  constructor(folder: string, ports: ReadonlyMap<number, Ports>, files: Files) {
    this.#folder = folder
    this.#ports = ports
    this.files = files
  }

  /** `127.0.0.1:port` of all brokers, as an address lists them. */
  brokers(listener: Listener = 'plaintext', without: ReadonlySet<number> = new Set()): string {
    return [...this.#ports]
      .filter(([id]) => !without.has(id))
      .map(([, ports]) => `127.0.0.1:${ports[listener]}`)
      .join(',')
  }

  /** Starts a broker that was stopped or killed, and waits until it answers. */
  async start(id: number): Promise<void> {
    const child = spawn('java', [...java, 'kafka.Kafka', path.join(this.#folder, `${id}.properties`)], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KAFKA_OPTS: '' },
    })
    this.#running.set(id, child)
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => this.#said.set(id, `${this.#said.get(id) ?? ''}${text}`.slice(-20_000)))
    }
    const port = this.#ports.get(id)?.plaintext
    const isReady = async () => (await listed(`127.0.0.1:${port}`)).includes(`broker ${id} at`)
    const latest = Date.now() + startMs
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error(`broker ${id} ended: ${this.said(id)}`)
      if (Date.now() > latest) throw new Error(`broker ${id} does not answer: ${this.said(id)}`)
      await pause(300)
    }
  }

  /** Ends it in order, which hands its partitions over. */
  async stop(id: number): Promise<void> {
    await this.#signal(id, 'SIGTERM', 30_000)
  }

  async kill(id: number): Promise<void> {
    await this.#signal(id, 'SIGKILL', 10_000)
  }

  /** It stands still, its connections open; until `thaw`. */
  freeze(id: number): void {
    this.#frozen.add(id)
    this.#running.get(id)?.kill('SIGSTOP')
  }

  thaw(id: number): void {
    this.#frozen.delete(id)
    this.#running.get(id)?.kill('SIGCONT')
  }

  /** The broker that leads a partition. */
  async leaderOf(topic: string, partition = 0): Promise<number> {
    return this.admin(async (admin) => {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
      const leader = topics.get(topic)?.partitions[partition]?.leader
      if (leader === undefined) throw new Error(`nobody leads ${topic} ${partition}`)
      return leader
    })
  }

  async createTopic(topic: string, { partitions = 3, configs = {} }: TopicOptions = {}): Promise<void> {
    const asked = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await this.admin((admin) =>
      admin.createTopics({ topics: [topic], partitions, replicas: this.#ports.size, configs: asked }),
    )
  }

  /** For whatever else is to be done to the cluster, by a client that may do all. */
  async admin<T>(work: (admin: Admin) => Promise<T>, retries = 40): Promise<T> {
    const admin = prepared(
      new Admin({
        clientId: 'tests',
        bootstrapBrokers: this.brokers('plaintext', this.#frozen).split(','),
        // Also of those that stand still, as which the others still have them for a while.
        requestTimeout: 3000,
        retries,
        retryDelay: 250,
      }),
      {},
    )
    try {
      return await work(admin)
    } finally {
      const sockets = [...admin.connections].map(([, connection]) => connection.socket)
      // It waits for brokers that stand still.
      void admin.close().catch(() => {})
      for (const socket of sockets) socket?.destroy()
    }
  }

  /** The user may see the topic, and no longer write into it: whoever has a right has no others. */
  async deny(user: string, topic: string): Promise<void> {
    await this.admin((admin) => admin.createAcls({ creations: [onlySees(user, topic)] }))
  }

  /** Again. */
  async allow(user: string, topic: string): Promise<void> {
    await this.admin((admin) => admin.deleteAcls({ filters: [onlySees(user, topic)] }))
  }

  /** How many records are in a topic. */
  async count(topic: string): Promise<number> {
    const ask = async (admin: Admin) => {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
      const asked = Array.from({ length: topics.get(topic)?.partitionsCount ?? 0 }, (_, partitionIndex) => ({
        partitionIndex,
        timestamp: -1n,
      }))
      return (await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] }))[0]?.partitions ?? []
    }
    for (let tries = 1; ; tries++) {
      try {
        // The client asks who led a partition again and again: another one asks who leads it now.
        const partitions = await this.admin(ask, 0)
        return partitions.reduce((sum, { offset }) => sum + Number(offset), 0)
      } catch (error) {
        if (tries === 60) throw error
        await pause(500)
      }
    }
  }

  /** Gives the user `msgtrk` a password for SCRAM; null takes the user away, whose sessions go on until they end. */
  async setPassword(text: string | null): Promise<void> {
    const change =
      text === null
        ? ['--delete-config', 'SCRAM-SHA-512']
        : ['--add-config', `SCRAM-SHA-512=[password=${text}]`]
    const args = ['--bootstrap-server', this.brokers(), '--alter', ...change]
    const user = ['--entity-type', 'users', '--entity-name', 'msgtrk']
    await run('java', [...java, 'kafka.admin.ConfigCommand', ...args, ...user], { timeout: 60_000 })
  }

  /** All records of a topic, by kcat, which nobody here wrote; by default those that are committed. */
  async records(
    topic: string,
    isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
  ): Promise<readonly SeenRecord[]> {
    const args = [
      '-b',
      this.brokers(),
      '-C',
      '-t',
      topic,
      '-o',
      'beginning',
      '-e',
      '-q',
      '-J',
      '-X',
      'check.crcs=true',
      '-X',
      `isolation.level=${isolation}`,
    ]
    const { stdout } = await run('kcat', args, { maxBuffer: 2 ** 30, timeout: 120_000 })
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { partition, offset, key, payload, headers = [] } = JSON.parse(line)
        const pairs = Array.from({ length: headers.length / 2 }, (_, at) => headers.slice(2 * at, 2 * at + 2))
        return { partition, offset, key, value: payload, headers: Object.fromEntries(pairs) }
      })
  }

  /** What the brokers have said last, for who wants to know why. */
  said(id: number): string {
    return this.#said.get(id) ?? ''
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.kill(id)))
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #signal(id: number, signal: NodeJS.Signals, waitMs: number): Promise<void> {
    const child = this.#running.get(id)
    this.#running.delete(id)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill(signal)
    // One that was frozen takes it when it goes on.
    child.kill('SIGCONT')
    const late = setTimeout(() => child.kill('SIGKILL'), waitMs)
    await ended
    clearTimeout(late)
  }
}

function onlySees(user: string, topic: string) {
  return {
    resourceType: ResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperations.DESCRIBE,
    permissionType: AclPermissionTypes.ALLOW,
  }
}

/** What a broker tells of its cluster; empty when it does not answer. */
async function listed(broker: string): Promise<string> {
  try {
    const { stdout } = await run('kcat', ['-b', broker, '-L', '-m', '5'], { timeout: 20_000 })
    return stdout
  } catch {
    return ''
  }
}
