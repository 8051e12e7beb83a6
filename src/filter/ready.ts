/**
 * What people look for in these logs, as conditions that have a name: the setting `only`. They say the same of a record
 * as the mapping table exchange-modern does, and docs/events.md tells why.
 */
import type { FilterGroup, FilterSettings, ReadyName } from './options.ts'
import { anyRule, type Rule, rulesOf } from './rules.ts'

type Organisation = NonNullable<FilterSettings['organisation']>

/** The rule that one of these holds; none without names. */
export function readyRules(
  names: readonly ReadyName[] = [],
  organisation: Organisation = {},
): readonly Rule[] {
  if (names.length === 0) return []
  const rules = names.flatMap((name) => {
    const place = `only.${name}`
    return rulesOf({ and: [readyGroup(name, organisation)] }, place)
  })
  return [anyRule('only', rules)]
}

/** What a name stands for. */
function readyGroup(name: ReadyName, organisation: Organisation): FilterGroup {
  switch (name) {
    case 'left-organisation':
      return left(organisation)
    case 'entered':
      return {
        events: ['RECEIVE'],
        sources: ['GATEWAY', 'SMTP'],
        directionality: ['Incoming'],
        not: { columns: { 'connector-id': inside(organisation) } },
      }
    case 'failed':
      return failed
    case 'auto-forwarded':
      return autoForwarded
    case 'anonymous-relay':
      return {
        events: ['RECEIVE'],
        sources: ['SMTP'],
        columns: { 'message-info': ['/^[0-9A-Fa-f]{2}A:/'] },
        recipients: { anyOther: ownAddresses(organisation) },
      }
    case 'rule-hits':
      return { events: ['AGENTINFO'], customData: ['S:TRA=ETR|*', 'S:TRA=DC|*', 'S:AMA=SUM|v=1|*'] }
  }
}

/** By SENDEXTERNAL, and before 2016 by a send connector; to the outside, where that is known. */
function left(organisation: Organisation): FilterGroup {
  const isKnown = (organisation.domains ?? []).length > 0
  const toOutside: FilterGroup = { recipients: { anyOther: ownAddresses(organisation) } }
  // Recipients without a domain say nothing.
  const toNobodyKnown: FilterGroup = { recipients: { none: ['*@?*'] } }
  const notIncoming: FilterGroup = { not: { directionality: ['Incoming'] } }
  const outwards: FilterGroup = isKnown
    ? { or: [toOutside, { and: [toNobodyKnown, notIncoming] }] }
    : notIncoming
  const outwardsBefore: FilterGroup[] = isKnown ? [{ or: [toOutside, toNobodyKnown] }] : []
  return {
    not: { columns: { 'connector-id': inside(organisation) } },
    or: [
      { events: ['SENDEXTERNAL'], and: [outwards] },
      {
        events: ['SEND'],
        directionality: ['Originating'],
        not: { columns: { 'schema-version': ['?*'] } },
        ...(outwardsBefore.length > 0 && { and: outwardsBefore }),
      },
    ],
  }
}

const refused = '/^(?:\\[\\{LED=)?[45]\\d\\d[ -]/'
const refusedForGood = '/^(?:\\[\\{LED=)?5\\d\\d[ -]/'
const passed = '/^(?:\\[\\{LED=)?2\\d\\d[ -]/'

const failed: FilterGroup = {
  or: [
    {
      events: [
        'BADMAIL', 'DELIVERFAIL', 'FAIL', 'MODERATIONEXPIRE', 'MODERATORREJECT', 'MODERATORSALLNDR', 'POISONMESSAGE',
        'RESUBMITFAIL', 'SUBMITFAIL',
      ], // biome-ignore format: a list of words
    },
    // One with a success only takes the place of another step.
    {
      events: ['DROP'],
      or: [
        { columns: { 'recipient-status': [refused] } },
        { not: { columns: { 'recipient-status': [passed] } } },
      ],
    },
    { events: ['DSN'], columns: { 'source-context': ['Failure*'] } },
    // Without a kind by the reply in it.
    {
      events: ['DSN'],
      not: { columns: { 'source-context': ['/^(?:Delay|Delivery|Expanded|Relay|Success)\\b/'] } },
      or: [
        { columns: { 'message-info': ['/^[^<]*<[^<>]*>:<5\\d\\d[ -]/'] } },
        { columns: { 'message-info': [''], 'recipient-status': [refusedForGood] } },
      ],
    },
    { events: ['SEND', 'SENDEXTERNAL'], columns: { 'recipient-status': [refusedForGood] } },
  ],
}

const autoForwarded: FilterGroup = {
  or: [
    { events: ['RECEIVE'], sources: ['MAILBOXRULE'] },
    { events: ['REDIRECT'] },
    {
      events: ['DROP'],
      columns: {
        'recipient-status': ['*RESOLVER.CON.Chained*', '*RESOLVER.FWD.Forwarded*', '*RESOLVER.MSGTYPE.AF*'],
      },
    },
  ],
}

/** Connectors within the organisation, with or without their server. */
function inside({ connectors = [] }: Organisation): readonly string[] {
  const names = ['Intra-Organization SMTP Send Connector', ...connectors]
  return names.map((name) => `/^(?:[^\\\\]*\\\\)?${literal(name)}$/`)
}

/** A text as a regular expression for just that. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** Of its domains, and those without one, which only the directory knows. */
function ownAddresses({ domains = [] }: Organisation): readonly string[] {
  const own = domains.map((domain) => (domain.startsWith('*.') ? `*@${domain}` : `@${domain}`))
  return [...own, '/^[^@]*$/']
}
