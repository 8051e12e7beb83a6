/** Packages that the bundle is made of: their licences, and the bill of materials. What is only installed beside them is in neither. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const packagePath = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string
  readonly licenseText: string
  /** SHA-512 of the package as the registry has it, in hexadecimal; null where the lock names none. */
  readonly sha512: string | null
}

/** Those that one of these files is of, by name; `root`: the folder of the lock. Throws where a licence is not to be found. */
export function packagesOf(files: readonly string[], root: string): readonly BundledPackage[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  const folders = new Set(files.flatMap((file) => packagePath.exec(file)?.[0] ?? []))
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    )
    if (typeof license !== 'string') throw new Error(`${folder}: package.json names no licence`)
    const licenseText = textOfLicence(path.join(root, folder))
    if (licenseText === '') throw new Error(`${folder}: the text of its licence is nowhere to be found`)
    const [, digest] = /^sha512-(.*)$/.exec(lock[folder]?.integrity ?? '') ?? []
    const sha512 = digest === undefined ? null : Buffer.from(digest, 'base64').toString('hex')
    return { name, version, license, licenseText, sha512 }
  })
}

/** Name, version and licence of each, as a page. */
export function licencesOf(packages: readonly BundledPackage[]): string {
  const entries = packages.map(
    ({ name, version, license, licenseText }) =>
      `## ${name} ${version}: ${license}\n\n${licenseText.replace(/^/gm, '    ').trimEnd()}\n`,
  )
  return `# Packages in this program and their licences\n\n${entries.join('\n')}`
}

/** A part of what is listed, in the form of CycloneDX 1.6. */
export interface Component {
  readonly type: string
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly [more: string]: unknown
}

/** The bill of materials of the program; the same for the same parts, so without a date. */
export function billOf(components: readonly Component[], version: string): object {
  const program = { type: 'application', 'bom-ref': `msgtrk@${version}`, name: 'msgtrk', version }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: program },
    components,
    dependencies: [{ ref: program['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }],
  }
}

/** A package as a part of the bill. */
export function componentOf({ name, version, license, sha512 }: BundledPackage): Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [{ expression: license }],
    ...(sha512 !== null && { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
  }
}

/** From the file of the licence, else from the part of the read-me that tells of it; empty without both. */
function textOfLicence(folder: string): string {
  const textOf = (pattern: RegExp) => {
    const file = readdirSync(folder).find((name) => pattern.test(name))
    return file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim()
  }
  return textOf(/^licen[cs]e/i) || (/^#+ *licen[cs]e *$([^#]+)/im.exec(textOf(/^readme/i))?.[1] ?? '').trim()
}
