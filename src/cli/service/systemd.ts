/**
 * A unit of systemd for an instance, in a sandbox: it sees the system read-only, writes where the configuration says,
 * opens connections, and nothing else.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { modeOfExposed } from '../../mistakes/exposed-file.ts'
import type { Problem } from '../../mistakes/problem.ts'
import type { ServiceDefinition, Step } from './definition.ts'

const readySeconds = 60

/** Where units of the administrator are. */
export const unitFolder = '/etc/systemd/system'

/** Folders that systemd makes for the account of a service, by the setting that does. */
const made = { StateDirectory: '/var/lib/', LogsDirectory: '/var/log/' } as const

/** Folders of which a service has one of its own, empty at each start (`PrivateTmp`). */
export const privateFolders: readonly string[] = ['/tmp', '/var/tmp']

/** What is wrong with a service for systemd. `hidden`: folders that it does not see. */
export function systemdProblems(
  service: ServiceDefinition,
  hidden: readonly string[] = privateFolders,
): readonly Problem[] {
  const { account, writes, config } = service
  const where = { file: config }
  const hiddenIn = (file: string) => hidden.find((folder) => isIn(folder, file))
  return [
    ...placesOf(service).flatMap((file) => {
      const folder = hiddenIn(file)
      if (folder === undefined) return []
      return [
        {
          where,
          message: `${file} lies in ${folder}, of which a service has an empty one of its own (PrivateTmp)`,
          remedy: 'put it elsewhere, such as below /etc, /opt, /srv or /var/lib',
        },
      ]
    }),
    ...writes
      .filter((folder) => account === undefined && madeBy(folder) === undefined && !hiddenIn(folder))
      .map((folder) => ({
        where,
        message: `writes into ${folder}, which an account that systemd makes for the service can not`,
        remedy: 'name folders in /var/lib and /var/log, or an account that may write there by --account',
      })),
  ]
}

/** What it may not be able to read: rights may be given otherwise than by modes. */
export function systemdDoubts(service: ServiceDefinition): readonly Problem[] {
  const { account, config, program, secrets, files = [] } = service
  if (account !== undefined) return []
  // Folders of logs, which may be on a share that does not answer, the unit tries before it starts.
  return [...new Set([config, ...program, ...secrets, ...files])]
    .filter((file) => existsSync(file) && modeOfExposed(file) === undefined)
    .map((file) => ({
      where: { file },
      message: 'not everyone may read it, and so the account that systemd makes for the service may not',
      remedy:
        'let everyone read it and enter the folders that it is in, or name an account that may by --account; hand secrets over by --credentials',
    }))
}

/** All that it has to do with once it runs, each once: credentials and the environment systemd reads before. */
function placesOf(service: ServiceDefinition): readonly string[] {
  const { config, program, writes, reads, secrets, files = [] } = service
  return [...new Set([config, ...program, ...writes, ...reads, ...secrets, ...files])]
}

function isIn(folder: string, file: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}

/** What `ProtectHome` hides. */
const homes: readonly string[] = ['/home', '/root', '/run/user']

/** The unit as a text; `origin`: who wrote it, for the reader of the file. */
export function unitText(
  service: ServiceDefinition,
  origin = `Written by "msgtrk service install --name ${service.name}".`,
): string {
  const { config, program, writes, account, credentials, environment } = service
  const command = (...args: readonly string[]) => [...program, ...args].map(quoted).join(' ')
  const isAtHome = placesOf(service).some((each) => homes.some((home) => isIn(home, each)))
  const sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'Unit',
      [
        ['Description', 'Exchange message tracking logs to CEF (msgtrk)'],
        ['After', 'network-online.target remote-fs.target'],
        ['Wants', 'network-online.target'],
        // However often it ends, it is started again.
        ['StartLimitIntervalSec', '0'],
      ],
    ],
    [
      'Service',
      [
        ['Type', 'exec'],
        // Tells doubts, too. Its failure would have systemd try again; with the same mistakes `run` ends for good.
        ['ExecStartPre', `-${command('check', '--config', config)}`],
        ['ExecStart', command('run', '--config', config)],
        // That receivers are down is no reason to end it: what waits is delivered when they are back. Of one that ends at once
        // systemd hears only when this has ended, too.
        [
          'ExecStartPost',
          `-${command('status', '--config', config, '--wait-ready', `${readySeconds}`)} --process \${MAINPID}`,
        ],
        ['ExecReload', command('reload', '--config', config)],
        ['Restart', 'on-failure'],
        ['RestartSec', '5'],
        // A mistake in the configuration is there after the next start as well.
        ['RestartPreventExitStatus', '2'],
        // Not all was settled at the stop: it follows after the next start.
        ['SuccessExitStatus', '4'],
        ['TimeoutStartSec', `${2 * readySeconds}`],
        ['TimeoutStopSec', '30'],
        ...(account === undefined ? [['DynamicUser', 'yes'] as const] : [['User', account] as const]),
        ...writes.map((folder) => madeBy(folder) ?? (['ReadWritePaths', quoted(folder)] as const)),
        ['StateDirectoryMode', '0700'],
        ['LogsDirectoryMode', '0700'],
        ...(environment === undefined ? [] : [['EnvironmentFile', `-${escaped(environment)}`] as const]),
        ...(credentials?.names ?? []).map(
          (each) =>
            ['LoadCredential', `${each}:${escaped(path.join(credentials?.folder ?? '', each))}`] as const,
        ),
        ...sandbox,
        ['ProtectHome', isAtHome ? 'read-only' : 'yes'],
      ],
    ],
    ['Install', [['WantedBy', 'multi-user.target']]],
  ]
  const text = sections.map(
    ([section, settings]) =>
      `[${section}]\n${settings.map(([setting, value]) => `${setting}=${value}\n`).join('')}`,
  )
  return `# ${origin}\n\n${text.join('\n')}`
}

/** V8 needs memory that is both written to and executed; the rest is taken away. /proc tells of connections and the boot. */
const sandbox: readonly (readonly [string, string])[] = [
  ['UMask', '0077'],
  ['NoNewPrivileges', 'yes'],
  ['CapabilityBoundingSet', ''],
  ['AmbientCapabilities', ''],
  ['ProtectSystem', 'strict'],
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['DevicePolicy', 'closed'],
  ['ProtectClock', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectProc', 'invisible'],
  ['LockPersonality', 'yes'],
  ['RemoveIPC', 'yes'],
  ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallFilter', '~@privileged @resources'],
  ['SystemCallErrorNumber', 'EPERM'],
]

/** Has systemd know the unit and start it with the system. */
export function systemdInstallSteps(name: string): readonly Step[] {
  return [
    { program: 'systemctl', args: ['daemon-reload'], byHand: 'systemctl daemon-reload' },
    {
      program: 'systemctl',
      args: ['enable', `${name}.service`],
      byHand: `systemctl enable ${name}.service`,
    },
  ]
}

/** The setting by which systemd makes a folder. */
function madeBy(folder: string): readonly [string, string] | undefined {
  for (const [setting, parent] of Object.entries(made)) {
    const below = folder.startsWith(parent) ? folder.slice(parent.length) : ''
    if (/^[\w.-]+(?:\/[\w.-]+)*$/.test(below)) return [setting, below]
  }
  return undefined
}

/** An argument as a unit has it: nothing in it is replaced or taken for two. */
function quoted(text: string): string {
  const plain = escaped(text).replaceAll('$', '$$$$')
  return /^[\w/.:@=+-]+$/.test(plain) ? plain : `"${plain.replace(/[\\"]/g, '\\$&')}"`
}

/** % begins what is replaced. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%')
}
