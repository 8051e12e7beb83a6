import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { optimizeLater } from '../../../src/package/optimizing.ts'

const set = (v8: string): string[] => {
  const flags: string[] = []
  optimizeLater({ v8 }, (flag) => flags.push(flag))
  return flags
}

test('V8 is told only what it knows, by four times its own number', () => {
  const flags = set(process.versions.v8)
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  for (const flag of flags) {
    const [name, value] = flag.split('=')
    const usual = new RegExp(`default: ${name}=(\\d+)`).exec(known)?.[1]
    expect(Number(value)).toBe(4 * Number(usual))
  }
  expect(flags).toHaveLength(process.versions.v8.startsWith('11.') ? 1 : 0)
})

test('later ones are told nothing', () => {
  expect(set('12.4.254.21-node.33')).toEqual([])
  expect(set('13.6.233.17-node.41')).toEqual([])
})
