/** The executables, as they are in their archives: each does what `node dist/main.js` does. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '../../src/package/version.ts'
import { simulate } from '../../src/simulate/simulator.ts'
import { fixtureLogs, Workplace } from '../support/program.ts'
import { packageFile } from './package-files.ts'
import { describePeer } from './peer.ts'
import { pythonProgram, windowsNodeProgram, wineProgram } from './programs.ts'
import { Wine } from './wine.ts'

const root = path.join(import.meta.dirname, '../..')
const rows = 9000

/** A machine with an executable, and a folder that both sides see. */
interface Machine {
  readonly folder: string
  run(
    args: readonly string[],
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  /** What the executable calls a file of the folder. */
  named(...names: readonly string[]): string
}

const linuxArchive = packageFile('-linux-x64.tar.gz')
const windowsArchive = packageFile('-win-x64-2012r2.zip')
const newerArchive = packageFile('-win-x64.zip')

describePeer('the executable for Linux', [linuxArchive], () => {
  let folder: string
  let program: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-executable-'))
    await promisify(execFile)('tar', ['-xzf', linuxArchive, '-C', folder, '--strip-components=1'])
    program = path.join(folder, 'msgtrk')
  })
  afterAll(() => rm(folder, { recursive: true }))

  holds(/^\d+\.\d+\.\d+\S* \(executable, with Node\.js 24\.\d+\.\d+\)\n$/, () => ({
    folder,
    run: (args) =>
      promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 256 << 20 }).then(
        (out) => ({ ...out, code: 0 }),
        (error) => error,
      ),
    named: (...names) => path.join(folder, ...names),
  }))

  test('has a thread for each folder that may not answer, and one beside the main one', async ({
    onTestFinished,
  }) => {
    const place = await Workplace.open(onTestFinished)
    const siem = await place.collect()
    await place.simulate('EX01', 100)
    await place.write(
      'msgtrk.yaml',
      `sources: [{ name: EX01, folder: EX01 }]\nstate: state\ndestinations:\n  - { name: a, to: '${siem.url}' }\n` +
        `  - { name: b, to: '${siem.url}', mapping: exchange-hunting }\nhttp: { listen: '127.0.0.1:0' }\n`,
    )
    const running = place.startWith({ executable: program }, 'run', '--config', 'msgtrk.yaml')
    const { url } = await running.logged('Listening for HTTP')
    await siem.has(200)
    const threads = readdirSync(`/proc/${running.pid}/task`).length
    expect(threads).toBeGreaterThan(64)
    expect(await (await fetch(`${url}/page.js`)).text()).toBe(
      await readFile(path.join(root, 'dist/page/page.js'), 'utf8'),
    )
    expect((await running.stop()).code).toBe(0)
  })

  test('tells V8 what the program with Node.js does', async () => {
    const probe = path.join(folder, 'probe.cjs')
    await writeFile(
      probe,
      `const v8 = require('node:v8')
      v8.setFlagsFromString = (flag) => console.error(flag)
      require('node:module').syncBuiltinESMExports()`,
    )
    const told = async (program: string, ...args: readonly string[]) => {
      const { stderr } = await promisify(execFile)(program, [...args, 'run', '--help'], {
        env: { ...env, NODE_OPTIONS: `--require ${probe}` },
      })
      return stderr.split('\n').filter((flag) => !flag.startsWith('--interrupt-budget'))
    }
    const flags = await told(program)
    expect(flags).toEqual(['--heap-growing-percent=50', '--semi-space-growth-factor=1', ''])
    expect(flags).toEqual(await told(process.execPath, path.join(root, 'dist/main.js')))
  })
})

describePeer(
  'the executable for Windows',
  [windowsArchive, wineProgram, windowsNodeProgram, pythonProgram],
  () => {
    let wine: Wine
    let home: string
    beforeAll(async () => {
      wine = await Wine.open()
      await promisify(execFile)(pythonProgram, ['-m', 'zipfile', '-e', windowsArchive, wine.drive])
      const [found = ''] = (await readdir(wine.drive)).filter((name) => name.startsWith('msgtrk-'))
      home = `C:\\${found}`
      await mkdir(wine.path('there'))
    })
    afterAll(() => wine.close())

    holds(/^\d+\.\d+\.\d+\S* \(executable, with Node\.js 22\.\d+\.\d+\)\n$/, () => ({
      folder: wine.path('there'),
      run: (args) => wine.run([`${home}\\msgtrk.exe`, ...args], { env }),
      named: (...names) => ['C:', 'there', ...names].join('\\'),
    }))

    test('asks Windows for connections by the machine code beside it', async ({ onTestFinished }) => {
      const place = await Workplace.open(onTestFinished)
      const siem = await place.collect()
      await writeFile(
        wine.path('there', 'tcp.yaml'),
        `state: state\nsources: [{ name: EX01, folder: logs }]\ndestinations: [{ name: siem, to: '${siem.url}' }]\n`,
      )
      const check = () => wine.run([`${home}\\msgtrk.exe`, 'check', 'C:\\there\\tcp.yaml', '--live'])
      expect((await check()).stdout).toContain('after our goodbye, having acknowledged it')
      await rm(wine.path(home.slice(3), 'koffi.node'))
      expect((await check()).stdout).toContain('this system does not tell whether all was acknowledged')
    })
  },
)

