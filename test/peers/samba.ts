/** A real SMB server with one share, and a mount of it, in a network of their own: the client knows port 445 alone. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { pythonProgram, sambaPrograms } from './programs.ts'

const { smbd, smbnetfs, pdbedit, smbcontrol, unshare, nsenter, ip, pkill } = sambaPrograms
const START = { timeout: 20_000, interval: 50 }
const share = 'MessageTracking'
/** Samba maps each of its accounts to one of the system: this one is there, and may read what the test writes. */
const account = 'root'
const password = 'first-Secret-1'

const run = promisify(execFile)

/** A share, and what may happen to it. */
export interface SambaShare {
  /** The folder as the server has it. */
  readonly served: string
  /** The folder as the client sees it. */
  readonly mounted: string
  /** Ends the server with all of its processes where they stand. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Takes the share away, also from who uses it, or gives it back. */
  offer(isThere: boolean): Promise<void>
  /** Disables the account of the client and ends its session, or enables it again. */
  allow(isAllowed: boolean): Promise<void>
  end(): Promise<void>
}

/** Serves an empty folder below `folder`, and mounts it there. */
export async function openShare(folder: string): Promise<SambaShare> {
  const at = (...names: readonly string[]) => path.join(folder, ...names)
  const folders = ['served', 'mount', 'client/.smb', 'private', 'lock', 'state', 'cache', 'pid']
  for (const name of folders) await mkdir(at('samba', name), { recursive: true })
  const place = at('samba')
  const config = path.join(place, 'smb.conf')
  const configure = (isThere: boolean) => writeFile(config, configOf(place, isThere))
  await configure(true)
  await writeFile(path.join(place, 'client/.smb/smb.conf'), configOf(place, true))
  const login = `auth "${account}" "${password}"\nsmb_tree_scan_period 300\nsmb_query_browsers "false"\nfree_space_size 0\n`
  await writeFile(path.join(place, 'client/.smb/smbnetfs.conf'), login, { mode: 0o600 })
  await createAccount(config)

  const network = await openNetwork()
  const within = (command: string, ...args: readonly string[]): readonly [string, readonly string[]] => [
    nsenter,
    [`--net=/proc/${network.pid}/ns/net`, command, ...args],
  ]
  let server: ChildProcess | undefined
  const start = async () => {
    server = spawnGroup(...within(smbd, '--foreground', '--no-process-group', '--configfile', config))
    await vi.waitFor(() => listens(network.pid, 445), START)
  }
  await start()
  const client = spawnGroup(...within(smbnetfs, '-f', '-o', 'direct_io', path.join(place, 'mount')), {
    HOME: path.join(place, 'client'),
  })
  const mounted = path.join(place, 'mount/127.0.0.1', share)
  const served = path.join(place, 'served')
  await writeFile(path.join(served, 'is-mounted'), '')
  // By another process: a call on a mount that does not answer never ends.
  await vi.waitFor(() => run('ls', [path.join(mounted, 'is-mounted')], { timeout: 5_000 }), START)

  const control = async (...message: readonly string[]) => {
    const [command, args] = within(smbcontrol, '--configfile', config, 'smbd', ...message)
    await run(command, args)
  }
  return {
    served,
    mounted,
    start,
    kill: () => endGroup(server),
    async offer(isThere) {
      await configure(isThere)
      await control('reload-config')
      if (!isThere) await control('close-share', share)
    },
    async allow(isAllowed) {
      const flags = isAllowed ? '[]' : '[D]'
      await run(pdbedit, ['--configfile', config, '--modify', '--user', account, '--account-control', flags])
      if (!isAllowed) await endSessions(server)
    },
    async end() {
      await endGroup(client)
      await run('umount', ['--lazy', path.join(place, 'mount')]).catch(() => {})
      await endGroup(server)
      await endGroup(network)
    },
  }
}

/** Holds a range of a file, as a program does that locks what it writes; the server refuses to read it then. */
export async function lockRange(file: string, start: number, length: number): Promise<() => Promise<void>> {
  const script = `import fcntl, sys
file = open(sys.argv[1], 'r+b')
fcntl.lockf(file, fcntl.LOCK_EX, int(sys.argv[3]), int(sys.argv[2]))
print('locked', flush=True)
sys.stdin.read()`
  const holder = spawn(pythonProgram, ['-c', script, file, String(start), String(length)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  return async () => {
    holder.stdin.end()
    await once(holder, 'close')
  }
}

function configOf(place: string, isThere: boolean): string {
  return `[global]
  server role = standalone server
  smb ports = 445
  interfaces = lo
  bind interfaces only = yes
  private dir = ${place}/private
  ncalrpc dir = ${place}/private/ncalrpc
  passdb backend = tdbsam:${place}/private/passdb.tdb
  lock directory = ${place}/lock
  state directory = ${place}/state
  cache directory = ${place}/cache
  pid directory = ${place}/pid
  log file = ${place}/smbd.log
  disable netbios = yes
  disable spoolss = yes
  load printers = no
  server min protocol = SMB2_10
  strict locking = yes
[${share}]
  path = ${place}/served
  valid users = ${account}
  read only = yes
  available = ${isThere ? 'yes' : 'no'}
`
}

async function createAccount(config: string): Promise<void> {
  const args = ['--configfile', config, '--create', '--user', account, '--password-from-stdin']
  const child = spawn(pdbedit, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  child.stdin.end(`${password}\n${password}\n`)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${pdbedit}: ${said}`)
}

/** A network with nothing but its loopback; it is there as long as the process is, which ends with this one. */
async function openNetwork(): Promise<ChildProcess> {
  const script = `${ip} link set lo up && echo up && exec cat`
  const child = spawn(unshare, ['--net', 'sh', '-c', script], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  const ended = once(child, 'close').then(() => Promise.reject(new Error(`no network of its own: ${said}`)))
  ended.catch(() => {})
  await Promise.race([once(child.stdout, 'data'), ended])
  return child
}

/** Rejects unless somebody listens on the port in the network of a process. */
async function listens(pid: number | undefined, port: number): Promise<void> {
  const { stdout } = await run('cat', [`/proc/${pid}/net/tcp`])
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  if (!new RegExp(`:${hex} 00000000:0000 0A `).test(stdout)) throw new Error(`nobody listens on port ${port}`)
}

function spawnGroup(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(command, args, { detached: true, stdio: 'ignore', env: { ...process.env, ...env } })
}

/** Kills a process with all that it started. */
async function endGroup(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}

/** Kills the children of the server: each session is one. */
async function endSessions(server: ChildProcess | undefined): Promise<void> {
  await run(pkill, ['-KILL', '-P', String(server?.pid)])
}
