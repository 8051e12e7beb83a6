/** Every setting that is a path: a Windows path in double quotes holds characters that no path has. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { absolute } from '../../../src/config/complete.ts'
import { configFromOptions, loadConfig } from '../../../src/config/load.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { told } from '../../support/told.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-paths-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function mistakesOf(text: string) {
  const file = join(folder, 'msgtrk.yaml')
  await writeFile(file, text)
  const error: unknown = await loadConfig(file, { env: {} }).catch((error: unknown) => error)
  return error instanceof ProblemsError ? told(error.problems) : []
}

const settings: readonly (readonly [string, (path: string) => string])[] = [
  ['state', (path) => `state: ${path}\nsources: [{ folder: /l }]\ndestinations: [{ to: udp://x }]`],
  [
    'log.file',
    (path) => `log: { file: ${path} }\nsources: [{ folder: /l }]\ndestinations: [{ to: udp://x }]`,
  ],
  ['sources.0.folder', (path) => `sources: [{ folder: ${path} }]\ndestinations: [{ to: udp://x }]`],
  [
    'sources.0.pattern',
    (path) => `sources: [{ folder: /l, pattern: ${path} }]\ndestinations: [{ to: udp://x }]`,
  ],
  ...['mapping', 'categories'].map(
    (setting) =>
      [
        `destinations.0.${setting}`,
        (path: string) => `sources: [{ folder: /l }]\ndestinations: [{ to: udp://x, ${setting}: ${path} }]`,
      ] as const,
  ),
  [
    'destinations.0.to',
    (path) => `sources: [{ folder: /l }]\ndestinations: [{ to: ${path.replace('C:', 'file:///C:')} }]`,
  ],
  ...['ca', 'cert', 'key'].map(
    (setting) =>
      [
        `destinations.0.tls.${setting}`,
        (path: string) =>
          `sources: [{ folder: /l }]\ndestinations: [{ to: tls://x, tls: { ${setting}: ${path} } }]`,
      ] as const,
  ),
]

test.each(settings)('%s', async (setting, text) => {
  for (const path of ['"C:\\temp"', '"C:\\new"', '"C:\\Logs"', '"C:\\Prod"', '"C:\\x07"', '"C:\\0"']) {
    const found = (await mistakesOf(text(path))).filter(({ where }) => where.endsWith(` ${setting}`))
    expect(
      found.map(({ remedy }) => remedy),
      path,
    ).toContain('write it in single quotes, where \\ is only a backslash')
  }
  const found = await mistakesOf(text(`'C:\\temp'`))
  expect(found.filter(({ remedy }) => remedy?.includes('single quotes'))).toEqual([])
})

test('the file of a reference', async () => {
  const host = `syslog: { host: "$\{file:C:\\temp}" }`
  expect(await mistakesOf(`sources: [{ folder: /l }]\ndestinations: [{ to: udp://x, ${host} }]`)).toEqual([
    expect.objectContaining({ message: expect.stringContaining('whose path holds a tab') }),
  ])
})

test('on the command line', () => {
  expect(() => configFromOptions({ from: ['a\tb'], to: 'udp://x', state: 'c\nd' })).toThrow(
    /--from: holds a tab/,
  )
})

test('on Windows a path without a drive does not depend on the current one', () => {
  expect(absolute('D:\\msgtrk', '\\logs', 'win32')).toBe('D:\\logs')
  expect(absolute('\\\\FS\\share\\msgtrk', '/logs', 'win32')).toBe('\\\\FS\\share\\logs')
  for (const path of ['\\\\EX01\\MessageTracking', 'C:\\logs', '\\\\?\\C:\\logs']) {
    expect(absolute('D:\\msgtrk', path, 'win32')).toBe(path)
  }
})
