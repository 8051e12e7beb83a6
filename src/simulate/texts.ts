/** The longer texts inside fields, worded as Exchange words them. */
import type { Mail } from './mails.ts'
import type { Host, Organisation } from './organisation.ts'
import { listOf } from './quoting.ts'
import type { Random } from './random.ts'

const clientTypes = ['OWA', 'MOMT', 'AirSync', 'User', 'WebServices', 'EventBasedAssistants'] as const

/** An ISO time in UTC with milliseconds. */
export function iso(timeMs: number): string {
  // Rows close in time share all but the end of it; Date is slow.
  const second = Math.floor(timeMs / 1000)
  if (second !== isoSecond) {
    isoSecond = second
    isoText = new Date(second * 1000).toISOString().slice(0, 20)
  }
  return `${isoText}${String(Math.floor(timeMs) - second * 1000).padStart(3, '0')}Z`
}
let isoSecond = Number.NaN
let isoText = ''

/** `session;start;0`: source-context of a mail taken in over SMTP. */
export function smtpSession(random: Random, startMs: number): string {
  return `${sessionId(random)};${iso(startMs)};0`
}

/** Sixteen hexadecimal digits, upper case. */
export function sessionId(random: Random): string {
  return `08DE${random.hex8()}${random.hex8().slice(4)}`.toUpperCase()
}

/** Source-context of what the store driver does: database, mailbox and the event in it. */
export function mailboxEvent(random: Random, organisation: Organisation, submittedMs: number): string {
  const messageClass = random.pick(['IPM.Note', 'IPM.Note', 'IPM.Schedule.Meeting.Request', 'IPM.Note.SMIME'])
  return `MDB:${random.pick(organisation.databases)}, Mailbox:${random.guid()}, Event:${random.integer(1e6, 9e7)}, MessageClass:${messageClass}, CreationTime:${iso(submittedMs)}, ClientType:${random.pick(clientTypes)}, SubmissionAssistant:MailboxTransportSubmissionEmailAssistant`
}

/** The answer of the next server of the organisation. */
export function queuedReply(
  random: Random,
  mail: Mail,
  next: Host,
  purpose: 'delivery' | 'redundancy',
): string {
  const internalId = random.integer(1e9, 9e13)
  const rate = `${mail.totalBytes} bytes in 0.${random.integer(100, 999)}, ${random.integer(1, 99)}.${random.integer(100, 999)} KB/sec `
  return `250 2.6.0 ${mail.messageId} [InternalId=${internalId}, Hostname=${next.fqdn}] ${purpose === 'delivery' ? rate : ''}Queued mail for ${purpose}`
}

/** Message-info of a mail taken in: authentication marks, with the trailing space of the real ones. */
export function authenticationMarks(random: Random, mail: Mail): string {
  if (mail.directionality === 'Incoming') return random.pick(['0cA: ', '00A: ', '0cA: '])
  return random.pick(['0cI: ', '04I: ', '11I: '])
}

/** Message-info of a mail sent on: where the time went, over one or more servers. */
export function latency(random: Random, mail: Mail, server: Host, stage: 'SUB' | 'HUB' | 'DEL'): string {
  const part = (max: number) => `0.${String(random.integer(0, max)).padStart(3, '0')}`
  const submission = `LSRV=${server.fqdn}:TOTAL-SUB=${part(400)}|SA=${part(90)}|MTSS=${part(300)}(MTSSD=${part(200)}(MTSSDA=0.002|MTSSDC=0.004|SDSSO=${part(200)}))`
  if (stage === 'SUB') return `${iso(mail.submittedMs)};${submission}`
  const hub = `SRV=${server.fqdn}:TOTAL-HUB=${part(900)}|SMR=${part(180)}(SMRDI=${part(36)}(SMRED=0.004)|SMRC=${part(143)})|CAT=${part(90)}(CATOS=${part(25)}(CATSM=0.025(CATSM-Malware Agent=0.024))|CATRESL=0.001|CATORES=0.013(CATRS-Transport Rule Agent=0.002(X-ETREX=0.002)))|QDM=0.005|SMSC=${part(30)}|SMS=${part(90)}`
  if (stage === 'HUB') return `${iso(mail.submittedMs)};L${hub}`
  return `${iso(mail.submittedMs)};${hub};SRV=${server.fqdn}:TOTAL-DEL=${part(99)}|SMR=0.007(SMRDI=0.007)|SDD=${part(60)}(SDDPM=0.020(SDDPM-Mailbox Rules Agent=0.006)|SDDR=0.011)`
}

/** Custom-data that most rows carry, after `more`. */
export function customData(organisation: Organisation, mail: Mail, more: readonly string[] = []): string {
  const probe = mail.probe ? ['S:IsProbe=true', 'S:PersistProbeTrace=False'] : []
  return listOf([...more, ...probe, 'S:DeliveryPriority=Normal', `S:AccountForest=${organisation.domain}`])
}

/** Custom-data of AGENTINFO: malware verdicts and one entry per transport rule, 2–4 kB of them. */
export function agentData(random: Random, organisation: Organisation, mail: Mail): string {
  const entries = [
    `S:AMA=SUM|v=0|action=|error=|atch=${random.integer(0, 4)}`,
    'S:AMA=EV|engine=M|v=0|sig=1.385.1867.0|name=|file=',
  ]
  for (const rule of organisation.rules) entries.push(rule + ruleConditions(random))
  if (random.chance(0.06)) {
    const rule = random.guid()
    entries.push(
      `S:TRA=ETR|ruleId=${rule}|st=2026-03-10T16:03:35.0000000Z|action=AddHeader|sev=1|mode=Enforce`,
    )
    entries.push(`S:TRA=DC|dcid=${rule}|count=1|conf=85`, 'S:TRA=CI|ctype=0|size=0')
  }
  entries.push('S:TRA=ETRI|MsgType=Normal|Ex=|IsKnown=|FipsStatus=NoFips', 'S:CompCost=|AMA=0|ETR=0')
  entries.push(`S:OriginalFromAddress=${mail.sender}`)
  return customData(organisation, mail, entries)
}

/** One condition in three has a `;` and thereby puts its entry in quotes. */
function ruleConditions(random: Random): string {
  const draw = random.integer(0, 5)
  if (draw < 2) return ''
  if (draw === 2) return '|Conditions=CP,M.S,0;CP,M.B,0'
  if (draw === 3) return '|Conditions=IP,F,0;IP,F,0'
  return draw === 4 ? '|Conditions=ISUP,M.F,0' : '|Conditions=DIP,M.SD,0'
}

/** Recipient-status of a mail that failed or waits: last error, peer and time as the server's language has it. */
export function failureStatus(random: Random, timeMs: number, reply: string): string {
  const [year, month, day] = iso(timeMs).slice(0, 10).split('-') as [string, string, string]
  const clock = iso(timeMs).slice(11, 19)
  const dates = [`${Number(month)}/${Number(day)}/${year} ${clock}`, `${day}.${month}.${year} ${clock}`]
  return `[{LED=${reply}};{MSG=};{FQDN=mx.partner.example};{IP=203.0.113.${random.integer(1, 254)}};{LRT=${random.pick(dates)}}]`
}

/** Custom-data entry that names an item in a mailbox. */
export function itemEntry(random: Random): string {
  let bytes = ''
  for (let i = 0; i < 10; i++) {
    const word = random.hex8().toUpperCase()
    bytes += `${word.slice(0, 2)}-${word.slice(2, 4)}-${word.slice(4, 6)}-${word.slice(6)}-`
  }
  return `S:ItemEntryId=00-00-00-00-${bytes}00-00`
}
