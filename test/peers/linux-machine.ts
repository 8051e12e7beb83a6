/**
 * A machine with Linux of its own: Debian of the same release as this one, in a folder, booted with systemd, so that
 * packages are installed and services run as they do with users. It shares the network with this machine.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { mmdebstrapProgram, nspawnProgram } from './programs.ts'

const call = promisify(execFile)

/** What is on it besides what is on each. */
const packages = ['systemd', 'systemd-sysv', 'adduser', 'libstdc++6', 'rpm']

/** Where a folder of this machine is to be found there. */
export const sharedFolder = '/srv/shared'

/** How a command ended, and what it said. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class LinuxMachine {
  readonly #folder: string
  readonly #container: ChildProcess
  readonly #leader: string

  private constructor(folder: string, container: ChildProcess, leader: string) {
    this.#folder = folder
    this.#container = container
    this.#leader = leader
  }

  /** `shared`: a folder that is there as `sharedFolder`. */
  static async boot(shared: string): Promise<LinuxMachine> {
    const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-machine-'))
    const tree = path.join(folder, 'tree')
    const release =
      /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
    await call(mmdebstrapProgram, ['--variant=essential', `--include=${packages.join(',')}`, release, tree])
    const container = spawn(
      nspawnProgram,
      [
        ...['--quiet', '--register=no', '--keep-unit', '--boot', '--console=pipe'],
        ...['--machine=msgtrk-test', `--hostname=${hostname()}`, `--directory=${tree}`],
        `--bind=${shared}:${sharedFolder}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let said = ''
    for (const stream of [container.stdout, container.stderr]) stream?.on('data', (text) => (said += text))
    try {
      return await vi.waitFor(
        async () => {
          // At first it may be one that only prepares the folder.
          const machine = new LinuxMachine(folder, container, await childOf(container.pid ?? 0))
          const { stdout, stderr } = await machine.run('systemctl', 'is-system-running')
          if (!/running|degraded/.test(stdout)) throw new Error(`is ${stdout}${stderr}`)
          return machine
        },
        { timeout: 60_000, interval: 200 },
      )
    } catch (error) {
      container.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      throw new Error(`no machine: ${said}`, { cause: error })
    }
  }

  /** Runs a command as root there, to its end. */
  async run(...command: readonly string[]): Promise<Said> {
    const inside = ['--target', this.#leader, '--all', '/usr/bin/env', '--ignore-environment', '--chdir=/']
    try {
      const { stdout, stderr } = await call('nsenter', [...inside, `PATH=${standardPath}`, ...command])
      return { code: 0, stdout, stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string }
      if (typeof code !== 'number') throw error
      return { code, stdout, stderr }
    }
  }

  /** Shuts it down and removes it. */
  async close(): Promise<void> {
    const ended = once(this.#container, 'close')
    await this.run('systemctl', 'poweroff', '--no-block')
    await ended
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The first process that another has started. */
async function childOf(pid: number): Promise<string> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const [first] = children.split(' ')
  if (!first) throw new Error('has started none yet')
  return first
}
