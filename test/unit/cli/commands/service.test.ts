import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { serviceCommand } from '../../../../src/cli/commands/service.ts'
import { unitText } from '../../../../src/cli/service/systemd.ts'
import { ProblemsError } from '../../../../src/mistakes/problem.ts'

let folder: string
let said: string
/** On standard error. */
let doubted: string
let ran: string[]
/** What the system says to programs that begin so; all else works. */
let refused: string
/** What `sc query` says of the service, one after the other; that it runs when nothing is left. */
let states: number[]
/** Folders that a unit does not see. */
let hidden: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-service-'))
  said = ''
  doubted = ''
  ran = []
  refused = 'nothing'
  states = []
  hidden = []
})
afterEach(() => rm(folder, { recursive: true }))

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const ends = 'sources: [{ folder: /mnt/EX01 }]\ndestinations: [{ to: udp://127.0.0.1 }]\n'

async function service(platform: NodeJS.Platform, ...args: readonly string[]): Promise<void> {
  const before = process.exitCode
  onTestFinished(() => {
    process.exitCode = before
  })
  const command = serviceCommand({
    platform,
    units: folder,
    hidden,
    stdout: { write: (text) => (said += text) },
    stderr: { write: (text) => (doubted += text) },
    async run(program, args) {
      const line = [program, ...args].join(' ')
      ran.push(line)
      if (line.startsWith(refused))
        throw Object.assign(new Error('exit'), { stdout: 'Access is denied.\r\n' })
      return { stdout: `        TYPE : 10  WIN32\r\n        STATE : ${states.shift() ?? 4}  X\r\n` }
    },
  })
  await command.parseAsync(args, { from: 'user' })
}

async function mistakes(platform: NodeJS.Platform, ...args: readonly string[]): Promise<string> {
  const error: unknown = await service(platform, ...args).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ProblemsError)
  return (error as ProblemsError).message
}