// wine 8 can't start Node.js 24.
describePeer('the executable for Windows with Node.js 24', [newerArchive, pythonProgram], () => {
  test('has the program within, and the version of msgtrk', async ({ onTestFinished }) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-executable-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await promisify(execFile)(pythonProgram, ['-m', 'zipfile', '-e', newerArchive, folder])
    const [home = ''] = await readdir(folder)
    expect((await readdir(path.join(folder, home))).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'THIRD-PARTY-LICENSES.md',
      'koffi.node',
      'msgtrk-service.exe',
      'msgtrk.cdx.json',
      'msgtrk.exe',
    ])
    const program = await readFile(path.join(folder, home, 'msgtrk.exe'))
    const { entries } = NtExecutableResource.from(NtExecutable.from(program))
    const script = entries.find(({ id }) => id === 'NODE_SEA_BLOB')
    expect(Buffer.from(script?.bin ?? new ArrayBuffer(0)).includes('Exchange message tracking logs')).toBe(
      true,
    )
    expect(program.includes('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1')).toBe(true)
    const [info] = Resource.VersionInfo.fromEntries(entries)
    expect(info?.getStringValues({ lang: 0x409, codepage: 1200 })).toMatchObject({
      ProductName: 'msgtrk',
      ProductVersion: version,
    })
  })
})

/** Nobody is to be asked elsewhere. */
const env = { HTTPS_PROXY: 'http://127.0.0.1:9' }

/** What holds of each; `itself`: what it says of itself. */
function holds(itself: RegExp, machineOf: () => Machine): void {
  describe('as with Node.js', () => {
    let machine: Machine
    let names: readonly string[]
    beforeAll(async () => {
      machine = machineOf()
      const logs = path.join(machine.folder, 'logs')
      await simulate({
        version: '2016',
        seed: 1,
        into: logs,
        events: rows,
        signal: new AbortController().signal,
      })
      names = (await readdir(logs)).map((name) => path.join(logs, name))
    })
    const theirs = (file: string) => machine.named(...path.relative(machine.folder, file).split(path.sep))

    test('it says its version, and that of the Node.js within', async () => {
      expect(await machine.run(['--version'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(itself),
      })
    })

    test('the same events come of the same logs, on several threads, too', async ({ onTestFinished }) => {
      const place = await Workplace.open(onTestFinished)
      const fixtures = path.join(machine.folder, 'fixtures')
      await mkdir(fixtures)
      for (const name of await fixtureLogs()) {
        await writeFile(path.join(fixtures, name), await readFile(path.join(root, 'fixtures', name)))
        names = [...names, path.join(fixtures, name)]
      }
      const expected = await place.run('convert', ...names)
      for (const jobs of ['1', '3']) {
        const ended = await machine.run(['convert', '--jobs', jobs, ...names.map(theirs)])
        expect(ended.code).toBe(expected.code)
        expect(ended.stdout === expected.stdout.toString()).toBe(true)
      }
    })

    test('two destinations with events of their own get every record', async ({ onTestFinished }) => {
      const place = await Workplace.open(onTestFinished)
      const [siem, hunters] = [await place.collect(), await place.collect()]
      await writeFile(
        path.join(machine.folder, 'two.yaml'),
        `state: two\nsources: [{ name: EX01, folder: logs }]\ndestinations:\n` +
          `  - { name: siem, to: '${siem.url}' }\n  - { name: hunters, to: '${hunters.url}', mapping: exchange-hunting }\n`,
      )
      const ended = await machine.run(['run', '--once', '--config', machine.named('two.yaml')])
      expect(ended.code).toBe(0)
      for (const { frames, incorrect } of [siem, hunters]) {
        expect(frames).toHaveLength(rows)
        expect(incorrect).toEqual([])
      }
      expect(siem.frames[0]).not.toBe(hunters.frames[0])
    })

    test('what is loaded for a kind of receiver is there', async () => {
      await writeFile(
        path.join(machine.folder, 'receivers.yaml'),
        `state: state\nsources: [{ name: EX01, folder: logs }]\ndestinations:\n` +
          `  - { name: kafka, to: 'kafka://127.0.0.1:9/topic' }\n` +
          `  - name: sentinel\n    to: sentinel://dcr-x.westeurope-1.ingest.monitor.azure.com/dcr-0123456789abcdef0123456789abcdef/Custom-M_CL\n` +
          `    sentinel: { tenantId: 00000000-0000-0000-0000-000000000000, clientId: 00000000-0000-0000-0000-000000000000, clientSecret: '\${file:secret}' }\n`,
      )
      await writeFile(path.join(machine.folder, 'secret'), 'secret')
      const { stdout } = await machine.run(['check', machine.named('receivers.yaml'), '--live'])
      expect(stdout).toMatch(/connection refused by 127\.0\.0\.1:9/)
      expect(stdout).toMatch(/Microsoft Entra can not be reached/)
    })
  })
}
