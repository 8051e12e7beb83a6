/** The packages for Linux, on a machine with systemd: `npm run package -- deb rpm` makes them before. */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'
import { LinuxMachine, sharedFolder } from './linux-machine.ts'
import { packageFile } from './package-files.ts'
import { describePeer } from './peer.ts'
import { lintianProgram, mmdebstrapProgram, nspawnProgram } from './programs.ts'

const call = promisify(execFile)
const config = '/etc/msgtrk/msgtrk.yaml'
const positions = '/var/lib/msgtrk/siem/positions.json'
const rows = 1200

/** How a kind of package is handled, and what becomes of things when it is removed. */
interface Kind {
  readonly name: string
  readonly file: string
  /** Makes of a package the same in a higher version; gives its path. */
  newer(file: string, folder: string): Promise<string>
  readonly install: readonly string[]
  readonly upgrade: readonly string[]
  readonly remove: readonly string[]
  /** What takes away all the rest, where there is such a thing. */
  readonly purge?: readonly string[]
}

const deb: Kind = {
  name: 'deb',
  file: packageFile('_amd64.deb'),
  async newer(file, folder) {
    const tree = path.join(folder, 'tree')
    await call('dpkg-deb', ['--raw-extract', file, tree])
    const control = path.join(tree, 'DEBIAN/control')
    await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, 'Version: 99.0.0-1'))
    const name = path.join(folder, 'newer.deb')
    await call('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, name])
    return name
  },
  install: ['dpkg', '--install'],
  upgrade: ['dpkg', '--install'],
  remove: ['dpkg', '--remove', 'msgtrk'],
  purge: ['dpkg', '--purge', 'msgtrk'],
}

const rpm: Kind = {
  name: 'rpm',
  file: packageFile('.x86_64.rpm'),
  async newer(file, folder) {
    const tree = path.join(folder, 'tree')
    await mkdir(tree)
    await call('sh', ['-c', 'rpm2archive --nocompression - <"$0" | tar -x', file], { cwd: tree })
    const defined = { _topdir: folder, _rpmdir: folder, tree, packed_version: '99.0.0', packed_release: '1' }
    const args = Object.entries({
      ...defined,
      packed_url: 'none',
      packed_by: 'nobody',
      _binary_payload: 'w0.gzdio',
    }).flatMap(([name, value]) => ['--define', `${name} ${value}`])
    const spec = path.join(import.meta.dirname, '../../deploy/linux/rpm/msgtrk.spec')
    await call('rpmbuild', ['-bb', ...args, spec])
    return path.join(folder, 'x86_64/msgtrk-99.0.0-1.x86_64.rpm')
  },
  // What it depends on is there by packages of Debian.
  install: ['rpm', '--install', '--nodeps'],
  upgrade: ['rpm', '--upgrade', '--nodeps'],
  remove: ['rpm', '--erase', 'msgtrk'],
}

