/** `msgtrk service`: an instance as a service of the system, Windows or systemd. */
import { execFile } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { filesNamedIn } from '../../app/check.ts'
import { readConfig } from '../../app/read-config.ts'
import { silent } from '../../flow/log.ts'
import { makeFolder } from '../../lock/make-folder.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { CommandContext, TextOutput } from '../command-context.ts'
import { filesOf, type ServiceDefinition, type Step, thisProgram } from '../service/definition.ts'
import { isInstalled, isRunning, untilStopped } from '../service/state.ts'
import {
  privateFolders,
  systemdDoubts,
  systemdInstallSteps,
  systemdProblems,
  unitFolder,
  unitText,
} from '../service/systemd.ts'
import {
  serviceHost,
  windowsInstallSteps,
  windowsProblems,
  windowsStopStep,
  windowsUninstallSteps,
} from '../service/windows.ts'
import { tellProblem } from '../terminal/problems.ts'

/** What the command works with besides. */
export interface ServiceContext extends Partial<CommandContext> {
  readonly platform?: NodeJS.Platform
  /** Runs a program of the system; rejects as `execFile` does. */
  readonly run?: (program: string, args: readonly string[]) => Promise<{ readonly stdout: string }>
  /** Where units go. */
  readonly units?: string
  /** Folders that a unit does not see. */
  readonly hidden?: readonly string[]
}

interface NameArguments {
  readonly name: string
  readonly ifNeeded?: boolean
}

interface InstallArguments extends NameArguments {
  readonly config: string
  readonly account?: string
  readonly credentials?: string
  readonly host?: string
  readonly print?: boolean
}

const serviceName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

const details = `
On Windows a small host (msgtrk-service.exe) is what the system starts and stops: it starts msgtrk, starts it again with
growing pauses when it ends by itself, but not for a mistake in the configuration, and writes into the event log. The
service runs as NT SERVICE\\NAME unless --account names a group managed service account; only that, the system and
administrators may use the state folder and the configuration then. On Linux a unit of systemd is written, in a sandbox,
for an account that systemd makes for it unless --account names one. Both go on after a restart of the machine. The
configuration is checked first. It takes an administrator, or root.

Examples:
  msgtrk service install --config C:\\ProgramData\\msgtrk\\msgtrk.yaml --account CONTOSO\\msgtrk$
  msgtrk service install --config /etc/msgtrk/msgtrk.yaml --credentials /etc/msgtrk/credentials
  msgtrk service install --config msgtrk.yaml --print
  msgtrk service start

Exit code: 0 done, 1 the system refused, 2 a mistake; status: 0 it runs, 7 it does not.`

/** The command with its parts; each throws a ProblemsError. */
export function serviceCommand(context: ServiceContext = {}): Command {
  const { stdout = process.stdout, platform = process.platform, units = unitFolder } = context
  const { run = promisify(execFile), hidden = privateFolders, stderr = process.stderr } = context
  const around: Around = { stdout, stderr, isWindows: platform === 'win32', units, hidden, run }
  return new Command('service')
    .description('Run msgtrk as a service of Windows, or of systemd.')
    .addHelpText('after', details)
    .addCommand(
      named('install')
        .description('Set the service up; it starts with the system from then on.')
        .requiredOption('--config <file>', 'its configuration')
        .option('--account <account>', 'who runs it, on Windows without a password: DOMAIN\\name$')
        .option('--credentials <folder>', `systemd: the files in it are what \${credential:NAME} means`)
        .option('--host <file>', 'Windows: the host, where it is not beside the program')
        .option('--print', 'print what would be done, and do nothing')
        .option('--if-needed', 'leave a service of this name as it is')
        .action((args: InstallArguments) => install(args, around)),
    )
    .addCommand(
      named('uninstall')
        .description('Stop and remove it; the configuration and the state folder stay.')
        .option('--if-needed', unlessInstalled)
        .action((args: NameArguments) => uninstall(args, around)),
    )
    .addCommand(
      named('start')
        .description('Start it.')
        .option('--if-needed', unlessInstalled)
        .action((args: NameArguments) => command('start', args, around)),
    )
    .addCommand(
      named('stop')
        .description('Stop it gracefully.')
        .option('--if-needed', unlessInstalled)
        .action((args: NameArguments) => command('stop', args, around)),
    )
    .addCommand(
      named('status')
        .description('Say whether it runs.')
        .action((args: NameArguments) => status(args, around)),
    )
}

const unlessInstalled = 'do nothing where it is not installed'

interface Around {
  readonly stdout: TextOutput
  readonly stderr: TextOutput
  readonly isWindows: boolean
  readonly units: string
  readonly hidden: readonly string[]
  readonly run: NonNullable<ServiceContext['run']>
}

function named(part: string): Command {
  return new Command(part).option('--name <name>', 'name of the service', 'msgtrk')
}

