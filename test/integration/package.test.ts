/** What comes with the program and its package, beside the program itself. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isThorough } from '../support/runs.ts'

const root = path.join(import.meta.dirname, '../..')

test('with --enable-source-maps a stack trace leads to the sources', () => {
  // A file that is read and has no bytes is a mistake of the program, whose stack is printed.
  const broken = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module'
    const { readFile } = fs.promises
    fs.promises.readFile = (...args) => args[0] === 'x.yaml' ? null : readFile(...args)
    syncBuiltinESMExports()`
  const args = ['--enable-source-maps', '--import', `data:text/javascript,${encodeURIComponent(broken)}`]
  const { stderr } = spawnSync(process.execPath, [...args, 'dist/main.js', 'check', '--config', 'x.yaml'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [, name = '', file = '', line = ''] =
    /^ +at (?:async )?(\w+) \((\/.+\/src\/.+\.ts):(\d+):\d+\)$/m.exec(stderr) ?? []
  expect(existsSync(file), stderr).toBe(true)
  const before = readFileSync(file, 'utf8').split('\n').slice(0, Number(line))
  expect(before.findLast((text) => /^(export )?(async )?function /.test(text))).toContain(` ${name}(`)
})

test('the package has the program and no source maps', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const names = (JSON.parse(packed) as [{ files: { path: string }[] }])[0].files.map((file) => file.path)
  expect(names).toEqual(
    expect.arrayContaining(['dist/main.js', 'dist/rows.wasm', 'examples/linux.yaml', 'LICENSE', 'README.md']),
  )
  expect(names.filter((name) => /\.map$|^(src|test)\//.test(name))).toEqual([])
})

// What is in it stands above.
test.runIf(isThorough)(
  'npm installs the package in a folder of its own, where it works without the clone, and removes all of it',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-npm-'))
    try {
      const npm = (...args: readonly string[]) =>
        execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      const [{ filename }] = JSON.parse(
        npm('pack', root, '--ignore-scripts', '--json', '--pack-destination', folder),
      ) as [{ filename: string }]
      // What is optional comes from the registry.
      const quietly = ['--offline', '--omit=optional', '--no-audit', '--no-fund']
      npm('install', '--global', '--prefix', folder, ...quietly, `./${filename}`)
      const log = path.join(root, 'fixtures/exchange-2019.log')
      const converted = (program: string, ...args: readonly string[]) =>
        execFileSync(program, [...args, 'convert', log], { cwd: folder, encoding: 'utf8' })
      const expected = converted(process.execPath, path.join(root, 'dist/main.js'))
      expect(expected).toMatch(/^CEF:0\|/)
      expect(converted(path.join(folder, 'bin/msgtrk'))).toBe(expected)
      npm('uninstall', '--global', '--prefix', folder, 'msgtrk')
      const left = await readdir(folder, { recursive: true, withFileTypes: true })
      expect(left.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)).toEqual([filename])
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('of each dependency that would run a script when it is installed, it is said whether it may', () => {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  const { allowScripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const packages = Object.entries<{ hasInstallScript?: true; optional?: true }>(lock.packages)
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripted.map(([folder]) => folder.replace(/^.*node_modules\//, '')).sort()).toEqual(
    Object.keys(allowScripts).sort(),
  )
})
