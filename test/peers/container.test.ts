/** The image for containers, as Podman runs it: `npm run package -- container` makes it before. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { distinct } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'
import { packageFile } from './package-files.ts'
import { describePeer } from './peer.ts'
import { podmanProgram, runcProgram } from './programs.ts'

const call = promisify(execFile)
const archive = packageFile('.image.tar.gz')
const name = 'msgtrk-test'
const rows = 600

describePeer('the image', [podmanProgram, runcProgram, archive], () => {
  let folder: string
  let image: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-podman-'))
    const unpacked = path.join(folder, 'image.tar')
    await writeFile(unpacked, gunzipSync(await readFile(archive)))
    const { stdout } = await podman('load', '--quiet', '--input', unpacked)
    image = /Loaded image: (\S+)/.exec(stdout)?.[1] ?? ''
  })
  afterAll(async () => {
    await podman('rm', '--force', '--all')
    await rm(folder, { recursive: true, force: true })
  })

  /** With images and containers of its own, and without a system that has cgroups of its own for it. */
  const podman = (...args: readonly string[]) => {
    const places = ['--root', path.join(folder, 'root'), '--runroot', path.join(folder, 'run')]
    const how = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--runtime', runcProgram]
    return call(podmanProgram, [...places, ...how, ...args])
  }

  test('delivers without rights on a read-only root, is healthy, and stops with all settled', async ({
    onTestFinished,
  }) => {
    const place = await Workplace.open(onTestFinished)
    await chmod(place.folder, 0o755)
    await mkdir(place.path('EX01'))
    const siem = await place.collect()
    const config = await place.write(
      'msgtrk.yaml',
      `state: /var/lib/msgtrk\nsources: [{ name: EX01, folder: /mnt/EX01 }]\n` +
        `destinations: [{ name: siem, to: '${siem.url}', mapping: auto }]\n`,
    )
    const how = [
      ...['--read-only', '--cap-drop=all', '--security-opt=no-new-privileges', '--network=host'],
      ...['--ulimit=nofile=4096:4096', '--ulimit=nproc=4096:4096'],
      ...[
        '--volume',
        `${config}:/etc/msgtrk/msgtrk.yaml:ro`,
        '--volume',
        `${place.path('EX01')}:/mnt/EX01:ro`,
      ],
      ...['--volume', 'state:/var/lib/msgtrk'],
    ]
    await podman('run', '--detach', '--name', name, ...how, image)
    await place.simulate('EX01', rows, { rate: 300 })
    await siem.has(distinct(await place.expectedFrames('EX01')))
    await vi.waitFor(() => podman('healthcheck', 'run', name), { timeout: 60_000, interval: 500 })
    const { stdout: user } = await podman('inspect', '--format', '{{.Config.User}}', name)
    expect(user).toBe('65532:65532\n')
    await podman('stop', '--time', '30', name)
    const { stdout: code } = await podman('inspect', '--format', '{{.State.ExitCode}}', name)
    expect(code).toBe('0\n')
    // The volume is the account's: what was settled is known after the container is gone.
    await podman('rm', name)
    const again = await podman(
      'run',
      '--rm',
      ...how,
      image,
      'state',
      'show',
      '--config',
      '/etc/msgtrk/msgtrk.yaml',
    )
    expect(again.stdout).toContain('EX01')
  })
})
