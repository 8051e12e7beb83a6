/**
 * A service of Windows for an instance: a small host, which Windows can start and stop, starts it and closes its standard
 * input when it is to stop (deploy/windows/). All is done by programs that every Windows has: sc, icacls and reg.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Problem } from '../../mistakes/problem.ts'
import { shipped } from '../../package/files.ts'
import type { ServiceDefinition, Step } from './definition.ts'

const hostName = 'msgtrk-service.exe'
const system = '*S-1-5-18'
const administrators = '*S-1-5-32-544'

/** The host: beside the program, or in the package. */
export function serviceHost(): string | undefined {
  const places = [
    path.join(path.dirname(process.execPath), hostName),
    fileURLToPath(shipped(`deploy/windows/${hostName}`)),
  ]
  return places.find((place) => existsSync(place))
}

/** What is wrong with a service for Windows. */
export function windowsProblems({ account, credentials }: ServiceDefinition): readonly Problem[] {
  const hasPassword =
    account !== undefined && !/\$$|^(?:NT AUTHORITY|NT SERVICE)\\|^LocalSystem$/i.test(account)
  return [
    ...(hasPassword
      ? [
          {
            where: { option: '--account' },
            message: `${account} has a password, which is not taken here`,
            remedy:
              "name a group managed service account (DOMAIN\\name$), or install without it and set the account in the service's properties",
          },
        ]
      : []),
    ...(credentials === undefined
      ? []
      : [
          {
            where: { option: '--credentials' },
            message: 'is for systemd',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
            remedy: 'write ${file:C:\\path} for secrets; who may read such files is set at the installation',
          },
        ]),
  ]
}

/** All that is to be done for it. */
export function windowsInstallSteps(service: ServiceDefinition, host: string): readonly Step[] {
  const { name, config, writes, secrets } = service
  const account = service.account ?? `NT SERVICE\\${name}`
  const key = eventLogKey(name)
  const [state, ...others] = writes
  return [
    sc(
      'create',
      name,
      'binPath=',
      commandLine(service, host),
      'start=',
      'auto',
      'obj=',
      account,
      'DisplayName=',
      `msgtrk (${name})`,
    ),
    {
      ...sc('config', name, 'start=', 'delayed-auto'),
      byHand: 'let it start delayed, once the network is there',
    },
    {
      ...sc('description', name, 'Delivers Exchange message tracking logs as CEF over syslog'),
      byHand: 'none is needed',
    },
    // If the host itself is ended: what it runs, it starts again by itself.
    {
      ...sc('failure', name, 'reset=', '3600', 'actions=', 'restart/5000/restart/60000/restart/300000'),
      byHand: 'set what is done when the service fails: start it again',
    },
    ...(service.account === undefined
      ? []
      : [{ ...sc('sidtype', name, 'unrestricted'), byHand: `grant what follows to ${account} itself` }]),
    {
      program: 'reg',
      args: ['add', key, '/v', 'EventMessageFile', '/t', 'REG_EXPAND_SZ', '/d', host, '/f'],
      byHand: 'without it the event log shows the texts of the service with a remark before them',
    },
    {
      program: 'reg',
      args: ['add', key, '/v', 'TypesSupported', '/t', 'REG_DWORD', '/d', '7', '/f'],
      byHand: 'none is needed',
    },
    onlyFor(state, `NT SERVICE\\${name}:(OI)(CI)M`, `${system}:(OI)(CI)F`, `${administrators}:(OI)(CI)F`),
    ...others.map((folder) => granted(folder, `NT SERVICE\\${name}:(OI)(CI)M`)),
    onlyFor(config, `NT SERVICE\\${name}:R`, `${system}:F`, `${administrators}:F`),
    ...secrets
      .filter((file) => file !== config)
      .map((file) => onlyFor(file, `NT SERVICE\\${name}:R`, `${system}:F`, `${administrators}:F`)),
  ]
}

/** What ends it. */
export function windowsStopStep(name: string): Step {
  return { program: 'net', args: ['stop', name], byHand: 'none is needed where it was not running' }
}

/** What undoes it once it has stopped; positions and the configuration stay. */
export function windowsUninstallSteps(name: string): readonly Step[] {
  return [
    sc('delete', name),
    { program: 'reg', args: ['delete', eventLogKey(name), '/f'], byHand: 'none is needed' },
  ]
}

/** How the host is started, and what it starts. */
function commandLine({ name, config, program, writes }: ServiceDefinition, host: string): string {
  const command = [...program, 'run', '--config', config, '--stop-on-stdin-end']
  return [host, '--name', name, '--folder', writes[0], '--', ...command].map(quoted).join(' ')
}

/** Whether a service runs by what `sc query` says, whose words are those of the system's language, and whose numbers are not. */
export function isRunningBy(text: string): boolean {
  return stateBy(text) === 4
}

/** The same, of whether it is about to stop. */
export function isStoppingBy(text: string): boolean {
  return stateBy(text) === 3
}

function stateBy(text: string): number | undefined {
  const [, state] = [...text.matchAll(/^[ \t]+[^:\r\n]*: +(\d+)\b/gm)].map(([, number]) => Number(number))
  return state
}

function eventLogKey(name: string): string {
  return `HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${name}`
}

function sc(...args: readonly string[]): Step {
  return { program: 'sc', args }
}

/** Nobody else may read it: there stand lines of logs, addresses of receivers and what is secret. */
function onlyFor(file: string, ...rights: readonly string[]): Step {
  return {
    program: 'icacls',
    args: [file, '/inheritance:r', ...rights.flatMap((right) => ['/grant:r', right])],
    byHand: `let only administrators, the system and the service's account use ${file}`,
  }
}

function granted(folder: string, right: string): Step {
  return {
    program: 'icacls',
    args: [folder, '/grant', right],
    byHand: `let the service's account write into ${folder}`,
  }
}

/** By the rules of the C runtime: backslashes count only before a quote. */
function quoted(text: string): string {
  return /[\s"]/.test(text) ? `"${text.replace(/(\\*)("|$)/g, '$1$1$2').replaceAll('"', '\\"')}"` : text
}
