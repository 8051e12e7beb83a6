/**
 * Makes packages of what is built: `npm run package -- linux-x64 win-x64`; without a name all that this machine has the
 * programs for. They go into `packages/`, which is emptied before, with their checksums in SHA256SUMS. On a Linux machine.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeChecksums } from './checksums.ts'
import { kinds } from './kinds.ts'
import { call, missingOf, type PackageKind, type Workshop } from './workshop.ts'

const root = path.join(import.meta.dirname, '../..')
const out = path.join(root, 'packages')

await main(process.argv.slice(2))

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !kinds.some((kind) => kind.name === name))
  if (unknown.length > 0)
    return fail(
      `there is no package ${unknown.join(', ')}; there are ${kinds.map(({ name }) => name).join(', ')}`,
    )
  const wanted = kinds.filter(({ name }) => names.length === 0 || names.includes(name))
  const lacking = new Map<PackageKind, readonly string[]>()
  for (const kind of wanted) {
    const missing = await missingOf(kind.tools)
    if (missing.length > 0) lacking.set(kind, [...new Set(missing.map(({ debian }) => debian))])
  }
  for (const [{ name }, packages] of lacking)
    console.error(`Not made: ${name}, which needs: apt-get install ${packages.join(' ')}`)
  if (names.length > 0 && lacking.size > 0) return fail('what is named could not all be made')
  await makeAll(wanted.filter((kind) => !lacking.has(kind)))
}

async function makeAll(wanted: readonly PackageKind[]): Promise<void> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'msgtrk-packages-'))
  try {
    await rm(out, { recursive: true, force: true })
    await mkdir(out)
    const { version, homepage, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
    const seconds = await lastChange()
    const workshop: Workshop = { root, version, homepage, license, out, temporary, seconds }
    const made: string[] = []
    for (const kind of wanted) {
      console.error(`Making ${kind.name} …`)
      made.push(...(await kind.make(workshop)))
    }
    const sums = await writeChecksums(out, made)
    console.log(`In packages/:\n${sums.trimEnd()}`)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** In seconds: SOURCE_DATE_EPOCH, or when the last commit was. */
async function lastChange(): Promise<number> {
  return Number(
    process.env.SOURCE_DATE_EPOCH ?? (await call('git', ['log', '-1', '--format=%ct'], { cwd: root })),
  )
}

function fail(reason: string): void {
  console.error(reason)
  process.exitCode = 1
}
