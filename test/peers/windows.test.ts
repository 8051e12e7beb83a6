import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../support/bundled.ts'
import { describeOnWindows, Wine } from './wine.ts'

const here = path.join(import.meta.dirname, 'on-windows')

describeOnWindows('on Windows', () => {
  let wine: Wine
  beforeAll(async () => {
    wine = await Wine.open()
    await wine.compile(path.join(here, 'scanner.c'), 'scanner.exe')
  })
  afterAll(() => wine.close())

  test('a start after a kill takes the state folder at once, whatever a scanner holds', {
    timeout: 300_000,
  }, async () => {
    await bundle(path.join(here, 'lock-rounds.ts'), wine.path('lock-rounds.mjs'))
    await mkdir(wine.path('state'))
    const args = ['C:\\node.exe', 'C:\\lock-rounds.mjs', 'C:\\state', '100', 'C:\\scanner.exe']
    const { stdout, stderr } = await wine.run(args, { timeoutMs: 280_000 })
    expect(stderr).toBe('')
    const { tookMs, refused } = JSON.parse(stdout) as { tookMs: number[]; refused: number }
    expect(tookMs).toHaveLength(100)
    // A heartbeat that is waited for in vain takes 15 s; a second is what a start takes at most where nothing else is done.
    expect(tookMs.filter((ms) => !(ms < 10_000))).toEqual([])
    expect(refused).toBe(10)
  })
})
