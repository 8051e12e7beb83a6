import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { optimizeLater } from '../../../src/package/optimizing.ts'

const set = (v8: string, ...args: string[]): string[] => {
  const flags: string[] = []
  optimizeLater({ v8 }, ['node', 'msgtrk', ...args], (flag) => flags.push(flag))
  return flags
}

test('V8 is told only what it knows, by four times its own number', () => {
  const flags = set(process.versions.v8, 'run', '--once')
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  for (const flag of flags) {
    const [name, value] = flag.split('=')
    const usual = new RegExp(`default: ${name}=(\\d+)`).exec(known)?.[1]
    expect(Number(value)).toBe(4 * Number(usual))
  }
  expect(flags).toHaveLength(process.versions.v8.startsWith('11.') ? 1 : 0)
})

test('later ones are told nothing', () => {
  expect(set('12.4.254.21-node.33', 'convert')).toEqual([])
  expect(set('13.6.233.17-node.41', 'convert')).toEqual([])
})

test('nor is it where logs are followed, which goes on for months', () => {
  expect(set('11.3.244.8-node.33', 'run', '--config', 'msgtrk.yaml')).toEqual([])
  expect(set('11.3.244.8-node.33', 'convert', 'a.LOG')).toHaveLength(1)
})
