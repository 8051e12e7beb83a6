/** A package for Debian and Ubuntu. */
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { TargetName } from './executable.ts'
import { layOut, maintainerOf } from './linux-files.ts'
import { call, type Tool, type Workshop } from './workshop.ts'

export const debTools: readonly Tool[] = [{ program: 'dpkg-deb', debian: 'dpkg' }]

const architectures = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' } as const

/** Makes it; gives its name. */
export async function debOf(
  workshop: Workshop,
  target: TargetName & keyof typeof architectures,
): Promise<string> {
  const { root, version, homepage, out, temporary, seconds } = workshop
  const architecture = architectures[target]
  const folder = path.join(temporary, `deb-${architecture}`)
  await layOut(workshop, target, folder)
  const packed = debVersion(version)
  const maintainer = maintainerOf(workshop)
  const share = path.join(folder, 'usr/share')
  await writeFile(
    path.join(share, 'doc/msgtrk/changelog.Debian.gz'),
    gzipSync(
      `msgtrk (${packed}) stable; urgency=medium\n\n  * msgtrk ${version}: see changelog.gz.\n\n -- ${maintainer}  ${rfc2822(seconds)}\n`,
      { level: 9 },
    ),
  )
  await mkdir(path.join(share, 'lintian/overrides'), { recursive: true })
  const of = (name: string) => path.join(root, 'deploy/linux/deb', name)
  await copyFile(of('lintian-overrides'), path.join(share, 'lintian/overrides/msgtrk'))

  const files = await filesBelow(folder)
  const control = path.join(folder, 'DEBIAN')
  await mkdir(control)
  const kilobytes = Math.ceil(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024)
  await writeFile(
    path.join(control, 'control'),
    `Package: msgtrk
Version: ${packed}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: adduser, libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5)
Section: admin
Priority: optional
Homepage: ${homepage}
Description: Exchange message tracking logs to CEF over syslog
 msgtrk follows Microsoft Exchange message tracking logs and delivers every
 record as a CEF event over syslog (UDP, TCP, TLS), or to files, Kafka or
 Microsoft Sentinel, without losing one.
`,
  )
  await writeFile(path.join(control, 'conffiles'), '/etc/msgtrk/environment\n')
  await writeFile(
    path.join(control, 'md5sums'),
    files.map(({ name, md5 }) => (name.startsWith('etc/') ? '' : `${md5}  ${name}\n`)).join(''),
  )
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await copyFile(of(script), path.join(control, script))
    await chmod(path.join(control, script), 0o755)
  }
  const name = `msgtrk_${packed}_${architecture}.deb`
  // Level 1 takes a sixth of the time of the usual one, and a sixth more room (decision 60).
  const options = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=2']
  await call('dpkg-deb', [...options, '--build', folder, path.join(out, name)], {
    env: { SOURCE_DATE_EPOCH: `${seconds}` },
  })
  return name
}

/** What comes before a version, such as 1.0.0-rc.1, is older than it by its tilde. */
function debVersion(version: string): string {
  return `${version.replace('-', '~')}-1`
}

async function filesBelow(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return await Promise.all(
    files.toSorted().map(async (file) => ({
      name: path.relative(folder, file),
      bytes: (await stat(file)).size,
      md5: createHash('md5')
        .update(await readFile(file))
        .digest('hex'),
    })),
  )
}

/** As a changelog of Debian has it: Sat, 28 Nov 2026 11:00:00 +0000. */
function rfc2822(seconds: number): string {
  return new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')
}
