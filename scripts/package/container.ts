/**
 * An image for containers, by deploy/container/Containerfile. Its base is made here of the few packages of Debian that the
 * executable needs, so that no registry of images has to be reached; scanners find them by name and version.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tarIn, tarTools } from './archive.ts'
import { executableFolder, type TargetName } from './executable.ts'
import { call, type Tool, type Workshop } from './workshop.ts'

export const containerTools: readonly Tool[] = [
  { program: 'buildah', debian: 'buildah' },
  { program: 'apt-get', debian: 'apt' },
  { program: 'dpkg-deb', debian: 'dpkg' },
  ...tarTools,
]

/** Besides what `libgcc-s1` depends on. */
const basePackages = ['base-files', 'ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6'] as const

/** Makes it, as an archive that `docker load` and `podman load` take; gives its name. */
export async function imageOf(workshop: Workshop, target: TargetName): Promise<string> {
  const { root, version, temporary, seconds } = workshop
  const work = path.join(temporary, `container-${target}`)
  await mkdir(work)
  // Of its own, so that nothing of another image is in it, and nothing of it stays.
  const store = ['--root', path.join(work, 'store'), '--runroot', path.join(work, 'run')]
  const buildah = (...args: readonly string[]) =>
    call('buildah', [...store, '--storage-driver', 'vfs', ...args])
  const dated = ['--timestamp', `${seconds}`, '--format', 'docker']

  const base = (await buildah('from', 'scratch')).trim()
  await buildah('copy', base, await baseTree(work), '/')
  await buildah('commit', ...dated, base, 'localhost/base')
  const id = path.join(work, 'id')
  const containerfile = path.join(root, 'deploy/container/Containerfile')
  const given = [
    '--build-arg',
    'BASE=localhost/base',
    '--label',
    `org.opencontainers.image.version=${version}`,
  ]
  const context = await executableFolder(workshop, target)
  const how = ['--isolation', 'chroot', ...dated, ...given, '--file', containerfile, '--iidfile', id]
  await buildah('build', ...how, context)
  const archive = path.join(work, 'image.tar')
  await buildah('push', await readFile(id, 'utf8'), `docker-archive:${archive}`)
  const image = path.join(work, 'image')
  await mkdir(image)
  await call('tar', ['-xf', archive, '-C', image])
  const names = await alwaysTheSame(image, `msgtrk:${version}`)
  return await tarIn(workshop, image, names, `msgtrk-${version}-${target}.image`)
}

interface ImageConfig {
  config?: { Hostname?: string }
  container_config?: { Hostname?: string }
  /** By numbers of what was there for the building alone. */
  container?: string
  parent?: string
}

/** Takes out of an unpacked image what is another one at each building; gives its name, and gives the names of its files. */
async function alwaysTheSame(folder: string, name: string): Promise<readonly string[]> {
  const file = path.join(folder, 'manifest.json')
  const [{ Config, Layers }] = JSON.parse(await readFile(file, 'utf8')) as [
    { readonly Config: string; readonly Layers: readonly string[] },
  ]
  const { container, parent, ...config } = JSON.parse(
    await readFile(path.join(folder, Config), 'utf8'),
  ) as ImageConfig
  delete config.config?.Hostname
  delete config.container_config?.Hostname
  const text = JSON.stringify(config)
  const configName = `${createHash('sha256').update(text).digest('hex')}.json`
  await writeFile(path.join(folder, configName), text)
  await writeFile(file, JSON.stringify([{ Config: configName, RepoTags: [name], Layers }]))
  return ['manifest.json', configName, ...Layers]
}

/** The files of the packages, and what their scripts would have made of them. */
async function baseTree(work: string): Promise<string> {
  const debs = path.join(work, 'debs')
  const tree = path.join(work, 'tree')
  await mkdir(debs)
  const download = (...names: readonly string[]) =>
    call('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...names], { cwd: debs })
  await download(...basePackages)
  const [runtime = ''] = (await readdir(debs)).filter((name) => name.startsWith('libgcc-s1_'))
  const depends = await call('dpkg-deb', ['--field', path.join(debs, runtime), 'Depends'])
  await download(/gcc-\d+-base/.exec(depends)?.[0] ?? '')

  await mkdir(path.join(tree, 'var/lib/dpkg/status.d'), { recursive: true })
  for (const deb of (await readdir(debs)).toSorted()) {
    const file = path.join(debs, deb)
    await call('dpkg-deb', ['--extract', file, tree])
    const control = await call('dpkg-deb', ['--field', file])
    await writeFile(path.join(tree, 'var/lib/dpkg/status.d', deb.split('_')[0] ?? ''), control)
  }
  for (const unused of [
    'usr/share/man',
    'usr/share/lintian',
    'usr/share/locale',
    'usr/sbin',
    'usr/bin',
    'sbin',
  ]) {
    await rm(path.join(tree, unused), { recursive: true, force: true })
  }
  const authorities = path.join(tree, 'usr/share/ca-certificates/mozilla')
  const certificates = (await readdir(authorities))
    .toSorted()
    .map((name) => readFile(path.join(authorities, name)))
  await mkdir(path.join(tree, 'etc/ssl/certs'), { recursive: true })
  await writeFile(
    path.join(tree, 'etc/ssl/certs/ca-certificates.crt'),
    Buffer.concat(await Promise.all(certificates)),
  )
  await writeFile(
    path.join(tree, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nmsgtrk:x:65532:65532:msgtrk:/var/lib/msgtrk:/sbin/nologin\n',
  )
  await writeFile(path.join(tree, 'etc/group'), 'root:x:0:\nmsgtrk:x:65532:\n')
  return tree
}