const programs = [mmdebstrapProgram, nspawnProgram, lintianProgram, '/usr/bin/rpmbuild']
describePeer('packages for Linux', [...programs, deb.file, rpm.file], () => {
  let place: Workplace
  let machine: LinuxMachine
  const atEnd: (() => Promise<void>)[] = []
  beforeAll(async () => {
    place = await Workplace.open((end) => atEnd.push(end))
    // For the account of the service as well.
    await chmod(place.folder, 0o755)
    machine = await LinuxMachine.boot(place.folder)
  }, 300_000)
  afterAll(async () => {
    await machine?.close()
    for (const end of atEnd) await end()
  }, 60_000)

  const done = async (...command: readonly string[]) => {
    const said = await machine.run(...command)
    expect(said, `${command.join(' ')}: ${said.stdout}${said.stderr}`).toMatchObject({ code: 0 })
    return said.stdout
  }
  const property = async (name: string) =>
    (await machine.run('systemctl', 'show', '--value', '--property', name, 'msgtrk')).stdout.trim()
  const isThere = async (file: string) => (await machine.run('test', '-e', file)).code === 0

  test.each([deb, rpm])(
    'a $name is installed, runs as its own account in its sandbox, is upgraded while it runs, and removed',
    async ({ name, file, newer, install, upgrade, remove, purge }) => {
      const folder = place.path(name)
      await mkdir(folder)
      const there = (made: string) => path.join(sharedFolder, path.relative(place.folder, made))
      const packed = path.join(folder, path.basename(file))
      await copyFile(file, packed)
      const siem = await place.collect()
      const logs = path.join(name, 'EX01')
      await machine.run('rm', '-rf', '/etc/msgtrk', '/var/lib/msgtrk')
      await mkdir(place.path(logs))

      expect(await done(...install, there(packed))).toContain(`msgtrk init --config ${config}`)
      expect(await property('ActiveState')).toBe('inactive')
      expect(await property('UnitFileState')).toBe('disabled')
      const unit = await property('FragmentPath')
      expect(await machine.run('systemd-analyze', 'verify', unit)).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      })
      const exposure = await done('systemd-analyze', 'security', '--offline=yes', unit)
      expect(Number(/exposure level for .*: ([\d.]+)/.exec(exposure)?.[1])).toBeLessThanOrEqual(2)

      // Without a configuration it says so and is not tried again.
      await machine.run('systemctl', 'start', 'msgtrk')
      await vi.waitFor(async () => expect(await property('ExecMainStatus')).toBe('2'), { timeout: 30_000 })
      await done('systemctl', 'reset-failed', 'msgtrk')

      const half = rows / 2
      await place.simulate(logs, half, { rate: 300 })
      const options = ['--from', there(place.path(logs)), '--to', siem.url, '--http', '127.0.0.1:0']
      const places = ['--config', config, '--state', '/var/lib/msgtrk']
      await done('msgtrk', 'init', '--yes', ...options, ...places)
      await done('systemctl', 'enable', '--now', 'msgtrk')
      const first = await property('MainPID')
      expect(await done('stat', '-c', '%U', `/proc/${first}`)).toBe('msgtrk\n')
      const expected = await place.expectedFrames(logs)
      await siem.has(distinct(expected))
      const status = ['runuser', '--user', 'msgtrk', '--', 'msgtrk', 'status', '--config', config]
      await vi.waitFor(async () => expect(await machine.run(...status)).toMatchObject({ code: 0 }), {
        timeout: 30_000,
        interval: 500,
      })
      await vi.waitFor(async () => expect(await isThere(positions)).toBe(true), {
        timeout: 30_000,
        interval: 200,
      })
      expect(await done('stat', '-c', '%U %a', '/var/lib/msgtrk', positions)).toBe('msgtrk 700\nmsgtrk 600\n')
      await done('systemctl', 'reload', 'msgtrk')

      await done(...upgrade, there(await newer(packed, folder)))
      expect(await property('ActiveState')).toBe('active')
      expect(await property('MainPID')).not.toBe(first)
      await place.simulate(logs, half, { rate: 300, seed: 2 })
      const all = await place.expectedFrames(logs)
      await siem.has(distinct(all))
      expect(judge(siem.frames, all)).toEqual(allThereInOrder)

      await done('systemctl', 'stop', 'msgtrk')
      expect(await property('Result')).toBe('success')
      await done('systemctl', 'start', 'msgtrk')
      await done(...remove)
      expect(await property('ActiveState')).toBe('inactive')
      expect(await isThere('/usr/bin/msgtrk')).toBe(false)
      expect(await isThere(config)).toBe(true)
      expect(await isThere(positions)).toBe(true)
      if (purge !== undefined) {
        await done(...purge)
        for (const left of ['/etc/msgtrk', '/var/lib/msgtrk']) expect(await isThere(left), left).toBe(false)
      }
    },
  )

  test('a deb has no error in the eyes of Debian', async () => {
    const said = await call(lintianProgram, ['--allow-root', '--fail-on', 'error', deb.file])
    expect(said.stdout).not.toMatch(/^E: /m)
  })
})
