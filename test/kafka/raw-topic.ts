/** Rows in a topic as a forwarder writes them, and instances that read it. */
import { Producer } from '@platformatic/kafka'
import { prepared } from '../../src/kafka/client.ts'
import type { Cluster } from './cluster.ts'

/** The header of all rows here. */
export const fields =
  'date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,' +
  'internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,' +
  'related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,' +
  'tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version'

/** A row that no other one is like: its message-id says which it is. */
export function row(file: string, number: number): string {
  return `2026-11-20T14:00:00.${String(number % 1000).padStart(3, '0')}Z,10.1.1.11,client,10.1.1.1,EX01,ctx,EX01\\Default,SMTP,RECEIVE,${number},<${file}.${number}@contoso.example>,${number},a@contoso.example,,1000,1,,,Subject ${number},b@contoso.example,b@contoso.example,0I:,Incoming,,10.1.1.11,10.1.1.1,S:x=1,Email,${number},15.02.0001.000\r\n`
}

/** What an event tells of the row that it was made of. */
export function rowOf(event: string): { readonly file: string; readonly number: number } | undefined {
  const [, file, number] = /<([\w-]+)\.(\d+)@contoso\.example>/.exec(event) ?? []
  return file === undefined ? undefined : { file, number: Number(number) }
}

/** Writes rows as a forwarder does: those of a file one behind the other into one partition, many a message. */
export class Forwarder {
  readonly #producer: Producer
  readonly #topic: string
  readonly #written = new Map<string, number>()

  constructor(cluster: Cluster, topic: string) {
    const options = {
      clientId: 'forwarder',
      bootstrapBrokers: cluster.brokers().split(','),
      retries: 60,
      retryDelay: 250,
    }
    this.#producer = prepared(new Producer(options), {})
    this.#topic = topic
  }

  /** How many rows of each file there are. */
  get written(): ReadonlyMap<string, number> {
    return this.#written
  }

  /** The next rows of a file, so many a message. */
  async write(file: string, rows: number, ofMessage = 50): Promise<void> {
    const begun = this.#written.get(file) ?? 0
    const messages = []
    for (let first = begun; first < begun + rows; first += ofMessage) {
      const count = Math.min(ofMessage, begun + rows - first)
      const value = Array.from({ length: count }, (_, index) => row(file, first + index)).join('')
      messages.push(
        this.#message(value, { fields, server: 'EX01', file: `C:\\Logs\\${file}.LOG`, offset: '0' }, file),
      )
    }
    await this.#producer.send({ messages, acks: -1 })
    this.#written.set(file, begun + rows)
  }

  /** A message of another kind. */
  async writeMessage(value: string, headers: Readonly<Record<string, string>>, key = 'other'): Promise<void> {
    await this.#producer.send({ messages: [this.#message(value, headers, key)], acks: -1 })
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }

  #message(value: string, headers: Readonly<Record<string, string>>, key: string) {
    return {
      topic: this.#topic,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    }
  }
}
