/** The package for npm, and beside it the bill of what is in it: in other packages that is within. */
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { call, type Workshop } from './workshop.ts'

/** Makes both; gives their names. */
export async function npmPackageOf({ root, version, out }: Workshop): Promise<readonly string[]> {
  // What it would build is built.
  const packed = await call('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], {
    cwd: root,
  })
  const bill = `msgtrk-${version}.cdx.json`
  await copyFile(path.join(root, 'dist/sbom.cdx.json'), path.join(out, bill))
  return [packed.trim(), bill]
}
