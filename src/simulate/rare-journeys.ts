/** What happens seldom, so that every event id and every source of the documentation occurs. */
import { deliver, receive } from './hops.ts'
import type { Role } from './layouts.ts'
import { type Mail, withRecipients } from './mails.ts'
import type { Cells, Journey, Scene } from './scene.ts'
import { agentData, failureStatus, iso, mailboxEvent, queuedReply } from './texts.ts'

type RareRow = readonly [
  role: Role,
  source: string,
  event: string,
  cells?: (scene: Scene, mail: Mail) => Cells,
]

/** One row each, after the mail was taken in. */
const rareRows: readonly RareRow[] = [
  ['transport', 'ADMIN', 'FAIL', (scene) => status(scene, '550 5.0.350 QUEUE.Admin; removed with NDR')],
  ['transport', 'ADMIN', 'RESUBMIT', () => context('Retry-Queue -Resubmit $true')],
  ['transport', 'AGENT', 'DROP', () => context('Transport Rule Agent')],
  ['transport', 'AGENT', 'RECIPIENTINFO', () => context('Recipient Information Agent')],
  ['transport', 'AGENT', 'REDIRECT', () => context('Transport Rule Agent')],
  ['transport', 'APPROVAL', 'RECEIVE', () => context('Approval request')],
  ['transport', 'BOOTLOADER', 'LOAD', () => ({ 'client-hostname': '', 'message-info': '' })],
  ['transport', 'DNS', 'DEFER', (scene) => status(scene, '451 4.4.0 DNS query failed; ErrorRetry')],
  ['transport', 'GATEWAY', 'SEND', () => ({ 'connector-id': 'Fax "Gateway", floor 2' })],
  ['transport', 'GATEWAY', 'RECEIVE', () => ({ 'connector-id': 'Fax "Gateway", floor 2' })],
  ['transport', 'ORAR', 'REDIRECT', () => ({ 'related-recipient-address': 'alternate@example.com' })],
  ['transport', 'PICKUP', 'BADMAIL', () => context('The headers of C:\\Pickup\\new.eml could not be read')],
  ['transport', 'PICKUP', 'RECEIVE', () => context('C:\\Pickup\\report.eml')],
  ['transport', 'POISONMESSAGE', 'POISONMESSAGE', () => context('Crash count = 3, limit = 2')],
  ['delivery', 'PUBLICFOLDER', 'DELIVER', () => ({ 'recipient-status': '\\All Public Folders\\Sales' })],
  ['transport', 'QUEUE', 'DEFER', () => context('Suspended by an administrator')],
  ['transport', 'REDUNDANCY', 'RESUBMIT', (scene) => context(scene.organisation.peers[0]?.fqdn ?? '')],
  ['transport', 'REDUNDANCY', 'RECEIVE', () => ({ 'source-context': 'Replay', 'message-info': '0cA: ' })],
  ['transport', 'RESOLVER', 'EXPAND', () => ({ 'related-recipient-address': 'all-staff@example.com' })],
  ['transport', 'RESOLVER', 'DUPLICATEEXPAND', () => ({ 'related-recipient-address': 'sales@example.com' })],
  ['transport', 'ROUTING', 'DUPLICATEREDIRECT', () => ({ 'related-recipient-address': 'old@example.com' })],
  ['transport', 'ROUTING', 'SETROUTE', () => context('Override next hop;EX02')],
  ['transport', 'ROUTING', 'SUPPRESSED', () => context('Recipient was suppressed')],
  ['transport', 'SAFETYNET', 'RESUBMIT', (scene) => context(scene.random.guid())],
  ['transport', 'SAFETYNET', 'RESUBMITDEFER', (scene) => context(scene.random.guid())],
  ['transport', 'SAFETYNET', 'RESUBMITFAIL', (scene) => context(scene.random.guid())],
  ['transport', 'SMTP', 'HAREDIRECTFAIL', () => context('No suitable shadow servers')],
  ['transport', 'SMTP', 'NOTIFYSHADOW', (scene) => context(scene.organisation.peers[0]?.fqdn ?? '')],
  ['transport', 'SMTP', 'REPLICATION', (scene, mail) => ({ 'source-context': toPeer(scene, mail) })],
  ['transport', 'SMTP', 'THROTTLE', () => context('Submission rate 30 per minute exceeded')],
  ['delivery', 'MAILBOXRULE', 'PROCESS', () => context('Rule "Move; then stop", 2 of 3')],
  ['delivery', 'STOREDRIVER', 'DELIVERFAIL', (scene) => status(scene, '550 5.2.2 STOREDRV; mailbox full')],
  ['delivery', 'STOREDRIVER', 'DUPLICATEDELIVER', (_, mail) => ({ 'source-context': iso(mail.submittedMs) })],
  [
    'delivery',
    'MEETINGMESSAGEPROCESSOR',
    'PROCESSMEETINGMESSAGE',
    // The one event that has a message id in this column.
    (_, mail) => ({ 'internal-message-id': mail.messageId, 'total-bytes': '', 'recipient-count': '' }),
  ],
  ['submission', 'STOREDRIVER', 'CLIENTSUBMISSION', mailbox],
  ['submission', 'STOREDRIVER', 'SUBMITDEFER', mailbox],
  ['submission', 'STOREDRIVER', 'SUBMITFAIL', mailbox],
]