describe('with systemd', () => {
  test('a unit is written, enabled, started, stopped and removed', async () => {
    const config = await write('msgtrk.yaml', `state: /var/lib/msgtrk\n${ends}`)
    await service('linux', 'install', '--config', config)
    const unit = await readFile(join(folder, 'msgtrk.service'), 'utf8')
    expect(unit).toContain(`main.js run --config ${config}\n`)
    expect(unit).toContain('DynamicUser=yes\nStateDirectory=msgtrk\n')
    // Else who started it would hear of its end a minute later.
    expect(unit).toMatch(/^ExecStartPost=-.* --wait-ready 60 --process \$\{MAINPID\}$/m)
    await service('linux', 'start')
    await service('linux', 'status')
    await service('linux', 'stop')
    await service('linux', 'uninstall')
    expect(ran).toEqual([
      'systemctl daemon-reload',
      'systemctl enable msgtrk.service',
      'systemctl start msgtrk.service',
      'systemctl is-active --quiet msgtrk.service',
      'systemctl stop msgtrk.service',
      'systemctl disable --now msgtrk.service',
      'systemctl daemon-reload',
    ])
    await expect(readFile(join(folder, 'msgtrk.service'))).rejects.toThrow('ENOENT')
  })

  test('if needed, only what is there is started, stopped and removed, and only what is not is installed', async () => {
    const config = await write('msgtrk.yaml', `state: /var/lib/msgtrk\n${ends}`)
    await service('linux', 'install', '--config', config, '--if-needed')
    expect(said).toBe('msgtrk is installed, and stays as it is\n')
    refused = 'systemctl cat'
    for (const what of ['start', 'stop', 'uninstall']) await service('linux', what, '--if-needed')
    expect(ran).toEqual(Array.from({ length: 4 }, () => 'systemctl cat msgtrk.service'))
    ran = []
    await service('linux', 'install', '--config', config, '--if-needed')
    refused = 'nothing'
    await service('linux', 'start', '--if-needed')
    expect(ran.filter((line) => !line.startsWith('systemctl cat'))).toEqual([
      'systemctl daemon-reload',
      'systemctl enable msgtrk.service',
      'systemctl start msgtrk.service',
    ])
  })

  test('what an account that is made for it could not write is a mistake', async () => {
    const config = await write('msgtrk.yaml', `state: /srv/state\n${ends}`)
    expect(await mistakes('linux', 'install', '--config', config)).toMatch(/writes into \/srv\/state/)
    await service('linux', 'install', '--config', config, '--account', 'siem')
    expect(await readFile(join(folder, 'msgtrk.service'), 'utf8')).toContain(
      'User=siem\nReadWritePaths=/srv/state\n',
    )
  })

  test('what lies in a folder of which a unit has one of its own is a mistake, each once', async () => {
    hidden = [join(folder, 'tmp'), '/srv/tmp']
    await mkdir(join(folder, 'tmp'))
    await cp('mappings/exchange-2013.v1.yaml', join(folder, 'tmp', 'table.yaml'))
    const config = await write(
      'tmp/msgtrk.yaml',
      `state: /srv/tmp/state\nlog: { file: /srv/tmp/log/msgtrk.log }\nsources: [{ folder: /srv/tmp }]
destinations: [{ to: udp://127.0.0.1, mapping: table.yaml }, { to: 'file:///srv/tmp/state/out.cef' }]\n`,
    )
    const told = await mistakes('linux', 'install', '--config', config, '--print')
    const lies = (file: string, where: string) =>
      `${file} lies in ${where}, of which a service has an empty one`
    for (const file of [config, join(folder, 'tmp', 'table.yaml')]) {
      expect(told.split(lies(file, join(folder, 'tmp')))).toHaveLength(2)
    }
    for (const file of ['/srv/tmp', '/srv/tmp/state', '/srv/tmp/log']) {
      expect(told.split(lies(file, '/srv/tmp'))).toHaveLength(2)
    }
    // Which account it has changes nothing about that.
    expect(told).not.toMatch(/writes into/)
    // One that only begins so is none.
    hidden = [join(folder, 'tm')]
    await service('linux', 'install', '--config', config, '--account', 'siem', '--print')
  })

  test('home folders are hidden unless something that it names, or the program itself, is there', async () => {
    const config = await write('msgtrk.yaml', `state: /var/lib/msgtrk\n${ends}`)
    const definition = {
      name: 'msgtrk',
      config,
      program: ['/usr/bin/node', '/opt/msgtrk/dist/main.js'],
      writes: ['/var/lib/msgtrk'],
      reads: ['/mnt/EX01'],
      secrets: [],
    } as const
    const homes = (more: object = {}) =>
      /^ProtectHome=(.*)$/m.exec(unitText({ ...definition, writes: ['/var/lib/msgtrk'], ...more }))?.[1]
    expect(homes()).toBe('yes')
    expect(homes({ reads: ['/homes/logs'] })).toBe('yes')
    for (const more of [
      { reads: ['/home/logs'] },
      { files: ['/home/siem/ca.pem'] },
      { secrets: ['/root/key.pem'] },
      { program: ['/root/.nvm/bin/node', '/opt/msgtrk/dist/main.js'] },
    ]) {
      expect(homes(more)).toBe('read-only')
    }
  })

  // Modes of files, and of the folders above, which elsewhere say nothing, or are closed for temporary ones.
  test.runIf(process.platform === 'linux')(
    'what not everyone may read is doubted where systemd makes the account',
    async () => {
      await chmod(folder, 0o755)
      const config = await write('msgtrk.yaml', `state: /var/lib/msgtrk\n${ends}`)
      const isDoubted = async (mode: number, ...more: readonly string[]) => {
        doubted = ''
        await chmod(config, mode)
        await service('linux', 'install', '--config', config, ...more)
        return doubted.includes(`warning: ${config}: not everyone may read it`)
      }
      expect(await isDoubted(0o640)).toBe(true)
      expect(await isDoubted(0o644)).toBe(false)
      expect(await isDoubted(0o640, '--account', 'siem')).toBe(false)
      await chmod(folder, 0o700)
      expect(await isDoubted(0o644)).toBe(true)
    },
  )

  test('a mistake that only a try shows is told before anything is installed', async () => {
    const config = await write(
      'msgtrk.yaml',
      `state: /var/lib/msgtrk\nsources: [{ folder: /mnt/EX01 }]\ndestinations: [{ to: tls://127.0.0.1, tls: { ca: none.pem } }]\n`,
    )
    expect(await mistakes('linux', 'install', '--config', config)).toMatch(/none\.pem/)
    expect(ran).toEqual([])
  })

  test('nothing in a path is replaced', async () => {
    const config = await write('a $HOME %h "b".yaml', `state: '/srv/100% "x"'\n${ends}`)
    await service('linux', 'install', '--config', config, '--account', 'siem')
    const unit = await readFile(join(folder, 'msgtrk.service'), 'utf8')
    expect(unit).toContain(`run --config "${folder}/a $$HOME %%h \\"b\\".yaml"\n`)
    expect(unit).toContain('ReadWritePaths="/srv/100%% \\"x\\""\n')
  })

  test('credentials are what a configuration refers to', async () => {
    const token = `http: { listen: '127.0.0.1:9464', token: '$\{credential:token}' }\n`
    const config = await write('msgtrk.yaml', `state: /var/lib/msgtrk\n${token}${ends}`)
    await mkdir(join(folder, 'secrets'))
    await write('secrets/token', 'a-token-that-is-long-enough-for-anyone\n')
    expect(await mistakes('linux', 'install', '--config', config)).toMatch(/needs the credential token/)
    await service('linux', 'install', '--config', config, '--credentials', join(folder, 'secrets'))
    expect(await readFile(join(folder, 'msgtrk.service'), 'utf8')).toContain(
      `LoadCredential=token:${folder}/secrets/token\n`,
    )
  })
})

