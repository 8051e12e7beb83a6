/** What the program loads to do what it was asked for, which is most of what a start takes. */
import { spawnSync } from 'node:child_process'
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

function filesOf(...args: readonly string[]): readonly string[] {
  const program = path.join(dist, 'main.js')
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]
  const { status, stderr } = spawnSync(process.execPath, [...preload, program, ...args], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return (JSON.parse(stderr) as readonly string[]).map((file) => path.relative(dist, file))
}
