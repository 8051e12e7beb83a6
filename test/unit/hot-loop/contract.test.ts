import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { main } from 'assemblyscript/asc'
import { describe, expect, test } from 'vitest'
import * as contract from '../../../src/hot-loop/contract.ts'
import type { Words } from '../../../src/hot-loop/words.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const words = Object.keys(contract).filter((name) => /^(SPLIT|ENCODE|OP|INPUT|TEXT)_/.test(name))

/** What the sources of the loops themselves object to, once they are edited. */
async function objections(edit: (text: string, name: string) => string): Promise<readonly string[]> {
  const config = [
    '--config',
    'src/hot-loop/wasm/asconfig.json',
    '--optimizeLevel',
    '0',
    '--noEmit',
    '--noColors',
  ]
  const { error, stderr } = await main(['src/hot-loop/wasm/index.ts', ...config], {
    readFile: (name, folder) => {
      const file = path.resolve(root, folder, name)
      return existsSync(file) ? edit(readFileSync(file, 'utf8'), path.basename(file)) : null
    },
    writeFile: () => {},
    listFiles: () => [],
  })
  const found = [...stderr.toString().matchAll(/^ERROR AS102: User-defined: '(.*)'$/gm)]
  expect(error === null).toBe(found.length === 0)
  return found.map(([, text]) => text as string)
}

describe('the contract with the hot loops', () => {
  test('holds nothing but numbers, which both compilers read alike', () => {
    const source = readFileSync(path.join(root, 'src/hot-loop/contract.ts'), 'utf8')
    const rest = source.replace(
      /\/\*\*[\s\S]*?\*\/|\/\/.*|^export const [A-Z\d_]+ = (\d+|0x[\da-f]{8})$/gm,
      '',
    )
    expect(rest.trim()).toBe('')
  })

  test('is kept by the structs as they are', async () => {
    expect(await objections((text) => text)).toEqual([])
  })

  test('does not compile with another number for a word, whichever it is', async () => {
    const moved = (text: string, name: string) =>
      name === 'contract.ts'
        ? text.replace(/^(export const (?:SPLIT|ENCODE|OP|INPUT|TEXT)_\w+ = )(\d+)$/gm, '$1100 + $2')
        : text
    const named = (await objections(moved)).filter((text) => text.includes('.'))
    expect(new Set(named).size).toBe(words.length)
  })

  test('does not compile when a struct has a word that it does not name', async () => {
    const withMore = (text: string) =>
      text.replace(/(export class (?:SplitJob|EncodeJob|Op|Input|Text) {[^}]*)}/g, '$1  another: u32\n}')
    expect(await objections(withMore)).toEqual([
      'SplitJob has more words',
      'EncodeJob has more words',
      'Op has more words',
      'Input has more words',
      'Text has more words',
    ])
  })

  test('is asked for all words of a struct, and for no other', () => {
    // @ts-expect-error: most are left out
    const some: Words<'OP'> = { [contract.OP_KIND]: contract.KIND_TEXT }
    // @ts-expect-error: it has no such word
    const more: Words<'OP'> = { ...({} as Words<'OP'>), [contract.ENCODE_SEVERITY]: 5 }
    expect({ ...some, ...more }).toEqual({ 0: 0, [contract.ENCODE_SEVERITY]: 5 })
  })
})