describe('on Windows', () => {
  const host = 'C:\\Program Files\\msgtrk\\msgtrk-service.exe'
  let config: string
  beforeEach(async () => {
    config = await write('msgtrk.yaml', `state: ${join(folder, 'state')}\n${ends}`)
  })

  test('all is done by programs of the system, for one account and nobody else', async () => {
    await service('win32', 'install', '--config', config, '--host', 'host.exe')
    expect(ran[0]).toMatch(
      /^sc create msgtrk binPath= .*host\.exe --name msgtrk --folder .*state -- .* run --config .*msgtrk\.yaml --stop-on-stdin-end start= auto obj= NT SERVICE\\msgtrk /,
    )
    expect(ran).toContain(
      `icacls ${join(folder, 'state')} /inheritance:r /grant:r NT SERVICE\\msgtrk:(OI)(CI)M /grant:r *S-1-5-18:(OI)(CI)F /grant:r *S-1-5-32-544:(OI)(CI)F`,
    )
    expect(ran).toContain(
      `icacls ${config} /inheritance:r /grant:r NT SERVICE\\msgtrk:R /grant:r *S-1-5-18:F /grant:r *S-1-5-32-544:F`,
    )
    ran = []
    await service('win32', 'start')
    await service('win32', 'status')
    expect(process.exitCode).toBe(0)
    await service('win32', 'stop')
    await service('win32', 'uninstall')
    expect(ran).toEqual([
      'sc query msgtrk',
      'net start msgtrk',
      'sc query msgtrk',
      'net stop msgtrk',
      'net stop msgtrk',
      'sc query msgtrk',
      'sc delete msgtrk',
      expect.stringMatching(/^reg delete/),
    ])
  })

  test('it is started once it has stopped', async () => {
    states = [3, 1]
    await service('win32', 'start')
    expect(ran).toEqual(['sc query msgtrk', 'sc query msgtrk', 'net start msgtrk'])
  })

  test('it is removed once it has stopped, whoever stops it', async () => {
    states = [3, 3, 1]
    refused = 'net stop'
    await service('win32', 'uninstall')
    expect(ran.slice(0, -1)).toEqual([
      'net stop msgtrk',
      ...['sc query msgtrk', 'sc query msgtrk', 'sc query msgtrk'],
      'sc delete msgtrk',
    ])
  })

  test('--print shows it and does nothing', async () => {
    await service(
      'win32',
      'install',
      '--config',
      config,
      '--host',
      host,
      '--account',
      'CONTOSO\\msgtrk$',
      '--print',
    )
    expect(ran).toEqual([])
    expect(said).toContain('obj= CONTOSO\\msgtrk$')
    expect(said).toContain('sc sidtype msgtrk unrestricted')
  })

  test('an account with a password, and no host, are mistakes, told at once', async () => {
    const message = await mistakes('win32', 'install', '--config', config, '--account', 'CONTOSO\\me')
    expect(message).toMatch(/has a password/)
    expect(message).toMatch(/msgtrk-service\.exe is neither/)
  })

  test('what the system refuses ends it, with its words; what may be done by hand is told', async () => {
    refused = 'icacls'
    await service('win32', 'install', '--config', config, '--host', host)
    expect(said).toMatch(/^Not done: icacls .*Access is denied\.\); by hand: let only administrators/m)
    refused = 'sc create'
    expect(await mistakes('win32', 'install', '--config', config, '--host', host)).toMatch(/Access is denied/)
  })

  test('one that does not run is told by the exit code', async () => {
    refused = 'sc query'
    await service('win32', 'status')
    expect(process.exitCode).toBe(7)
  })
})

test('a name that could mean something else to the system is none', async () => {
  expect(await mistakes('linux', 'start', '--name', '../x')).toMatch(/no name of a service/)
})
