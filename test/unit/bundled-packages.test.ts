import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { version } from '../../src/package/version.ts'

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes: readonly { readonly content: string }[]
}

const dist = new URL('../../dist/', import.meta.url)
let bill: {
  readonly metadata: { readonly component: { readonly version: string } }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly dependsOn: readonly string[] }[]
}
beforeAll(async () => {
  bill = JSON.parse(await readFile(new URL('sbom.cdx.json', dist), 'utf8'))
})

test('the bill of materials has the packages whose licences stand in the program, and no tools', async () => {
  const licences = await readFile(new URL('THIRD-PARTY-LICENSES.md', dist), 'utf8')
  const licensed = [...licences.matchAll(/^## (\S+) (\S+): /gm)].map(([, name, of]) => `${name} ${of}`)
  const listed = bill.components.map((each) => `${each.name} ${each.version}`)
  expect(listed).toEqual(licensed)
  expect(listed).toEqual(
    expect.arrayContaining([expect.stringMatching(/^zod /), expect.stringMatching(/^uplot /)]),
  )
  expect(listed).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(vitest|esbuild|typescript) /)]))
})

test('each is named as scanners look for it, with the digest of the lock', () => {
  expect(bill.metadata.component.version).toBe(version)
  const azure = bill.components.find(({ name }) => name === '@azure/identity')
  expect(azure?.purl).toBe(`pkg:npm/%40azure/identity@${azure?.version}`)
  for (const { hashes } of bill.components) expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/)
  expect(bill.dependencies[0]?.dependsOn).toEqual(bill.components.map(({ purl }) => purl))
})
