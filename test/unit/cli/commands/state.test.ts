import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkpointPath, createCheckpoint } from '../../../../src/checkpoint/store.ts'
import { stateCommand } from '../../../../src/cli/commands/state.ts'
import type { Position, Positions } from '../../../../src/flow/chunk.ts'
import { lockFolder } from '../../../../src/lock/lock.ts'
import { ExitCode, ProblemsError } from '../../../../src/mistakes/problem.ts'
import { createSource } from '../../../../src/tail/source.ts'

const header =
  '#Software: Microsoft Exchange Server\r\n#Version: 15.01\r\n#Log-type: Message Tracking Log\r\n' +
  '#Date: 2026-11-20T14:00:00.010Z\r\n#Fields: date-time,event-id\r\n'
const rows = ['2026-11-20T14:00:01.000Z,SEND\r\n', '2026-11-20T14:00:02.000Z,RECEIVE\r\n']
const second = header.replace('event-id', 'event-id,source')
const log = `${header}${rows.join('')}${second}2026-11-20T15:00:00.000Z,SEND,SMTP\r\n`
const afterFirst = header.length + rows[0]!.length
const afterRows = header.length + rows.join('').length
const name = 'MSGTRK2026112014-1.LOG'
const id = `EX01/${name}#2026-11-20T14:00:00.010Z`
const begun: Position = { fileId: 'EX01/', offset: 0, header: -1 }

let folder: string
let state: string
let config: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-state-'))
  state = join(folder, 'state')
  config = join(folder, 'msgtrk.yaml')
  await mkdir(join(folder, 'EX01'))
  await writeFile(join(folder, 'EX01', name), log)
  await configure('siem')
})
afterEach(() => rm(folder, { recursive: true }))

async function configure(...destinations: string[]): Promise<void> {
  const list = destinations.map((name) => `{ name: ${name}, to: 'tcp://127.0.0.1:514' }`)
  await writeFile(
    config,
    `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [${list.join(', ')}]\n`,
  )
}

async function startAt(place: string): Promise<void> {
  const text = await readFile(config, 'utf8')
  await writeFile(config, text.replace('folder: EX01', `folder: EX01, startAt: ${place}`))
}

function position(offset: number, fileId = id): Position {
  return { fileId, offset, header: 0 }
}

async function save(destination: string, ...positions: Position[]): Promise<void> {
  await mkdir(join(state, destination), { recursive: true })
  await createCheckpoint(checkpointPath(state, destination)).save(
    new Map(positions.map((each) => [each.fileId, each])),
  )
}

async function saved(destination = 'siem'): Promise<readonly Position[]> {
  return [...(await createCheckpoint(checkpointPath(state, destination)).load()).values()]
}

interface Done {
  readonly stdout: string
  readonly stderr: string
  /** What stood on the terminal. */
  readonly asked: string
  readonly exitCode: number
}

/** Runs `msgtrk state …`; with an answer it has a terminal. */
async function run(args: readonly string[], answer?: string): Promise<Done> {
  const done = { stdout: '', stderr: '', asked: '' }
  const input = Object.assign(new PassThrough(), { isTTY: answer !== undefined })
  const output = Object.assign(new PassThrough(), { isTTY: answer !== undefined })
  output.on('data', (bytes: Buffer) => {
    done.asked += bytes
    if (String(bytes).includes('[y/N]')) input.end(answer)
  })
  const command = stateCommand({
    stop: new AbortController().signal,
    stdout: collect((text) => {
      done.stdout += text
    }),
    stderr: collect((text) => {
      done.stderr += text
    }),
    terminal: { input, output },
  })
  process.exitCode = 0
  try {
    await command.parseAsync(args, { from: 'user' })
    return { ...done, exitCode: process.exitCode as number }
  } finally {
    process.exitCode = 0
  }
}

function collect(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk))
      done()
    },
  })
}

async function problem(args: readonly string[]): Promise<ProblemsError> {
  const error = await run(args).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ProblemsError)
  return error as ProblemsError
}

