/** How a destination in a topic fares, as its connections and batches show it. */
import { ownCertificate } from '../../network/certificates.ts'
import type { DestinationStatus, When } from '../status.ts'
import type { TopicClient } from './topic-client.ts'

export class TopicStatus {
  readonly #status: DestinationStatus
  readonly #client: TopicClient
  readonly #own: ReturnType<typeof ownCertificate>
  #isConnected = false

  /** `certificate`: the file of our own, which was read before. */
  constructor(status: DestinationStatus, client: TopicClient, certificate: string | undefined) {
    this.#status = status
    this.#client = client
    this.#own = ownCertificate(certificate)
  }

  /** Brokers let us in; what they showed is told once, until something fails. */
  async connected(): Promise<void> {
    if (this.#isConnected) return
    this.#isConnected = true
    const seen = await this.#client.certificates().catch(() => [])
    this.#status.connected({}, [...seen, ...this.#own])
  }

  delivered(): void {
    this.#status.delivered()
  }

  failed(reason: string, when: When = 'delivering'): void {
    this.#isConnected = false
    this.#status.unavailable(reason, when)
  }
}
