/** What a release says of vulnerabilities of Node.js holds of the program as it is built. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { mendedIn, untouched } from '../../scripts/package/vex.ts'

const dist = path.join(import.meta.dirname, '../../dist')
const program = readdirSync(dist)
  .filter((name) => /\.[cm]?js$/.test(name))
  .map((name) => readFileSync(path.join(dist, name), 'utf8'))

test.each(untouched)('it has no use for what is vulnerable: $because', ({ uses }) => {
  expect(program.length).toBeGreaterThan(10)
  expect(program.filter((text) => uses.test(text)).map((text) => uses.exec(text)?.[0])).toEqual([])
})

test('no vulnerability is said to be two things', () => {
  const all = untouched.flatMap(({ vulnerabilities }) => vulnerabilities)
  expect(new Set(all).size).toBe(all.length)
})

test('mended is what a security release names at the beginning of a line', () => {
  const changes = `
* (CVE-2026-21710) use null prototype for headersDistinct (Somebody) - High
* CVE-2024-36138 - Bypass incomplete fix of CVE-2024-27980 (High)
* [[\`e30e71665c\`](https://x)] - **(CVE-2026-21715)** **permission**: check (Somebody)
this is about CVE-2020-0001
`
  expect(mendedIn(changes)).toEqual(['CVE-2024-36138', 'CVE-2026-21710'])
})
