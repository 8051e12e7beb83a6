/** What usually happens to a mail, and how often. */
import { categorise, deliver, discardShadow, receive, sendOut, shadowServer, submit } from './hops.ts'
import { type Mail, withRecipients } from './mails.ts'
import type { Journey, Scene } from './scene.ts'
import { failureStatus, queuedReply } from './texts.ts'

/** Common journeys; a number stands for parts of all mails. */
export const commonJourneys: readonly (readonly [parts: number, journey: Journey])[] = [
  [30, inbound],
  [26, internal],
  [18, outbound],
  [14, shadowOnly],
  [6, probe],
  [4, undeliverable],
  [2, group],
]

function inbound(scene: Scene): void {
  const mail = scene.mails.mail('inbound', scene.nowMs)
  receive(scene, mail)
  deliver(scene, categorise(scene, mail))
  if (scene.random.chance(0.4)) discardShadow(scene, mail)
}

function internal(scene: Scene): void {
  const mail = scene.mails.mail('internal', scene.nowMs)
  scene.wait(100)
  submit(scene, mail)
  receive(scene, mail)
  deliver(scene, categorise(scene, mail))
}

function outbound(scene: Scene): void {
  const mail = scene.mails.mail('outbound', scene.nowMs)
  scene.wait(100)
  submit(scene, mail)
  receive(scene, mail)
  sendOut(scene, categorise(scene, mail))
  if (scene.random.chance(0.4)) discardShadow(scene, mail)
}

/** The mail is another server's; this one only keeps a shadow of it. */
function shadowOnly(scene: Scene): void {
  const mail = scene.mails.mail(scene.random.chance(0.5) ? 'inbound' : 'outbound', scene.nowMs)
  scene.write('transport', mail, 'SMTP', 'HARECEIVE', {
    'client-hostname': shadowServer(scene).fqdn,
    'server-hostname': scene.organisation.server.name,
    'source-context': scene.random.guid(),
  })
  if (scene.random.chance(0.8)) discardShadow(scene, mail)
}

/** Managed availability sends itself a mail every few minutes. */
function probe(scene: Scene): void {
  const { organisation, random } = scene
  const sender = random.chance(0.5) ? 'inboundproxy@inboundproxy.com' : organisation.healthMailbox
  const mail = withRecipients(
    {
      ...scene.mails.plainMail('internal', scene.nowMs),
      subject: `${random.guid()}-MapiSubmitLAMProbe`,
      sender,
      returnPath: sender,
      probe: true,
    },
    [organisation.healthMailbox],
  )
  receive(scene, mail)
  deliver(scene, mail)
}

/** The next server refuses, for now or for good; the sender gets a report. */
function undeliverable(scene: Scene): void {
  const { random, organisation } = scene
  const mail = scene.mails.mail(random.chance(0.5) ? 'outbound' : 'inbound', scene.nowMs)
  receive(scene, mail)
  const fork = categorise(scene, mail)
  const deferrals = random.integer(0, 2)
  for (let i = 0; i < deferrals; i++) {
    const status = failureStatus(random, scene.nowMs, '451 4.4.0 DNS query failed')
    writeFailure(scene, fork, random.pick(['SMTP', 'QUEUE', 'AGENT', 'DNS']), 'DEFER', status)
    scene.wait(300_000)
  }
  const reply = random.pick([
    '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found',
    '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
    '554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain',
    '552 5.2.2 user\'s mailbox is full, "over quota"',
  ])
  const status = failureStatus(random, scene.nowMs, reply)
  writeFailure(scene, fork, random.pick(['SMTP', 'ROUTING', 'DNS', 'AGENT']), 'FAIL', status)
  reportTo(scene, mail, organisation.domain)
}

function writeFailure(scene: Scene, mail: Mail, source: string, event: string, status: string): void {
  const wrapped = `'${status.replaceAll("'", "''")}'`
  scene.write('transport', mail, source, event, {
    'client-hostname': scene.organisation.server.name,
    'source-context': event === 'FAIL' ? '' : 'Delivery attempt failed, will be tried again',
    'recipient-status': Array.from(mail.recipients, () => wrapped).join(';'),
    reference: event === 'FAIL' ? `<${scene.random.guid()}@${scene.organisation.domain}>` : '',
  })
}

function reportTo(scene: Scene, mail: Mail, domain: string): void {
  const report = withRecipients(
    {
      ...mail,
      internalId: scene.mails.internalId(),
      messageId: `<${scene.random.guid()}@${domain}>`,
      networkId: scene.random.guid(),
      subject: `Undeliverable: ${mail.subject}`.slice(0, 255).replace(/[\uD800-\uDBFF]$/, '\uFFFD'),
      sender: `MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@${domain}`,
      returnPath: '<>',
    },
    [mail.sender],
  )
  scene.write('transport', report, 'DSN', 'DSN', {
    'server-hostname': scene.organisation.server.name,
    reference: mail.messageId,
  })
  deliver(scene, report)
}

/** A distribution group becomes its members; some were addressed twice. */
function group(scene: Scene): void {
  const { random, organisation } = scene
  const mail = scene.mails.plainMail('internal', scene.nowMs)
  const groupAddress = random.pick(organisation.groups)
  const { name } = organisation.server
  submit(scene, withRecipients(mail, [groupAddress]))
  receive(scene, withRecipients(mail, [groupAddress]))
  const members = Array.from({ length: random.integer(3, 60) }, () => random.pick(organisation.people))
  const expanded = withRecipients(mail, members)
  scene.write('transport', expanded, 'ROUTING', 'EXPAND', {
    'server-hostname': name,
    'related-recipient-address': groupAddress,
  })
  if (random.chance(0.3)) {
    scene.write('delivery', withRecipients(mail, members.slice(0, 1)), 'STOREDRIVER', 'DUPLICATEDELIVER', {
      'server-hostname': name,
      'source-context': queuedReply(random, mail, organisation.server, 'delivery'),
      'original-client-ip': mail.originalClientIp,
    })
  }
  deliver(scene, categorise(scene, expanded))
}
