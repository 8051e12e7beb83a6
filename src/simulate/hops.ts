/** The steps a mail takes on a server, each with the rows it leaves. */
import { type Mail, withRecipients } from './mails.ts'
import type { Host } from './organisation.ts'
import { listOf } from './quoting.ts'
import type { Scene } from './scene.ts'
import {
  agentData,
  authenticationMarks,
  customData,
  iso,
  itemEntry,
  latency,
  mailboxEvent,
  queuedReply,
  sessionId,
  smtpSession,
} from './texts.ts'

/** A client puts a mail into its outbox, and the submission service takes it from there. */
export function submit(scene: Scene, mail: Mail): void {
  const { random, organisation } = scene
  const { server, serverIp6 } = organisation
  const item = itemEntry(random)
  const context = mailboxEvent(random, organisation, mail.submittedMs)
  if (random.chance(0.3)) {
    scene.writeBare('submission', 'STOREDRIVER', 'NOTIFYMAPI', {
      'client-ip': serverIp6,
      'client-hostname': server.name,
      'source-context': context,
      'sender-address': mail.sender,
      'message-info': latency(random, mail, server, 'SUB'),
      'custom-data': item,
    })
  }
  scene.write('submission', mail, 'STOREDRIVER', 'RECEIVE', {
    'client-ip': random.chance(0.2) ? serverIp6 : server.ip,
    'client-hostname': server.fqdn,
    'server-ip': server.ip,
    'server-hostname': server.name,
    'source-context': `${context}, ServerMdbConnectionId:${sessionId(random)}`,
    'internal-message-id': String(random.integer(200, 9000)),
    // Which recipient was in To, Cc or Bcc.
    'recipient-status': listOf(mail.recipients.map(() => random.pick(['To', 'To', 'Cc', 'Bcc']))),
    'message-info': '04I: ',
    'original-client-ip': mail.originalClientIp,
    'original-server-ip': server.ip,
    'custom-data': customData(organisation, mail, [
      `S:MailboxDatabaseGuid=${random.pick(organisation.databases)}`,
      item,
    ]),
  })
  scene.write('submission', mail, 'STOREDRIVER', 'SUBMIT', {
    'client-ip': server.ip,
    'client-hostname': server.name,
    'server-hostname': server.fqdn,
    'source-context': context,
    'internal-message-id': '',
    'total-bytes': '',
    'return-path': '',
    'message-info': latency(random, mail, server, 'SUB'),
    'original-client-ip': mail.originalClientIp,
    'custom-data': listOf([item, 'S:DeliveryPriority=Normal']),
  })
}

/** The transport service takes a mail in over SMTP, and a shadow of it goes to another server. */
export function receive(scene: Scene, mail: Mail): void {
  const { random, organisation } = scene
  const { server } = organisation
  const shadow = shadowServer(scene)
  scene.write('transport', mail, 'SMTP', 'RECEIVE', {
    'client-ip': mail.clientIp,
    'client-hostname': server.fqdn,
    'server-ip': server.ip,
    'server-hostname': server.name,
    'source-context': smtpSession(random, scene.nowMs - random.integer(20, 300)),
    'connector-id': `${server.name}\\Default ${server.name}`,
    'message-info': authenticationMarks(random, mail),
    'original-client-ip': mail.originalClientIp,
    'original-server-ip': server.ip,
    'custom-data': customData(organisation, mail, [
      'S:MessageValue=MediumHigh',
      `S:Replication=${shadow.name}`,
      `S:FirstForestHop=${server.fqdn}`,
    ]),
  })
  if (random.chance(0.7)) {
    scene.write('transport', mail, 'SMTP', 'HAREDIRECT', {
      'server-hostname': server.name,
      'source-context': `${shadow.fqdn}=${queuedReply(random, mail, shadow, 'redundancy')}`,
    })
  }
}

/** Recipients are resolved, the mail may be forked, agents look at it. The fork is what travels on. */
export function categorise(scene: Scene, mail: Mail): Mail {
  const { random, organisation } = scene
  const { server } = organisation
  if (random.chance(0.06)) {
    scene.write('transport', mail, 'ROUTING', 'RESOLVE', {
      'server-hostname': server.name,
      'related-recipient-address': `alias.${random.integer(1, 99)}@${organisation.domain}`,
    })
  }
  const forked = random.chance(0.2)
  const fork = forked ? { ...mail, internalId: scene.mails.internalId() } : mail
  if (forked) {
    scene.write('transport', fork, 'ROUTING', 'TRANSFER', {
      'server-hostname': server.name,
      'source-context': random.pick(['Resolver', 'ContentConversion', 'CrossForest']),
      // One empty status per recipient: only the separators are left.
      'recipient-status': ';'.repeat(Math.max(0, mail.recipients.length - 1)),
      reference: mail.internalId,
    })
  }
  if (random.chance(0.8)) {
    scene.write('transport', fork, 'AGENT', 'AGENTINFO', {
      'client-hostname': server.name,
      'source-context': 'CatContentConversion',
      'original-client-ip': mail.originalClientIp,
      'original-server-ip': server.ip,
      'custom-data': agentData(random, organisation, mail),
    })
  }
  return fork
}