async function install(args: InstallArguments, around: Around): Promise<void> {
  const { isWindows, stdout, units, hidden } = around
  checkName(args)
  if (args.ifNeeded && (await isInstalled(args.name, around))) {
    stdout.write(`${args.name} is installed, and stays as it is\n`)
    return
  }
  const service = await definitionOf(args, isWindows)
  const host = args.host === undefined ? serviceHost() : path.resolve(args.host)
  const problems = [
    ...(isWindows ? windowsProblems(service) : systemdProblems(service, hidden)),
    ...(isWindows && host === undefined ? [noHost] : []),
  ]
  if (problems.length > 0) throw new ProblemsError(problems)
  for (const doubt of isWindows ? [] : systemdDoubts(service)) tellProblem(around.stderr, doubt, 'warning: ')
  const steps = isWindows ? windowsInstallSteps(service, host ?? '') : systemdInstallSteps(service.name)
  const unit = path.join(units, `${service.name}.service`)
  if (args.print) {
    if (!isWindows) stdout.write(`# ${unit}\n${unitText(service)}\n`)
    for (const step of steps) stdout.write(`${visible(shown(step))}\n`)
    return
  }
  if (isWindows) for (const folder of service.writes) await makeFolder(folder)
  else await withReason(unit, () => writeFile(unit, unitText(service), { mode: 0o644 }))
  await take(steps, around)
  stdout.write(
    `Installed as ${service.name}, to start with the system. Now: msgtrk service start${nameOption(args)}\n`,
  )
}

async function definitionOf(args: InstallArguments, isWindows: boolean): Promise<ServiceDefinition> {
  const { name, account } = args
  const folder = args.credentials === undefined ? undefined : path.resolve(args.credentials)
  const names = folder === undefined ? [] : await withReason(folder, () => readdir(folder))
  const env = folder === undefined ? process.env : { ...process.env, CREDENTIALS_DIRECTORY: folder }
  const config = await readConfig(args.config, { env })
  return {
    name,
    account,
    config: path.resolve(args.config),
    program: thisProgram(),
    ...filesOf(config, folder),
    // Doubts are told by the unit itself, before each start.
    ...(!isWindows && { files: await filesNamedIn(config, silent) }),
    ...(folder !== undefined && { credentials: { folder, names: names.toSorted() } }),
  }
}

async function uninstall(args: NameArguments, around: Around): Promise<void> {
  const { isWindows, stdout, units } = around
  checkName(args)
  if (args.ifNeeded && !(await isInstalled(args.name, around))) return
  if (isWindows) {
    await take([windowsStopStep(args.name)], around)
    await untilStopped(args.name, around)
    await take(windowsUninstallSteps(args.name), around)
  } else {
    const unit = path.join(units, `${args.name}.service`)
    const disable = ['disable', '--now', `${args.name}.service`]
    await take([{ program: 'systemctl', args: disable, byHand: `systemctl ${disable.join(' ')}` }], around)
    await withReason(unit, () => rm(unit))
    await take([{ program: 'systemctl', args: ['daemon-reload'], byHand: 'systemctl daemon-reload' }], around)
  }
  stdout.write(`${args.name} is removed; its configuration and its state folder are still there\n`)
}

async function command(what: 'start' | 'stop', args: NameArguments, around: Around): Promise<void> {
  checkName(args)
  if (args.ifNeeded && !(await isInstalled(args.name, around))) return
  const { isWindows, stdout } = around
  if (isWindows && what === 'start') await untilStopped(args.name, around)
  await take(
    [
      isWindows
        ? { program: 'net', args: [what, args.name] }
        : { program: 'systemctl', args: [what, `${args.name}.service`] },
    ],
    around,
  )
  stdout.write(`${args.name} is ${what === 'start' ? 'started' : 'stopped'}\n`)
}

async function status(args: NameArguments, around: Around): Promise<void> {
  checkName(args)
  const { name } = args
  const running = await isRunning(name, around)
  around.stdout.write(
    running
      ? `${name} runs; how it stands says: msgtrk status --config FILE\n`
      : `${name} does not run, or is not installed\n`,
  )
  process.exitCode = running ? ExitCode.ok : ExitCode.notRunning
}

/** One after the other; what fails and may be done by hand is told. */
async function take(steps: readonly Step[], { run, stdout }: Around): Promise<void> {
  for (const step of steps) {
    try {
      await run(step.program, step.args)
    } catch (error) {
      const {
        stdout: said = '',
        stderr = '',
        message,
      } = error as Error & {
        readonly stdout?: string
        readonly stderr?: string
      }
      const reason = `${said} ${stderr}`.replace(/\s+/g, ' ').trim() || message
      if (step.byHand === undefined) {
        throw new ProblemsError(
          [
            {
              where: { file: step.program },
              message: `refused: ${reason} (${shown(step)})`,
              remedy: 'do this as an administrator, or root; sc, net and systemctl say more',
            },
          ],
          ExitCode.failed,
        )
      }
      stdout.write(`${visible(`Not done: ${shown(step)} (${reason}); by hand: ${step.byHand}`)}\n`)
    }
  }
}

function shown({ program, args }: Step): string {
  return [program, ...args.map((arg) => (/[\s"]/.test(arg) ? `"${arg.replaceAll('"', '\\"')}"` : arg))].join(
    ' ',
  )
}

const noHost: Problem = {
  where: { option: '--host' },
  message: 'is missing: msgtrk-service.exe is neither beside the program nor in its package',
  remedy: 'name it; deploy/windows/build.sh makes it of its source',
}

function checkName({ name }: NameArguments): void {
  if (serviceName.test(name)) return
  const remedy = 'use up to 64 letters, digits, hyphens and underscores'
  throw new ProblemsError([{ where: { option: '--name' }, message: 'is no name of a service', remedy }])
}

function nameOption({ name }: NameArguments): string {
  return name === 'msgtrk' ? '' : ` --name ${name}`
}

async function withReason<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new ProblemsError(
      [
        {
          where: { file },
          message: (error as Error).message,
          remedy: 'do this as root, or as an administrator',
        },
      ],
      ExitCode.failed,
    )
  }
}
