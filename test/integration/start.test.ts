/** What the program loads to do what it was asked for, which is most of what a start takes, and what it tells V8. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

const dist = path.join(import.meta.dirname, '../../dist')
const telling = `import Module from 'node:module'
  process.on('exit', () => console.error(JSON.stringify(Object.keys(Module._cache))))`

// Where each module stood by who needs it, they were up to eighty.
test.each(['run', 'convert', 'status'])('%s is in few files, none of which is an ES module', (command) => {
  const { length } = filesOf(command, '--help')
  expect(length).toBeGreaterThan(5)
  expect(length).toBeLessThanOrEqual(24)
})

test('what is loaded when it is used is not loaded before', () => {
  expect(filesOf('run', '--help').filter((name) => name.endsWith('.cjs'))).toEqual([])
})

test('the version is told without any command', () => {
  expect(filesOf('--version').length).toBeLessThan(filesOf('run', '--help').length)
  expect(filesOf('--version')).toEqual(filesOf('-V'))
})

test.each([
  [128, ['1', '2']],
  [129, ['1']],
])('room for new objects grows with %d folders by %j', (folders, factors) => {
  const script = `import v8 from 'node:v8'
    import { syncBuiltinESMExports } from 'node:module'
    v8.setFlagsFromString = (flag) => console.log(flag)
    syncBuiltinESMExports()`
  const folder = mkdtempSync(path.join(tmpdir(), 'msgtrk-start-'))
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
  const from = Array.from({ length: folders }, (_, index) => path.join(folder, `EX${index}`))
  const args = ['run', '--once', '--from', ...from, '--to', 'udp://127.0.0.1:9', '--state', 'state']
  const all = [...preload, path.join(dist, 'main.js'), ...args]
  const { stdout } = spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect([...stdout.matchAll(/^--semi-space-growth-factor=(.*)$/gm)].map(([, factor]) => factor)).toEqual(
    factors,
  )
})

function filesOf(...args: readonly string[]): readonly string[] {
  const program = path.join(dist, 'main.js')
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]
  const { status, stderr } = spawnSync(process.execPath, [...preload, program, ...args], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return (JSON.parse(stderr) as readonly string[]).map((file) => path.relative(dist, file))
}
