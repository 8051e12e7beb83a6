/** What lies beside an executable: the licences of all that is in it, the bill of its materials, what is new. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { billOf, type Component, componentOf, licencesOf, packagesOf } from '../bundled-packages.ts'
import { koffiForWindows, nodeLicence } from './registry.ts'
import { call, type Workshop } from './workshop.ts'

/** Writes it into the folder of an executable with this Node.js, for Windows with the machine code of koffi and the host of the service. */
export async function addBeside(
  workshop: Workshop,
  folder: string,
  { nodeVersion, isWindows }: { readonly nodeVersion: string; readonly isWindows: boolean },
): Promise<void> {
  const { root, version } = workshop
  for (const name of ['LICENSE', 'CHANGELOG.md'])
    await copyFile(path.join(root, name), path.join(folder, name))
  if (isWindows) {
    await copyFile(await koffiForWindows(workshop), path.join(folder, 'koffi.node'))
    await call(path.join(root, 'deploy/windows/build.sh'), [path.join(folder, 'msgtrk-service.exe')])
  }
  const koffi = isWindows ? packagesOf(['node_modules/koffi/'], root) : []
  const dist = (name: string) => readFile(path.join(root, 'dist', name), 'utf8')
  const { components } = JSON.parse(await dist('sbom.cdx.json')) as { readonly components: Component[] }
  const bill = billOf([...components, ...koffi.map(componentOf), nodeComponent(nodeVersion)], version)
  await writeFile(path.join(folder, 'msgtrk.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  const licences = [
    await dist('THIRD-PARTY-LICENSES.md'),
    ...(isWindows ? [licencesOf(koffi)] : []),
    `# Node.js ${nodeVersion}, which is in this program, and what is in it\n`,
    await nodeLicence(workshop, nodeVersion),
  ]
  await writeFile(path.join(folder, 'THIRD-PARTY-LICENSES.md'), licences.join('\n'))
}

/** By its CPE scanners find what is known of it. */
function nodeComponent(version: string): Component {
  const purl = `pkg:generic/node@${version}`
  return {
    type: 'platform',
    'bom-ref': purl,
    name: 'node',
    version,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl,
    licenses: [{ license: { id: 'MIT' } }],
  }
}