/** Everything that is dealt once before anything comes twice. */
export const rareJourneys: readonly Journey[] = [
  ...rareRows.map(journeyTo),
  inboxRuleForward,
  companyWide,
  ...['MODERATORAPPROVE', 'MODERATORREJECT', 'MODERATORSALLNDR', 'MODERATIONEXPIRE'].map(moderated),
]

function journeyTo([role, source, event, cells]: RareRow): Journey {
  return (scene) => {
    const mail = scene.mails.mail('inbound', scene.nowMs)
    receive(scene, mail)
    const { server } = scene.organisation
    const host = { 'client-hostname': server.name, 'server-hostname': server.name }
    scene.write(role, mail, source, event, { ...host, ...cells?.(scene, mail) })
  }
}

/** A rule in somebody's inbox sends the mail on, out of the organisation. */
function inboxRuleForward(scene: Scene): void {
  const { random, organisation } = scene
  const mail = scene.mails.mail('inbound', scene.nowMs)
  receive(scene, mail)
  const forward = withRecipients({ ...mail, internalId: scene.mails.internalId() }, ['private@example.org'])
  scene.write('delivery', forward, 'MAILBOXRULE', 'RECEIVE', {
    'client-hostname': organisation.server.fqdn,
    'server-hostname': organisation.server.name,
    'source-context': mailboxEvent(random, organisation, mail.submittedMs),
    reference: mail.messageId,
    'custom-data': `S:ForwardedBy=${random.pick(organisation.people)};S:Action=Forward`,
  })
  scene.write('transport', forward, 'MAILBOXRULE', 'REDIRECT', {
    'server-hostname': organisation.server.name,
    'related-recipient-address': mail.recipients[0] ?? '',
  })
}

/** A mail to everybody: rows of a hundred kilobytes and more. */
function companyWide(scene: Scene): void {
  const { random, organisation } = scene
  const { server, groups, domain } = organisation
  const mail = withRecipients(scene.mails.plainMail('internal', scene.nowMs), groups.slice(0, 1))
  receive(scene, mail)
  const everybody = Array.from({ length: random.integer(2000, 4000) }, (_, i) => `employee.${i}@${domain}`)
  const expanded = withRecipients(mail, everybody)
  scene.write('transport', expanded, 'ROUTING', 'EXPAND', {
    'server-hostname': server.name,
    'related-recipient-address': groups[0] ?? '',
  })
  scene.write('transport', expanded, 'AGENT', 'AGENTINFO', {
    'client-hostname': server.name,
    'source-context': 'CatContentConversion',
    'custom-data': agentData(random, organisation, mail),
  })
}

/** A moderator decides over a mail, or lets it lie. */
function moderated(decision: string): Journey {
  return (scene) => {
    const { random, organisation } = scene
    const { server, people } = organisation
    const mail = scene.mails.mail('internal', scene.nowMs)
    receive(scene, mail)
    const moderators = withRecipients({ ...mail, internalId: scene.mails.internalId() }, [
      random.pick(people),
    ])
    scene.write('transport', moderators, 'ROUTING', 'INITMESSAGECREATED', {
      'server-hostname': server.name,
      reference: mail.messageId,
    })
    scene.wait(20_000)
    scene.write('moderation', moderators, 'APPROVAL', decision, {
      'client-hostname': server.name,
      'source-context': `Arbitration mailbox=SystemMailbox{${random.guid()}}@${organisation.domain}`,
      reference: mail.messageId,
    })
    if (decision === 'MODERATORAPPROVE') deliver(scene, mail)
  }
}

function context(text: string): Cells {
  return { 'source-context': text }
}

function status(scene: Scene, reply: string): Cells {
  return { 'recipient-status': `'${failureStatus(scene.random, scene.nowMs, reply)}'` }
}

function mailbox(scene: Scene, mail: Mail): Cells {
  return {
    'internal-message-id': '',
    'source-context': mailboxEvent(scene.random, scene.organisation, mail.submittedMs),
  }
}

function toPeer(scene: Scene, mail: Mail): string {
  const [peer] = scene.organisation.peers
  return peer === undefined ? '' : queuedReply(scene.random, mail, peer, 'redundancy')
}
