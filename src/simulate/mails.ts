/** One mail: what its rows have in common. */
import { nastyAddresses, nastyMailboxes, nastyMessageIds, nastySizes, nastySubjects } from './nasty.ts'
import { type Organisation, outsideDomains } from './organisation.ts'
import { listOf } from './quoting.ts'
import { Deck, type Random } from './random.ts'

/** A mail on one server; a fork of it has its own internal id and some of the recipients. */
export interface Mail {
  readonly submittedMs: number
  readonly internalId: string
  readonly messageId: string
  /** Constant over all rows of the mail, forks included. */
  readonly networkId: string
  readonly subject: string
  readonly sender: string
  readonly returnPath: string
  readonly recipients: readonly string[]
  /** The recipients as the log writes them. */
  readonly recipientList: string
  readonly recipientCount: string
  readonly totalBytes: string
  readonly directionality: string
  readonly clientIp: string
  readonly originalClientIp: string
  /** Mail of the server's own monitoring. */
  readonly probe: boolean
}

/** Where a mail comes from and goes to, seen from the organisation. */
export type Direction = 'inbound' | 'internal' | 'outbound'

const nastyShare = 0.06
const words =
  'invoice order project meeting minutes offer contract Rechnung Angebot Bericht réunion facture update release travel holiday budget review ticket server backup'.split(
    ' ',
  )

/** Makes mails, one in sixteen of them with something nasty in it. */
export class MailFactory {
  readonly #random: Random
  readonly #organisation: Organisation
  readonly #nasty: Deck<(mail: Mail) => Partial<Mail>>
  #lastInternalId: number
  #count = 0

  constructor(organisation: Organisation, random: Random) {
    this.#organisation = organisation
    this.#random = random
    this.#lastInternalId = 64_000_000_000_000 + random.integer(0, 1_000_000_000)
    this.#nasty = new Deck(random, nastyCards(random))
  }

  /** A new mail sent at `submittedMs`, perhaps with something nasty in it. */
  mail(direction: Direction, submittedMs: number): Mail {
    const mail = this.plainMail(direction, submittedMs)
    if (!this.#random.chance(nastyShare)) return mail
    return withRecipients({ ...mail, ...this.#nasty.deal()(mail) })
  }

  /** For journeys that replace fields and so would lose what is nasty. */
  plainMail(direction: Direction, submittedMs: number): Mail {
    const random = this.#random
    const inside = () => random.pick(this.#organisation.people)
    const outside = () => `${random.pick(words)}.${random.integer(1, 999)}@${random.pick(outsideDomains)}`
    const sender = direction === 'inbound' ? outside() : inside()
    const count = random.chance(0.65) ? 1 : random.chance(0.9) ? random.integer(2, 6) : random.integer(7, 40)
    const recipients = Array.from({ length: count }, direction === 'outbound' ? outside : inside)
    const originalClientIp =
      direction === 'inbound'
        ? `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.integer(1, 254)}`
        : `10.30.${random.integer(0, 9)}.${random.integer(1, 254)}`
    this.#count++
    return {
      submittedMs,
      internalId: this.internalId(),
      messageId: `<${random.hex8()}${random.hex8()}.${this.#count}@${sender.slice(sender.indexOf('@') + 1)}>`,
      networkId: this.#networkId(),
      subject: this.#subject(),
      sender,
      returnPath: direction === 'inbound' && random.chance(0.1) ? bounceAddress(sender, random) : sender,
      recipients,
      recipientList: listOf(recipients),
      recipientCount: String(count),
      totalBytes: String(Math.floor(2000 + random.gap(random.chance(0.2) ? 900_000 : 9000))),
      directionality: direction === 'inbound' ? 'Incoming' : 'Originating',
      clientIp: this.#organisation.server.ip,
      originalClientIp: random.chance(0.08) ? `2001:db8:${random.integer(1, 99)}::25` : originalClientIp,
      probe: false,
    }
  }

  /** The next internal message id of this server. */
  internalId(): string {
    this.#lastInternalId += this.#random.integer(1, 5)
    return String(this.#lastInternalId)
  }

  #networkId(): string {
    const guid = this.#random.guid()
    return `${guid.slice(0, 24)}08de${guid.slice(28)}`
  }

  #subject(): string {
    const random = this.#random
    const topic = `${random.pick(words)} ${random.pick(words)} ${random.integer(1, 9999)}`
    if (random.chance(0.25)) return `RE: ${topic}, ${random.pick(words)}`
    if (random.chance(0.05)) return `AW: "${random.pick(words)}" ${topic}`
    return random.chance(0.3) ? `${random.pick(words)} für ${topic} – ${random.pick(words)}` : topic
  }
}

/** The mail with other recipients, and all that follows from them. */
export function withRecipients(mail: Mail, recipients: readonly string[] = mail.recipients): Mail {
  // A count with leading zeros is one of the nasty values and stays.
  const count = mail.recipientCount.startsWith('0') ? mail.recipientCount : String(recipients.length)
  return { ...mail, recipients, recipientList: listOf(recipients), recipientCount: count }
}

/** Variable envelope return path: bulk senders put the mail's number into the address. */
function bounceAddress(sender: string, random: Random): string {
  return `bounce+${random.hex8()}=${sender.replace('@', '=')}@${random.pick(outsideDomains)}`
}

/** Subjects are half of the cards; every other card changes one field. */
function nastyCards(random: Random): readonly ((mail: Mail) => Partial<Mail>)[] {
  const [first, ...others] = nastyMailboxes
  return [
    ...nastySubjects.map((subject) => () => ({ subject })),
    ...nastyAddresses.map((ip) => () => ({ clientIp: ip, originalClientIp: ip })),
    ...nastyMessageIds.map((messageId) => () => ({ messageId })),
    ...nastyMailboxes.map((sender) => () => ({ sender, returnPath: sender })),
    ...nastySizes.map((totalBytes) => () => ({ totalBytes })),
    ...others.map((other) => (mail: Mail) => ({ recipients: [...mail.recipients, first as string, other] })),
    () => ({ recipients: [first as string] }),
    () => ({ sender: '', returnPath: '<>' }),
    () => ({ sender: '<>', returnPath: '<>', directionality: 'Undefined' }),
    () => ({ recipientCount: '007' }),
    () => ({ directionality: '', originalClientIp: '' }),
    () => ({
      recipients: Array.from({ length: random.integer(60, 200) }, (_, i) => `list.${i}@example.net`),
    }),
  ]
}