/** The rows that would be delivered from these positions, each with its columns. */
async function delivered(from: readonly Position[], startAt: string): Promise<readonly string[]> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const options = { name: 'EX01', folder: join(folder, 'EX01'), pattern: 'MSGTRK*.LOG', startAt }
  const source = createSource({ sources: [options], follow: false, log })
  const positions: Positions = new Map(from.map((each) => [each.fileId, each]))
  const texts: string[] = []
  for await (const { bytes, layout } of source.read(positions, new AbortController().signal)) {
    if (bytes.length > 0) texts.push(`${layout?.columns.length} ${bytes}`)
  }
  return texts
}

describe('show', () => {
  const other = 'MSGTRK2026112015-1.LOG'

  test('tells how far each log is and what is left, newest last', async () => {
    await save('siem', position(0, `EX01/${other}#x`), position(afterFirst), begun)
    const { stdout, exitCode } = await run(['show', '--config', config])
    const left = log.length - afterFirst
    expect(stdout.replace(/ +/g, ' ')).toBe(
      `destination source file offset size left
siem EX01 ${name} ${afterFirst} ${log.length} ${left} (${Math.ceil((left / log.length) * 100)} %)
siem EX01 ${other} 0 - -

siem: ${left} bytes left in 2 logs
`,
    )
    expect(exitCode).toBe(ExitCode.ok)
  })

  test('needs neither a configuration nor a free folder, and narrows to what is asked for', async () => {
    await save('siem', position(1), position(2, 'EX02/MSGTRK2026112014-1.LOG#x'))
    await save('lab', position(3))
    const lock = await lockFolder(state)
    try {
      const args = ['show', '--state', state, '--source', 'ex02', '--file', 'MSGTRK*']
      const { stdout } = await run(args)
      expect(stdout.trim().split('\n').slice(1)).toEqual([`siem         EX02    ${name}       2`])
      expect((await run(['show', '--state', state, '--destination', 'lab'])).stdout).toContain('lab ')
    } finally {
      await lock.release()
    }
  })

  test('is JSON for scripts', async () => {
    await save('siem', position(afterFirst))
    const { stdout } = await run(['show', '--config', config, '--json'])
    const date = '2026-11-20T14:00:00.010Z'
    const size = log.length
    expect(JSON.parse(stdout)).toEqual([
      {
        destination: 'siem',
        source: 'EX01',
        file: name,
        date,
        offset: afterFirst,
        size,
        left: size - afterFirst,
      },
    ])
    await rm(state, { recursive: true })
    expect(JSON.parse((await run(['show', '--config', config, '--json'])).stdout)).toEqual([])
  })

  test('of two logs of one name only the one that is there has a size', async () => {
    await save('siem', position(1, `EX01/${name}#old`), position(2))
    const { stdout } = await run(['show', '--config', config])
    expect(stdout).toMatch(new RegExp(`${name}#2026-11-20T14:00:00.010Z +2 +${log.length} `))
    expect(stdout).toMatch(new RegExp(`${name}#old +1 +- +-`))
  })

  test('one destination that can not be read hides no other and names the command that repairs it', async () => {
    await save('siem', position(1))
    await save('lab')
    await writeFile(checkpointPath(state, 'lab'), '{"version":1,"posi')
    const { stdout, stderr, exitCode } = await run(['show', '--state', state])
    expect(stdout).toContain(name)
    expect(stderr).toContain(`\`msgtrk state reset --state ${state} --destination lab\``)
    expect(exitCode).toBe(ExitCode.state)
  })

  test('what others chose as a name can not command the terminal', async () => {
    await save('siem', position(1, 'EX01/\u001b[2J.LOG#x'))
    const { stdout } = await run(['show', '--state', state])
    expect(stdout).toContain('\\u001b[2J.LOG')
  })

  test.each([
    [['--state', 'nowhere'], 'there is no such folder'],
    [['--config', 'CONFIG', '--state', 'x'], '--state: does not go with --config'],
    [['--config', 'CONFIG', '--destination', 'seim'], 'did you mean siem?'],
    [['--config', 'CONFIG', '--file', '[a'], '--file: a [ has no ]\n  → close it'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, message: text } = await problem([
      'show',
      ...args.map((arg) => arg.replace('CONFIG', config)),
    ])
    expect(text).toContain(message)
    expect(exitCode).toBe(ExitCode.mistake)
  })
})

