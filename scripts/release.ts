/**
 * Makes a release of what is committed: `npm run release -- 0.2.0`. Gives "Unreleased" in CHANGELOG.md its version and
 * date, sets the version of the package and of the image in deploy/, commits and tags all that, and leaves all that `npm run package` makes, the source
 * maps and the checksums in `release/`. Publishes nothing: `git push --follow-tags`
 * and `npm publish release/msgtrk-0.2.0.tgz` are a person's to say.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { checksumsFile, writeChecksums } from './package/checksums.ts'
import { kinds } from './package/kinds.ts'
import { missingOf } from './package/workshop.ts'

const root = path.join(import.meta.dirname, '..')
const [version = ''] = process.argv.slice(2)

if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/.test(version)) fail('say the version, such as 0.2.0')
if (run('git', 'status', '--porcelain') !== '') fail('commit or put away what is changed first')
if (run('git', 'tag', '--list', `v${version}`) !== '') fail(`v${version} is tagged already`)

if (/https:\/\/[^"]*\.example\//.test(readFileSync(path.join(root, 'package.json'), 'utf8'))) {
  fail('homepage, repository and bugs in package.json are placeholders (.example); put the real places in')
}

const missing = await missingOf(kinds.flatMap(({ tools }) => tools))
if (missing.length > 0) {
  const packages = new Set(missing.map(({ debian }) => debian))
  fail(`install what makes the packages first: apt-get install ${[...packages].join(' ')}`)
}

const changelog = path.join(root, 'CHANGELOG.md')
writeFileSync(changelog, released(readFileSync(changelog, 'utf8')))
run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version')
for (const name of ['compose.yaml', 'kubernetes/msgtrk.yaml']) {
  const manifest = path.join(root, 'deploy', name)
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, text.replace(/(?<=image: msgtrk:).+/, version))
}
run('git', 'commit', '--all', '--message', `Release ${version}`)
run('git', 'tag', '--annotate', `v${version}`, '--message', `msgtrk ${version}`)

const folder = path.join(root, 'release')
mkdirSync(folder, { recursive: true })
run('npm', 'run', '--silent', 'package', '--', ...kinds.map(({ name }) => name))
const packages = readdirSync(path.join(root, 'packages')).filter((name) => name !== checksumsFile)
for (const name of packages) copyFileSync(path.join(root, 'packages', name), path.join(folder, name))
const maps = `msgtrk-${version}-source-maps.tgz`
const mapFiles = readdirSync(path.join(root, 'dist')).filter((name) => name.endsWith('.map'))
run('tar', '-czf', path.join('release', maps), '-C', 'dist', ...mapFiles)
const sums = await writeChecksums(folder, [...packages, maps])
console.log(
  `In release/, with ${checksumsFile}:\n${sums}Next: git push --follow-tags, npm publish release/msgtrk-${version}.tgz`,
)

/** A section of the version that was written before gets its date; else "Unreleased" becomes it. */
function released(text: string): string {
  const today = new Date().toISOString().slice(0, 10)
  const heading = '## [Unreleased]\n'
  const [before, after] = text.split(heading)
  if (before === undefined || after === undefined) fail(`CHANGELOG.md has no "${heading.trim()}"`)
  const isEmpty = after.split(/^## /m)[0]?.trim() === ''
  const written = `## [${version}]\n`
  if (text.includes(written)) {
    if (!isEmpty) fail(`CHANGELOG.md has a section of ${version}: put there what it says under "Unreleased"`)
    return text.replace(written, `## [${version}] - ${today}\n`)
  }
  if (isEmpty) fail('CHANGELOG.md says nothing under "Unreleased"')
  return `${before}${heading}\n## [${version}] - ${today}\n${after}`
}

/** What the command prints, without blanks around it; its errors go to the terminal. */
function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
}

function fail(reason: string): never {
  console.error(`No release: ${reason}`)
  process.exit(1)
}