/** The mail goes to the mailbox server of its recipients; a row of the delivery service if that is this one. */
export function deliver(scene: Scene, mail: Mail): void {
  const { random, organisation } = scene
  const { server } = organisation
  const local = random.chance(0.75)
  const next = local ? server : random.pick(organisation.peers)
  const rows = local && random.chance(0.3) ? mail.recipients.slice(0, 3) : [null]
  for (const recipient of rows) {
    const part = recipient === null ? mail : withRecipients(mail, [recipient])
    const replies = part.recipients.map(() => '250 2.1.5 Recipient OK')
    const deliveryRow = () =>
      scene.write('delivery', part, 'STOREDRIVER', 'DELIVER', {
        'client-hostname': server.fqdn,
        'server-hostname': server.name,
        'source-context': `${sessionId(random)};${iso(scene.nowMs)};ClientSubmitTime:${iso(mail.submittedMs)}`,
        'recipient-status': listOf(
          part.recipients.map(() => random.pick(['', '', 'Inbox', '/Projects/X;Y'])),
        ),
        'message-info': latency(random, mail, server, 'DEL'),
        'original-client-ip': mail.originalClientIp,
        'original-server-ip': server.ip,
        'custom-data': customData(organisation, mail, [
          'S:IncludeInSla=True',
          `S:MailboxDatabaseGuid=${random.pick(organisation.databases)}`,
          `S:Mailboxes=${random.guid()}`,
          // The server's language writes a comma for the decimal point.
          'S:P2RecipStat=0,005/2',
          `S:E2ELatency=0.${random.integer(100, 999)}`,
        ]),
      })
    if (local) deliveryRow()
    scene.write('transport', part, 'SMTP', 'SEND', {
      'client-ip': server.ip,
      'client-hostname': server.name,
      'server-ip': next.ip,
      'server-hostname': next.fqdn,
      'source-context': local
        ? `;250 2.0.0 OK ${mail.messageId} [Hostname=${next.fqdn}];ClientSubmitTime:${iso(mail.submittedMs)}`
        : `${sessionId(random)};${queuedReply(random, mail, next, 'delivery')};ClientSubmitTime:`,
      'connector-id': 'Intra-Organization SMTP Send Connector',
      'recipient-status': listOf(replies),
      'message-info': latency(random, mail, server, 'HUB'),
      'custom-data': sendData(scene, mail, 'Hosted', 'False'),
    })
  }
}

/** The mail leaves the organisation. */
export function sendOut(scene: Scene, mail: Mail): void {
  const { random, organisation } = scene
  const { server } = organisation
  const ticket = `${random.hex8()}${random.hex8()}si${random.integer(1e6, 9e6)}.${random.integer(1, 400)} - smtp`
  scene.wait(600)
  scene.write('transport', mail, 'SMTP', 'SENDEXTERNAL', {
    'client-ip': server.ip,
    'client-hostname': server.name,
    'server-ip': random.chance(0.1) ? '2001:db8:25::19' : `203.0.113.${random.integer(1, 254)}`,
    'server-hostname': `mx${random.integer(1, 3)}.${mail.recipients[0]?.split('@').at(-1) ?? 'example.net'}`,
    'source-context': `${sessionId(random)};250 2.0.0 OK ${ticket};ClientSubmitTime:${iso(mail.submittedMs)}`,
    'connector-id': random.pick(['Outbound to Internet', 'EdgeSync - LAT to Internet']),
    'recipient-status': listOf(mail.recipients.map(() => `250 2.1.5 OK ${ticket}`)),
    'related-recipient-address': ';'.repeat(Math.max(0, mail.recipients.length - 1)),
    'message-info': latency(random, mail, server, 'HUB'),
    'custom-data': sendData(scene, mail, 'Internet', 'True'),
  })
}

/** The other server lets its shadow copy go, some time after the mail is delivered. */
export function discardShadow(scene: Scene, mail: Mail): void {
  scene.wait(20_000)
  scene.write('transport', mail, 'SMTP', 'HADISCARD', {
    'server-hostname': scene.organisation.server.name,
    'source-context': shadowServer(scene).fqdn,
    'total-bytes': '',
    'message-subject': '',
  })
}

/** The peer that keeps shadow copies right now. */
export function shadowServer(scene: Scene): Host {
  return scene.random.pick(scene.organisation.peers)
}

function sendData(scene: Scene, mail: Mail, entity: string, external: string): string {
  return customData(scene.organisation, mail, [
    `S:E2ELatency=0.${scene.random.integer(100, 999)}`,
    `S:ToEntity=${entity}`,
    `S:MsgRecipCount=${mail.recipients.length}`,
    'S:IncludeInSla=True',
    'S:Microsoft.Exchange.Transport.MailRecipient.RequiredTlsAuthLevel=Opportunistic',
    `S:IsSmtpResponseFromExternalServer=${external}`,
  ])
}