test('all mistakes of a configuration are told at once, also those in tables', async () => {
  await writeFile(
    config,
    'state: state\nsources: [{ folder: EX01 }]\ndestinations: [{ to: tcp://x, overflow: some, mapping: no.yaml }]\n',
  )
  for (const command of ['show', 'reset']) {
    const { message, exitCode } = await problem([command, '--config', config])
    expect(message).toContain(':3 destinations.0.overflow: must be cut or split')
    expect(message).toContain(":3 destinations.0.mapping: can't read")
    expect(exitCode).toBe(ExitCode.mistake)
  }
})

describe('reset', () => {
  test('asks, saying what is repeated, and forgets the positions when the answer is yes', async () => {
    await save('siem', position(1500), position(10, `EX01/old.LOG#x`))
    const { asked, stdout, exitCode } = await run(['reset', '--config', config], 'y\n')
    expect(asked).toContain('This forgets 2 logs of siem: up to 1,510 bytes')
    expect(stdout).toContain('Forgot 2 logs of siem')
    expect(exitCode).toBe(ExitCode.ok)
    expect(await saved()).toEqual([])
  })

  test.each(['n\n', '\n', 'yesterday\n', ''])('changes nothing when the answer is %j', async (answer) => {
    await save('siem', position(1500))
    const { stdout, exitCode } = await run(['reset', '--config', config], answer)
    expect(stdout).toBe('Nothing was changed.\n')
    expect(exitCode).toBe(ExitCode.failed)
    expect(await saved()).toEqual([position(1500)])
    await (await lockFolder(state)).release()
  })

  test('without a terminal it needs --yes', async () => {
    await save('siem', position(1500))
    const { exitCode, message } = await problem(['reset', '--config', config])
    expect(exitCode).toBe(ExitCode.mistake)
    expect(message).toContain('--yes')
    expect(await saved()).toEqual([position(1500)])
    await run(['reset', '--config', config, '--yes'])
    expect(await saved()).toEqual([])
  })

  test('forgets what was chosen only', async () => {
    const others = [
      position(2, 'EX02/MSGTRK2026112014-1.LOG#x'),
      position(3, 'EX01/MSGTRK2026112015-1.LOG#x'),
    ]
    await save('siem', position(1), ...others)
    await run(['reset', '--state', state, '--source', 'EX01', '--file', '*14-1.log', '--yes'])
    expect(await saved()).toEqual(others)
  })

  test('a source that began at its end is delivered from the beginning, and loses nothing', async () => {
    await startAt('end')
    await save('siem', position(afterFirst), begun)
    expect((await delivered(await saved(), 'end')).join('')).not.toContain(rows[0])
    await run(['reset', '--config', config, '--yes'])
    expect((await delivered(await saved(), 'end')).join('')).toContain(rows.join(''))
  })

  test.each([
    ['end', '2026-11-20T14:00:02.000Z', 'RECEIVE'],
    ['2026-11-20T14:00:02.000Z', 'beginning', 'SEND'],
    ['2026-11-20T15:00:00.000Z', '2026-11-20T14:00:02.000Z', 'RECEIVE'],
  ])('a source that began at %s begins anew at %s', async (before, now, first) => {
    await startAt(now)
    const mark = { ...begun, fileId: `EX01/${before === 'end' ? '' : before}` }
    await save('siem', position(afterFirst), mark)
    await run(['reset', '--config', config, '--yes', '--file', 'MSGTRK2026112014-2.LOG'])
    expect(await saved()).toHaveLength(2)
    await run(['reset', '--config', config, '--yes'])
    expect(await saved()).toEqual([])
    expect((await delivered([], now))[0]).toContain(first)
  })

  test('must know the destination when there are several', async () => {
    await save('siem', position(1))
    await save('lab', position(1))
    expect((await problem(['reset', '--state', state, '--yes'])).message).toContain('name one of: lab, siem')
    await run(['reset', '--state', state, '--destination', 'lab', '--yes'])
    expect([await saved('lab'), await saved('siem')]).toEqual([[], [position(1)]])
  })

  test('is refused while a process works in the folder, whose id it names', async () => {
    await save('siem', position(1))
    const lock = await lockFolder(state)
    try {
      const { exitCode, message } = await problem(['reset', '--state', state, '--yes'])
      expect(exitCode).toBe(ExitCode.state)
      expect(message).toContain(`process ${process.pid} `)
      expect(message).not.toContain('with --state')
    } finally {
      await lock.release()
    }
    expect(await saved()).toEqual([position(1)])
  })

  describe('of a damaged file', () => {
    const lost = position(7, 'EX01/MSGTRK2026112015-1.LOG#x')
    async function damage(): Promise<string> {
      await save('siem', position(afterFirst), lost)
      const path = checkpointPath(state, 'siem')
      const text = (await readFile(path, 'utf8')).replace('"offset":7', '"offset":\0')
      await writeFile(path, text)
      return text
    }

    test('keeps what can be read and the damaged file beside it', async () => {
      const text = await damage()
      const { asked, stdout } = await run(['reset', '--state', state], 'yes\n')
      expect(asked).toContain('1 of 2 positions of siem can be read and are kept')
      expect(await saved()).toEqual([position(afterFirst), begun])
      const aside = (await readdir(join(state, 'siem'))).find((file) => file.includes('.bad-'))
      expect(await readFile(join(state, 'siem', aside ?? ''), 'utf8')).toBe(text)
      expect(stdout).toContain(aside)
    })

    test('asks first, and for the whole of it', async () => {
      const text = await damage()
      expect((await run(['reset', '--state', state], 'n\n')).exitCode).toBe(ExitCode.failed)
      expect((await problem(['reset', '--state', state, '--file', '*', '--yes'])).message).toContain(
        'damaged',
      )
      expect(await readdir(join(state, 'siem'))).toEqual(['positions.json'])
      expect(await readFile(checkpointPath(state, 'siem'), 'utf8')).toBe(text)
    })

    test('a source with startAt: end of which nothing is left does not begin at its end', async () => {
      await save('siem')
      await writeFile(checkpointPath(state, 'siem'), '\0\0\0')
      expect((await run(['reset', '--state', state], 'n\n')).asked).toContain('startAt: end')
      await startAt('end')
      await run(['reset', '--config', config, '--yes'])
      expect((await delivered(await saved(), 'end')).join('')).toContain(rows.join(''))
    })

    test('a source that begins at a time of which nothing is left begins there again', async () => {
      const time = '2026-11-20T14:00:02.000Z'
      await startAt(time)
      await save('siem', position(afterFirst))
      await writeFile(
        checkpointPath(state, 'siem'),
        (await readFile(checkpointPath(state, 'siem'), 'utf8')).replace(/\]\}/, '\0'),
      )
      await run(['reset', '--config', config, '--yes'])
      expect(await saved()).toContainEqual({ ...begun, fileId: `EX01/${time}` })
    })
  })
})

