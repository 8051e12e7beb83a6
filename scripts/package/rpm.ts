/** A package for Red Hat, Rocky, Alma, Fedora and SUSE. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { TargetName } from './executable.ts'
import { layOut, maintainerOf } from './linux-files.ts'
import { call, type Tool, type Workshop } from './workshop.ts'

export const rpmTools: readonly Tool[] = [{ program: 'rpmbuild', debian: 'rpm' }]

const architectures = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' } as const

/** Makes it; gives its name. */
export async function rpmOf(
  workshop: Workshop,
  target: TargetName & keyof typeof architectures,
): Promise<string> {
  const { root, version, homepage, out, temporary, seconds } = workshop
  const architecture = architectures[target]
  const work = path.join(temporary, `rpm-${architecture}`)
  const tree = path.join(work, 'tree')
  await layOut(workshop, target, tree)
  // The packages have it, so that it goes with them where nothing is in it.
  await mkdir(path.join(tree, 'var/lib/msgtrk'), { recursive: true })
  const defined = {
    _topdir: work,
    _rpmdir: path.join(work, 'made'),
    tree,
    packed_version: version.replace('-', '~'),
    packed_release: '1',
    packed_url: homepage,
    packed_by: maintainerOf(workshop),
    // As fast as that of Debian (decision 60).
    _binary_payload: 'w1T2.xzdio',
  }
  await call(
    'rpmbuild',
    [
      '-bb',
      '--target',
      architecture,
      ...Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
      path.join(root, 'deploy/linux/rpm/msgtrk.spec'),
    ],
    { env: { SOURCE_DATE_EPOCH: `${seconds}` } },
  )
  const folder = path.join(work, 'made', architecture)
  const [name = ''] = await readdir(folder)
  await copyFile(path.join(folder, name), path.join(out, name))
  return name
}
