/**
 * What is known of vulnerabilities of Node.js that scanners may find in msgtrk, as OpenVEX: which are mended in the Node.js that
 * is inside the executables, by its own list of changes; and which do not touch msgtrk on any Node.js, since it has no use
 * for what they are in. Nothing is said of others.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { nodeChanges, nodeVersions } from './registry.ts'
import type { Workshop } from './workshop.ts'

interface Untouched {
  /** What is vulnerable, and why msgtrk does not come there. */
  readonly because: string
  /** What would stand in the program if it had a use for it. */
  readonly uses: RegExp
  /** CVE numbers. */
  readonly vulnerabilities: readonly string[]
}

/** By part of Node.js; as the changelog of Node.js 24 names the part that each is in. */
export const untouched: readonly Untouched[] = [
  {
    because: 'The module node:http2 is never loaded.',
    uses: /["'](?:node:)?http2["']/,
    vulnerabilities: [
      'CVE-2026-21714',
      'CVE-2026-48619',
      'CVE-2026-48937',
      'CVE-2026-56846',
      'CVE-2026-56848',
    ],
  },
  {
    because: 'Node.js is not started with its permission model, neither by an executable nor by a service.',
    uses: /--(?:experimental-)?permission\b/,
    vulnerabilities: [
      ...['CVE-2025-55130', 'CVE-2025-55132', 'CVE-2026-21715', 'CVE-2026-21716', 'CVE-2026-48617'],
      ...['CVE-2026-48935', 'CVE-2026-56847', 'CVE-2026-58039', 'CVE-2026-58043'],
    ],
  },
  {
    because: 'The module node:sqlite is never loaded.',
    uses: /["'](?:node:)?sqlite["']/,
    vulnerabilities: ['CVE-2026-58041'],
  },
  {
    because: 'The functions dns.resolveAny are never called.',
    uses: /\bresolveAny\b/,
    vulnerabilities: ['CVE-2026-58042'],
  },
  {
    because: 'The properties headersDistinct and trailersDistinct are never read.',
    uses: /\b(?:headers|trailers)Distinct\b/,
    vulnerabilities: ['CVE-2026-21710'],
  },
]

/** Writes `msgtrk-VERSION.openvex.json`; gives its name. */
export async function vexOf(workshop: Workshop): Promise<string> {
  const { version, homepage, out, seconds } = workshop
  const timestamp = new Date(seconds * 1000).toISOString()
  const mended = await Promise.all(
    Object.values(nodeVersions).map(async (node) => ({
      products: [{ '@id': `pkg:generic/node@${node}` }],
      vulnerabilities: mendedIn(await nodeChanges(workshop, node)),
    })),
  )
  const statements = [
    ...untouched.flatMap(({ because, vulnerabilities }) =>
      vulnerabilities.map((name) => ({
        vulnerability: { name },
        products: [{ '@id': `pkg:npm/msgtrk@${version}` }],
        status: 'not_affected',
        justification: 'vulnerable_code_not_in_execute_path',
        impact_statement: because,
      })),
    ),
    ...mended.flatMap(({ products, vulnerabilities }) =>
      vulnerabilities.map((name) => ({ vulnerability: { name }, products, status: 'fixed' })),
    ),
  ]
  const name = `msgtrk-${version}.openvex.json`
  const vex = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': new URL(`vex/${version}`, homepage).href,
    author: 'The maintainers of msgtrk',
    timestamp,
    version: 1,
    statements,
  }
  await writeFile(path.join(out, name), `${JSON.stringify(vex, null, 2)}\n`)
  return name
}

/** What the list of changes of a Node.js names as mended, in that version or before. */
export function mendedIn(changes: string): readonly string[] {
  // The line of a security release that begins with it, not others that speak of it.
  return [
    ...new Set([...changes.matchAll(/^\* \(?(CVE-\d{4}-\d{4,})\b/gm)].map(([, name = '']) => name)),
  ].sort()
}
