import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstanceStatus } from '../../src/status/snapshot.ts'
import { bundle } from '../support/bundled.ts'
import { describeOnWindows, Wine } from './wine.ts'

const root = path.resolve(import.meta.dirname, '../..')
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

  test('no line of the own log is lost, whatever a scanner holds', async () => {
    await bundle(path.join(here, 'own-log.ts'), wine.path('own-log.mjs'))
    await mkdir(wine.path('log'))
    const args = ['C:\\node.exe', 'C:\\own-log.mjs', 'C:\\log\\msgtrk.log', '5000', 'C:\\scanner.exe']
    const { stdout, stderr } = await wine.run(args)
    expect(stderr).toBe('')
    const { found, files, news } = JSON.parse(stdout) as { found: number[]; files: number; news: string[] }
    expect(found).toEqual(Array.from({ length: 5000 }, (_, index) => index))
    expect(news.filter((is) => is === 'losing')).toEqual([])
    expect(files).toBeGreaterThan(1)
  })

  test('the list of connections tells a clean end from one with a reset behind it', async () => {
    await bundle(path.join(here, 'tcp-states.ts'), wine.path('tcp-states.mjs'))
    const { stdout, stderr } = await wine.run(['C:\\node.exe', 'C:\\tcp-states.mjs'])
    expect(stderr).toBe('')
    const once = ['ESTABLISHED', 'yes', 'gone']
    expect(JSON.parse(stdout)).toEqual({ lists: true, answers: [...once, ...once] })
  })

  test('commands reach an instance over its named pipe, and a reload takes the place of SIGHUP', {
    timeout: 200_000,
  }, async () => {
    for (const part of ['dist', 'mappings', 'package.json']) {
      await cp(path.join(root, part), wine.path('msgtrk', part), { recursive: true })
    }
    await mkdir(wine.path('logs', 'EX01'), { recursive: true })
    const config = wine.path('logs', 'msgtrk.yaml')
    const settings = (more: string) =>
      writeFile(
        config,
        `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [{ name: siem, to: 'udp://127.0.0.1:9'${more} }]\n`,
      )
    await settings('')
    const msgtrk = (...args: readonly string[]) =>
      wine.run(['C:\\node.exe', 'C:\\msgtrk\\dist\\main.js', ...args, '--config', 'C:\\logs\\msgtrk.yaml'])
    const running = msgtrk('run')
    const status = async (...args: readonly string[]) => {
      const { stdout } = await msgtrk('status', '--json', ...args)
      return JSON.parse(stdout) as InstanceStatus
    }
    const { program } = await status('--wait-ready', '60')
    try {
      // No socket lies there for others to find: where the pipe is stands in the state folder.
      expect(await readFile(wine.path('logs', 'state', 'control.path'), 'utf8')).toMatch(/^\\\\[.?]\\pipe\\/)
      expect((await msgtrk('pause', 'siem')).code).toBe(0)
      expect((await status()).destinations).toMatchObject([{ state: 'paused' }])
      expect((await msgtrk('resume', 'siem')).code).toBe(0)
      expect((await msgtrk('log-level', 'debug', '--for', '1m')).stdout).toContain('debug until')
      await settings(', cefVersion: 1')
      expect((await msgtrk('reload')).stdout).toContain('changed: destinations.siem.cefVersion')
      await settings(', cefVersion: 7')
      expect((await msgtrk('reload')).code).toBe(2)
      expect((await status()).findings.map(({ kind }) => kind)).toContain('reloadFailed')
    } finally {
      await wine.run(['C:\\node.exe', '-e', `process.kill(${program.pid}, 'SIGKILL')`])
      await running
    }
  })
})
