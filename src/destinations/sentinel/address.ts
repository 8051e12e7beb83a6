/** Where a rule of Azure Monitor takes logs: `host/dcr-…/stream`. */

import { Mistaken } from '../../mistakes/words.ts'
import { formatHostPort, type HostPort, readHostPort } from '../../network/host-port.ts'

/** A stream of a data collection rule, and the endpoint that takes it. */
export interface RuleAddress extends HostPort {
  /** The immutable id of the rule. */
  readonly rule: string
  readonly stream: string
}

const defaultPort = 443
/** That of the template; `Custom-CommonSecurityLog` is its other one. */
const defaultStream = 'Custom-MessageTrackingLog_CL'

/** What stands behind `sentinel://` taken apart, or what is wrong with it. */
export function readRuleAddress(rest: string): RuleAddress | Mistaken {
  // As the portal shows the endpoint.
  const [authority = '', rule = '', stream = defaultStream, ...more] = rest
    .replace(/^https:\/\//i, '')
    .replace(/\/$/, '')
    .split('/')
  const host = readHostPort(authority, 'sentinel', defaultPort)
  if (host instanceof Mistaken) return host
  if (!/^dcr-[0-9a-f]{32}$/i.test(rule)) {
    const what =
      rule === ''
        ? 'names no data collection rule'
        : `has ${JSON.stringify(rule)}, which is no immutable id of a data collection rule`
    return new Mistaken(
      what,
      'write sentinel://endpoint/dcr-… with its 32 digits, as the outputs of the template show it',
    )
  }
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(stream) || more.length > 0) {
    return new Mistaken(
      'has a stream that is none',
      'write its name behind the rule, such as Custom-MessageTrackingLog_CL',
    )
  }
  return { ...host, rule: rule.toLowerCase(), stream }
}

/** The same text for all ways to write the same address. */
export function formatRuleAddress({ host, port, rule, stream }: RuleAddress): string {
  return `${formatHostPort({ host, port }).toLowerCase()}/${rule}/${stream}`
}

/** Where its cloud gives tokens, and for what. */
export interface Cloud {
  readonly name: string
  readonly authority: string
  readonly scope: string
}

const clouds: readonly (readonly [suffix: string, cloud: Cloud])[] = [
  [
    '.azure.us',
    {
      name: 'Azure Government',
      authority: 'https://login.microsoftonline.us',
      scope: 'https://monitor.azure.us/.default',
    },
  ],
  [
    '.azure.cn',
    {
      name: 'Azure in China',
      authority: 'https://login.chinacloudapi.cn',
      scope: 'https://monitor.azure.cn/.default',
    },
  ],
]
const publicCloud: Cloud = {
  name: 'Azure',
  authority: 'https://login.microsoftonline.com',
  scope: 'https://monitor.azure.com/.default',
}

/** The cloud that an endpoint is of, by its name. */
export function cloudOf({ host }: HostPort): Cloud {
  return clouds.find(([suffix]) => host.toLowerCase().endsWith(suffix))?.[1] ?? publicCloud
}
