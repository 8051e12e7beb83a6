import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'
import { describeOnWindows, Wine } from './wine.ts'

const root = path.join(import.meta.dirname, '../..')
const rows = 1500

describeOnWindows('as a service of Windows', () => {
  let wine: Wine
  beforeAll(async () => {
    wine = await Wine.open()
    const home = wine.path('Program Files', 'msgtrk')
    await mkdir(home, { recursive: true })
    for (const part of ['dist', 'mappings', 'package.json']) {
      await cp(path.join(root, part), path.join(home, part), { recursive: true })
    }
    await cp(wine.path('node.exe'), path.join(home, 'node.exe'))
    const build = path.join(root, 'deploy/windows/build.sh')
    await promisify(execFile)(build, [path.join(home, 'msgtrk-service.exe')])
    await mkdir(wine.path('ProgramData', 'msgtrk'), { recursive: true })
    wine.keepRunning()
  })
  afterAll(() => wine.close())

  const msgtrk = (...args: readonly string[]) => {
    const home = 'C:\\Program Files\\msgtrk'
    return wine.run([`${home}\\node.exe`, `${home}\\dist\\main.js`, ...args])
  }
  const query = async () => (await wine.run(['sc', 'query', 'msgtrk'])).stdout
  const config = 'C:\\ProgramData\\msgtrk\\msgtrk.yaml'
  const configFile = () => wine.path('ProgramData', 'msgtrk', 'msgtrk.yaml')
  const stateFile = (name: string) => readFile(wine.path('ProgramData', 'msgtrk', 'state', name), 'utf8')

  test('it is installed, delivers what is written though it is killed, stops with all settled, and is removed', {
    timeout: 200_000,
  }, async ({ onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    const folder = `Z:${place.path('EX01').replaceAll('/', '\\')}`
    await writeFile(
      configFile(),
      `state: 'C:\\ProgramData\\msgtrk\\state'\nsources: [{ name: EX01, folder: '${folder}' }]\n` +
        `destinations: [{ name: siem, to: '${siem.url}', mapping: auto }]\n`,
    )
    expect(await msgtrk('service', 'install', '--config', config)).toMatchObject({ code: 0, stderr: '' })
    const written = place.simulate('EX01', rows, { rate: 300 })
    expect(await msgtrk('service', 'start')).toMatchObject({ code: 0, stderr: '' })
    expect(await msgtrk('service', 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('runs'),
    })
    // Ended as the system would: the host starts it again.
    await siem.has(300)
    const { pid } = JSON.parse(await stateFile('lock.1')) as { pid: number }
    await wine.run(['C:\\node.exe', '-e', `process.kill(${pid}, 'SIGKILL')`])
    await written
    const expected = await place.expectedFrames('EX01')
    await siem.has(distinct(expected))
    expect(await msgtrk('service', 'stop')).toMatchObject({ code: 0, stderr: '' })
    expect({ ...judge(siem.frames, expected), repeated: 0 }).toEqual(allThereInOrder)
    await vi.waitFor(async () => expect(await query()).toMatch(/STATE +: 1 /), {
      timeout: 20_000,
      interval: 500,
    })
    expect(await query()).toMatch(/WIN32_EXIT_CODE +: 0 /)
    expect(await msgtrk('service', 'status')).toMatchObject({ code: 7 })
    expect(JSON.parse(await stateFile('lock.2'))).toMatchObject({ released: true })
    expect(await stateFile('service.log')).toMatch(
      /"message":"Started".*"message":"Started".*"message":"Stopped"/s,
    )

    // With a mistake it ends, and is not tried again.
    await writeFile(configFile(), 'sources: []\n')
    await msgtrk('service', 'start')
    await vi.waitFor(async () => expect(await query()).toMatch(/SERVICE_EXIT_CODE +: 2 /), {
      timeout: 20_000,
      interval: 500,
    })
    expect(await query()).toMatch(/STATE +: 1 /)
    expect(await stateFile('service.log')).toContain('destinations')

    expect(await msgtrk('service', 'uninstall')).toMatchObject({ code: 0, stderr: '' })
    expect(await query()).not.toContain('STATE')
    expect(JSON.parse(await stateFile('lock.2'))).toMatchObject({ released: true })
  })
})
