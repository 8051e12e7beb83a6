/** The package of the Windows installer: installed, upgraded while its service runs, and removed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allThereInOrder, distinct, judge } from '../support/collector.ts'
import { Workplace } from '../support/program.ts'
import { packageFile } from './package-files.ts'
import { describePeer } from './peer.ts'
import { windowsNodeProgram, wineProgram } from './programs.ts'
import { Wine } from './wine.ts'

const rows = 2400
const msibuildProgram = '/usr/bin/msibuild'
const installer = packageFile('-x64-2012r2.msi')

describePeer('the Windows installer', [installer, wineProgram, windowsNodeProgram, msibuildProgram], () => {
  let wine: Wine
  beforeAll(async () => {
    wine = await Wine.open()
    await cp(installer, wine.path('msgtrk.msi'))
    await cp(installer, wine.path('next.msi'))
    await cp(installer, wine.path('last.msi'))
    const has = (name: string, property: string, value: string) =>
      change(wine.path(name), `\`Property\` SET \`Value\` = '${value}' WHERE \`Property\` = '${property}'`)
    // Each is older than the next, as the last one sees them.
    await has('msgtrk.msi', 'ProductVersion', '0.8.0')
    await has('msgtrk.msi', 'ProductCode', '{0DDBA11A-0000-4000-8000-000000000001}')
    await has('next.msi', 'ProductVersion', '0.9.0')
    await has('next.msi', 'ProductCode', '{0DDBA11A-0000-4000-8000-000000000002}')
    // Windows says by a property that a removal is part of an upgrade; wine 8 does not, so here the environment does.
    const { stdout } = await promisify(execFile)('msiinfo', ['export', installer, 'InstallExecuteSequence'])
    expect(stdout).toContain('RemoveService\tREMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE\t')
    for (const removed of ['msgtrk.msi', 'next.msi'])
      await change(
        wine.path(removed),
        "`InstallExecuteSequence` SET `Condition` = 'REMOVE=\"ALL\" AND NOT %UPGRADING' WHERE `Action` = 'RemoveService'",
      )
    wine.keepRunning()
  })
  afterAll(() => wine.close())

  const install = (name: string, more: readonly string[], env = {}) =>
    wine.run(['msiexec', '/i', `C:\\${name}`, '/qn', ...more], { env })
  const query = async () => (await wine.run(['sc', 'query', 'msgtrk'])).stdout
  const runs = () =>
    vi.waitFor(async () => expect(await query()).toMatch(/STATE +: 4 /), { timeout: 20_000, interval: 500 })
  const data = (...names: readonly string[]) => wine.path('ProgramData', 'msgtrk', ...names)
  const searchPath = async () =>
    (await wine.run(['reg', 'query', `${control}\\Session Manager\\Environment`, '/v', 'Path'])).stdout
  /** The versions that the system takes for installed. */
  const versions = async () => {
    const { stdout } = await wine.run(['reg', 'query', uninstall, '/s'])
    return [...stdout.matchAll(/DisplayVersion +REG_SZ +(\S+)/g)].map(([, version]) => version)
  }

  test('a configuration that is not there ends the installation, and its reason is kept', async () => {
    const { code } = await install('msgtrk.msi', ['CONFIG=C:\\nowhere.yaml'])
    expect(code).not.toBe(0)
    expect(await readFile(data('install.log'), 'utf8')).toContain('C:\\nowhere.yaml')
    expect(await query()).not.toContain('STATE')
  })

  test('its service delivers, goes on where it was after an upgrade, and leaves what it has at its end', {
    timeout: 240_000,
  }, async ({ onTestFinished }) => {
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    const written = place.simulate('EX01', rows, { rate: 200 })
    await vi.waitFor(async () => expect(await readdir(place.path('EX01'))).not.toEqual([]), {
      timeout: 20_000,
    })
    const from = `FROM=Z:${place.path('EX01').replaceAll('/', '\\')}`
    expect(await install('msgtrk.msi', [from, `TO=${siem.url}`])).toMatchObject({ code: 0 })
    await runs()
    expect(await searchPath()).toContain('C:\\Program Files\\msgtrk')
    const configuration = await readFile(data('msgtrk.yaml'), 'utf8')
    // As an administrator may.
    await wine.run(['reg', 'add', service, '/v', 'Description', '/d', 'Ours', '/f'])
    await siem.has(200)

    const elsewhere = [from, 'TO=tcp://elsewhere.example:1']
    expect(await install('next.msi', elsewhere, { UPGRADING: '1' })).toMatchObject({ code: 0 })
    expect(await versions()).toEqual(['0.9.0'])
    await runs()
    expect(await readFile(data('msgtrk.yaml'), 'utf8')).toBe(configuration)
    expect((await wine.run(['reg', 'query', service, '/v', 'Description'])).stdout).toContain('Ours')
    await written
    const expected = await place.expectedFrames('EX01')
    await siem.has(distinct(expected))
    expect(judge(siem.frames, expected)).toEqual(allThereInOrder)

    // Stopped on purpose, it stays so.
    await wine.run(['net', 'stop', 'msgtrk'])
    await vi.waitFor(async () => expect(await query()).toMatch(stoppedState), { timeout: 30_000 })
    expect(await install('last.msi', [], { UPGRADING: '1' })).toMatchObject({ code: 0 })
    expect(await versions()).toHaveLength(1)
    expect(await versions()).not.toContain('0.9.0')
    expect(await query()).toMatch(stoppedState)
    expect(await readdir(data())).not.toContain('stopped')

    // What wine's msiexec ends with is not always 0, though all is removed.
    await wine.run(['msiexec', '/x', 'C:\\last.msi', '/qn'])
    expect(await versions()).toEqual([])
    expect(await query()).not.toContain('STATE')
    expect(existsSync(wine.path('Program Files', 'msgtrk'))).toBe(false)
    expect(await searchPath()).not.toContain('msgtrk')
    expect(await readFile(data('msgtrk.yaml'), 'utf8')).toBe(configuration)
    expect(await readdir(data('state'))).toContain('siem')
  })
})

const stoppedState = /STATE +: 1 /
const service = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\msgtrk'
const control = 'HKLM\\SYSTEM\\CurrentControlSet\\Control'
const uninstall = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall'

/** Makes another package of it. */
async function change(file: string, update: string): Promise<void> {
  await promisify(execFile)(msibuildProgram, [file, '-q', `UPDATE ${update}`])
}
