/** The cast: a company with Exchange servers, people, groups and transport rules. All names are reserved ones. */
import type { Random } from './random.ts'

/** A machine as it stands in the log. */
export interface Host {
  readonly name: string
  readonly fqdn: string
  readonly ip: string
}

export interface Organisation {
  readonly domain: string
  /** The server whose logs are simulated. */
  readonly server: Host
  readonly serverIp6: string
  /** Other servers of the organisation: shadow copies and mailboxes live there. */
  readonly peers: readonly Host[]
  readonly people: readonly string[]
  readonly groups: readonly string[]
  /** GUIDs of mailbox databases. */
  readonly databases: readonly string[]
  /** Custom-data texts of the transport rules that every mail is held against. */
  readonly rules: readonly string[]
  readonly healthMailbox: string
}

const firstNames = 'anna ben carla david emma felix greta hugo ines jonas karim lena marta nils olga pavel'
const lastNames =
  "becker costa dubois ek fischer garcia horvat ito jensen kaya lopez meyer novak o'brien patel"

/** Domains of other companies, all reserved for documentation. */
export const outsideDomains = [
  'example.net',
  'example.org',
  'partner.example',
  'news.shop.example',
  'xn--bcher-kva.example',
] as const

/** The organisation around `serverName`; its servers share rules and databases if `random` starts alike. */
export function organisationOf(serverName: string, random: Random): Organisation {
  const domain = 'example.com'
  const peers = ['EX01', 'EX02', 'EX03'].filter((name) => name !== serverName.toUpperCase()).slice(0, 2)
  return {
    domain,
    server: hostOf(serverName, domain),
    serverIp6: `fe80::${(0x1000 + (hostNumber(serverName) << 4)).toString(16)}:5678:4321:1010%${random.integer(2, 14)}`,
    peers: peers.map((name) => hostOf(name, domain)),
    people: firstNames
      .split(' ')
      .flatMap((first) => lastNames.split(' ').map((last) => `${first}.${last}@${domain}`)),
    groups: ['all-staff', 'sales', 'it-ops', 'project.x', 'vertrieb-süd'].map((name) => `${name}@${domain}`),
    databases: Array.from({ length: 4 }, () => random.guid()),
    rules: Array.from({ length: random.integer(16, 26) }, () => ruleText(random)),
    healthMailbox: `HealthMailbox${random.guid().replaceAll('-', '')}@${domain}`,
  }
}

function hostOf(name: string, domain: string): Host {
  return { name, fqdn: `${name.toLowerCase()}.${domain}`, ip: `10.20.1.${hostNumber(name)}` }
}

/** 10 … 249, from the name alone, so that a server has the same address in everybody's logs. */
function hostNumber(name: string): number {
  let sum = 0
  for (const character of name.toUpperCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 240
  return 10 + sum
}

function ruleText(random: Random): string {
  const day = String(random.integer(1, 28)).padStart(2, '0')
  return `S:TRA=ETRP|ruleId=${random.guid()}|st=2026-0${random.integer(1, 9)}-${day}T16:03:35.0000000Z|ExecW=0|ExecC=0`
}
