/** The files of a package for Linux where they are once it is installed, for deb and rpm alike. */
import { chmod, copyFile, cp, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { unitText } from '../../src/cli/service/systemd.ts'
import { executableFolder, type TargetName } from './executable.ts'
import { manPage } from './man-page.ts'
import { call, type Workshop } from './workshop.ts'

/** What is for a person to read, by its place in the project. */
const forReaders: readonly (readonly [from: string, to: string])[] = [
  ['docs', 'docs'],
  ['examples', 'examples'],
  ['deploy/prometheus', 'examples/prometheus'],
  ['deploy/grafana', 'examples/grafana'],
]

/** Lays them out below a folder, which is made. */
export async function layOut(workshop: Workshop, target: TargetName, folder: string): Promise<void> {
  const { root, seconds } = workshop
  const place = async (name: string, content: string | Uint8Array, mode = 0o644) => {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
    await chmod(file, mode)
  }
  const executable = await executableFolder(workshop, target)
  await mkdir(path.join(folder, 'usr/bin'), { recursive: true })
  await copyFile(path.join(executable, 'msgtrk'), path.join(folder, 'usr/bin/msgtrk'))
  await chmod(path.join(folder, 'usr/bin/msgtrk'), 0o755)
  await place('usr/lib/systemd/system/msgtrk.service', packagedUnit)
  await place('etc/msgtrk/environment', await readFile(path.join(root, 'deploy/linux/environment')), 0o600)
  await place('usr/share/man/man1/msgtrk.1.gz', gzip(await manPage(workshop)))

  const doc = 'usr/share/doc/msgtrk'
  await place(`${doc}/copyright`, copyright(workshop))
  for (const name of ['THIRD-PARTY-LICENSES.md', 'msgtrk.cdx.json']) {
    await place(`${doc}/${name}`, await readFile(path.join(executable, name)))
  }
  await place(`${doc}/changelog.gz`, gzip(await readFile(path.join(root, 'CHANGELOG.md'))))
  for (const [from, to] of forReaders) {
    await cp(path.join(root, from), path.join(folder, doc, to), {
      recursive: true,
      filter: (file) => !/\/docs\/(?:decisions|parts|pictures)$/.test(file),
    })
  }
  // Whoever makes the package, with whatever mask.
  await call('chmod', ['-R', 'u=rwX,go=rX', path.join(folder, 'usr')])
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await utimes(path.join(entry.parentPath, entry.name), seconds, seconds)
  }
}

/** Who answers for a package: the maintainers, at the host of the homepage. */
export function maintainerOf({ homepage }: Workshop): string {
  return `msgtrk maintainers <maintainers@${new URL(homepage).hostname}>`
}

/** That of `msgtrk service install` for the account and the places of the packages. */
const packagedUnit = unitText(
  {
    name: 'msgtrk',
    config: '/etc/msgtrk/msgtrk.yaml',
    program: ['/usr/bin/msgtrk'],
    writes: ['/var/lib/msgtrk', '/var/log/msgtrk'],
    reads: [],
    secrets: [],
    account: 'msgtrk',
    environment: '/etc/msgtrk/environment',
  },
  'Of the package msgtrk. For changes: systemctl edit msgtrk.',
)

function copyright({ homepage, license }: Workshop): string {
  return `msgtrk, from ${homepage}

Copyright: the contributors of msgtrk
License: ${license}, the text of which is on Debian systems in
/usr/share/common-licenses/Apache-2.0.

What else is in /usr/bin/msgtrk, Node.js among it, has its copyright and its
licences in /usr/share/doc/msgtrk/THIRD-PARTY-LICENSES.md.
`
}

/** Without a name or a time. */
function gzip(text: string | Uint8Array): Uint8Array {
  return gzipSync(text, { level: 9 })
}