describe('set', () => {
  const set = (offset: string, ...more: string[]) => [
    'set',
    ...['--config', config, '--file', name, '--offset', offset, ...more],
  ]

  test('forward: says what is never delivered', async () => {
    await save('siem', position(header.length))
    const { asked, stdout } = await run(set(String(afterFirst)), 'y\n')
    expect(asked).toContain(`${rows[0]!.length} bytes of 1 log are passed over and never delivered`)
    expect(stdout).toContain(`from ${header.length} to ${afterFirst}`)
    expect(await saved()).toEqual([position(afterFirst)])
  })

  test('back: says what is delivered again', async () => {
    await save('siem', position(afterFirst))
    const { asked } = await run(set(String(header.length)), 'y\n')
    expect(asked).toContain(`${rows[0]!.length} bytes of 1 log are delivered again`)
    expect(await saved()).toEqual([position(header.length)])
  })

  test('every line end will do but those inside a header, and what follows has its columns', async () => {
    const all = `2 ${rows[0]}2 ${rows[1]}3 2026-11-20T15:00:00.000Z,SEND,SMTP\r\n`
    const places = [0, header.length, afterFirst, afterRows, afterRows + second.length, log.length]
    for (const place of places) {
      await save('siem')
      await run(set(String(place), '--yes'))
      const rest = await delivered(await saved(), 'beginning')
      const each = rest.flatMap((text) => {
        const [columns, ...lines] = text.split(/(?<=^\d) |(?<=\n)/)
        return lines.map((line) => `${columns} ${line}`)
      })
      const rowsBefore = (log.slice(0, place).match(/^\d.*$/gm) ?? []).length
      expect(each.join('')).toBe(
        all
          .split(/(?<=\n)/)
          .slice(rowsBefore)
          .join(''),
      )
    }
    const ends = [...log.matchAll(/\n/g)].map(({ index }) => index + 1)
    for (const end of ends.filter((end) => !places.includes(end))) {
      expect((await problem(set(String(end), '--yes'))).message).toContain('not at the end of a line')
    }
  })

  test('a place inside a line is refused, and the nearest are named', async () => {
    for (const place of [header.length + 1, afterFirst - 1]) {
      const { exitCode, message } = await problem(set(String(place), '--yes'))
      expect(message).toContain(`the nearest places are ${header.length} and ${afterFirst}`)
      expect(exitCode).toBe(ExitCode.mistake)
    }
    expect((await problem(set(String(log.length + 1), '--yes'))).message).toContain(
      'behind the last whole row',
    )
  })

  test('end is behind the last whole row, of many logs at once', async () => {
    const later = 'MSGTRK2026112015-1.LOG'
    const text = `${header}${rows[0]}${rows[1]}`.replace('T14:00:00.010Z', 'T15:00:00.010Z')
    await writeFile(join(folder, 'EX01', later), `${text}2026-11-20T14:00:03`)
    await writeFile(join(folder, 'EX01', 'MSGTRK2026112016-1.LOG'), '')
    const { asked } = await run(['set', '--config', config, '--file', '*', '--offset', 'end'], 'y\n')
    expect(asked).toContain('of 2 logs are passed over')
    expect(await saved()).toEqual([
      { fileId: id, offset: log.length, header: afterRows },
      { fileId: `EX01/${later}#2026-11-20T15:00:00.010Z`, offset: text.length, header: 0 },
    ])
    expect(await delivered(await saved(), 'beginning')).toEqual([])
    expect((await run(['set', '--config', config, '--file', '*', '--offset', 'end'])).stdout).toContain(
      'Nothing',
    )
  })

  test('works with folders instead of a configuration', async () => {
    const logs = join(folder, 'EX01')
    await save('siem')
    await run(['set', '--state', state, '--from', logs, '--file', name, '--offset', 'end', '--yes'])
    const [{ fileId }] = (await saved()) as [Position]
    expect(fileId.endsWith(`EX01/${name}#2026-11-20T14:00:00.010Z`)).toBe(true)
  })

  test.each([
    [['--file', 'MSGTRK2027*'], 'matches no log in'],
    [['--file', name, '--source', 'EX09'], 'the folders of the sources are not known'],
    [['--file', '*'], 'matches 2 logs'],
  ])('refuses %j', async (args, message) => {
    await writeFile(join(folder, 'EX01', 'MSGTRK2026112016-1.LOG'), log)
    expect((await problem(['set', '--config', config, ...args, '--offset', '0', '--yes'])).message).toContain(
      message,
    )
  })

  test('refuses what it can not check', async () => {
    await save('siem', position(1))
    const args = ['set', '--state', state, '--file', name, '--offset', '0', '--yes']
    expect((await problem(args)).message).toContain('--from')
    await rm(join(folder, 'EX01'), { recursive: true })
    expect((await problem(set('end', '--yes'))).exitCode).toBe(ExitCode.failed)
    expect(await saved()).toEqual([position(1)])
  })

  test('never works on a damaged file', async () => {
    await save('siem')
    await writeFile(checkpointPath(state, 'siem'), '')
    expect((await problem(set('end', '--yes'))).message).toContain('msgtrk state reset')
  })
})
