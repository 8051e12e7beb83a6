import { appendFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  date,
  header,
  onceSource,
  positionsAfter,
  readOnce,
  row,
  sourceOf,
  temporaryFolder,
  texts,
} from './logs.ts'

/** Writes logs into a fresh folder: name → rows, under a header dated by the hour in the name. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

const log = (...names: string[]) => header(date) + names.map((name, i) => row(i, name)).join('')

describe('order', () => {
  it('reads the files of a prefix one after the other, oldest first', async () => {
    const folder = await folderOf({
      'MSGTRK2026112014-10.LOG': log('d'),
      'MSGTRK2026112014-9.LOG': log('b', 'c'),
      'msgtrk2026112013-2.log': log('a'),
      'notes.txt': log('never'),
    })
    expect(texts(await readOnce(onceSource([sourceOf(folder)]).source))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets the prefixes of a folder take turns, a chunk each', async () => {
    const folder = await folderOf({
      'MSGTRK2026112013-1.LOG': log('a1', 'a2', 'a3'),
      'MSGTRKMD2026112013-1.LOG': log('b1', 'b2'),
      'MSGTRK copy.LOG': log('c1'),
    })
    const { source } = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const order = texts(await readOnce(source))
    expect(order.slice(0, 3).sort()).toEqual(['a1', 'b1', 'c1'])
    expect(order.slice(3, 5).sort()).toEqual(['a2', 'b2'])
    expect(order.slice(5)).toEqual(['a3'])
  })

  it('lets them go by the time of their rows, where that is asked for', async () => {
    const at = (...rows: readonly (readonly [number, string])[]) =>
      header(date) + rows.map(([minute, text]) => row(minute, text)).join('')
    const folder = await folderOf({
      'MSGTRK2026112014-1.LOG': at([1, 'a1'], [4, 'a4'], [5, 'a5'], [50, 'a50'], [55, 'a55']),
      'MSGTRKMD2026112014-1.LOG': at([2, 'b2'], [30, 'b30'], [40, 'b40'], [59, 'b59']),
    })
    const { source } = onceSource([sourceOf(folder)], { chunkBytes: 48, byTime: true })
    const order = texts(await readOnce(source))
    expect(order.slice(0, 2).sort()).toEqual(['a1', 'b2'])
    // One chunk of each is ahead of the other at most.
    expect(order.slice(2)).toEqual(['a4', 'b30', 'a5', 'a50', 'b40', 'b59', 'a55'])
  })

  it('does not let the backlog of one folder starve another', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `a${i}`)
    const [large, small] = [
      await folderOf({ 'MSGTRK2026112013-1.LOG': log(...many) }),
      await folderOf({ 'MSGTRK2026112013-1.LOG': log('b') }),
    ]
    const sources = [sourceOf(large), sourceOf(small, { name: 'EX02' })]
    const chunks = await readOnce(onceSource(sources, { chunkBytes: 48 }).source)
    expect(chunks).toHaveLength(201)
    expect(texts(chunks.filter((each) => each.file.source === 'EX01'))).toEqual(many)
    expect(texts(chunks).indexOf('b')).toBeLessThan(50)
  })
})

describe('files and positions', () => {
  it('names a file by source, name and first date', async () => {
    const folder = await folderOf({
      'MSGTRK2026112014-1.LOG': log('a'),
      'MSGTRK2026112015-1.LOG': row(7, 'b'),
    })
    const chunks = await readOnce(onceSource([sourceOf(folder)]).source)
    expect(chunks.map((each) => each.file)).toEqual([
      {
        id: `EX01/MSGTRK2026112014-1.LOG#${date}`,
        source: 'EX01',
        path: join(folder, 'MSGTRK2026112014-1.LOG'),
        series: 'MSGTRK',
      },
      {
        id: 'EX01/MSGTRK2026112015-1.LOG#2026-11-20T14:07:00.000Z',
        source: 'EX01',
        path: join(folder, 'MSGTRK2026112015-1.LOG'),
        series: 'MSGTRK',
      },
    ])
  })

  it('goes on where the positions are, in the same reader and in a new one', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a', 'b', 'c') })
    const first = onceSource([sourceOf(folder)], { chunkBytes: 48 })
    const chunks = await readOnce(first.source)
    const positions = positionsAfter(chunks.slice(0, 1))
    expect(texts(await readOnce(first.source, positions))).toEqual(['b', 'c'])
    expect(texts(await readOnce(onceSource([sourceOf(folder)]).source, positions))).toEqual(['b', 'c'])
    expect(await readOnce(first.source, positionsAfter(chunks))).toEqual([])
  })

  it('leaves an unfinished line, and reads it once it is whole', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': `${log('a')}2026-11-20T14:09:00.000Z,1` })
    const { source } = onceSource([sourceOf(folder)])
    const first = await readOnce(source)
    expect(texts(first)).toEqual(['a'])
    const positions = positionsAfter(first)
    expect(await readOnce(source, positions)).toEqual([])
    await appendFile(join(folder, 'MSGTRK2026112014-1.LOG'), '0.0.0.1,b\r\n')
    const [chunk] = await readOnce(source, positions)
    expect(chunk).toMatchObject({ start: first[0]?.end, text: row(9, 'b') })
    expect(chunk?.layout?.columns).toEqual(['date-time', 'client-ip', 'source'])
  })

  it('reads no file before it has a whole line', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': '', 'MSGTRK2026112014-2.LOG': '#Software: M' })
    const { source } = onceSource([sourceOf(folder)])
    expect(await readOnce(source)).toEqual([])
    await writeFile(join(folder, 'MSGTRK2026112014-2.LOG'), log('a'))
    expect(texts(await readOnce(source))).toEqual(['a'])
  })

  it('reads another file of the same name from its start, and says so', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a', 'b') })
    const { source, log: own } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    const other = header('2026-11-21T00:00:00.000Z') + row(1, 'new1') + row(2, 'new2') + row(3, 'new3')
    await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), other)
    const chunks = await readOnce(source, positions)
    expect(texts(chunks)).toEqual(['new1', 'new2', 'new3'])
    expect(chunks[0]?.file.id).toMatch(/#2026-11-21T00:00:00.000Z$/)
    expect(own.lines.join()).toMatch(/warn A log file was replaced/)
  })

  it('tells another file from a grown one by its date alone', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a', 'b') })
    const { source } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    const other = header('2026-11-21T00:00:00.000Z') + row(1, 'c') + row(2, 'd') + row(3, 'e')
    await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), other)
    expect(texts(await readOnce(source, positions))).toEqual(['c', 'd', 'e'])
  })

  it('reads a file that shrank again from its start, and says so once', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a', 'b') })
    const { source, log: own } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    await truncate(join(folder, 'MSGTRK2026112014-1.LOG'), log('a').length)
    expect(texts(await readOnce(source, positions))).toEqual(['a'])
    expect(texts(await readOnce(source, positions))).toEqual(['a'])
    expect(own.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
  })

  it('reads again a file whose bytes before the position end no line any more', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a', 'b') })
    const { source } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), log('changed', 'completely', 'c'))
    expect(texts(await readOnce(source, positions))).toEqual(['changed', 'completely', 'c'])
  })

  it('refuses what is no message tracking log, once, and reads the rest', async () => {
    const folder = await folderOf({
      'MSGTRK2026112013-1.LOG':
        '# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n',
      'MSGTRK2026112014-1.LOG': `${log('a')}#Log-type: SMTP Receive\r\n#Fields: x\r\ny\r\n`,
      'MSGTRK2026112015-1.LOG': log('b'),
    })
    const { source, log: own } = onceSource([sourceOf(folder)])
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    // What stands before the foreign header is read again after a rewind.
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    const errors = own.lines.filter((line) => line.startsWith('error'))
    expect(errors).toHaveLength(2)
    expect(errors[0]).toMatch(/Exchange 2003.*MSGTRK2026112013-1\.LOG.*remedy/)
    expect(errors[1]).toMatch(/SMTP Receive.*MSGTRK2026112014-1\.LOG/)
  })

  it('refuses exports, UTF-16 and packed logs by name, once each, and reads the rest', async () => {
    const folder = await folderOf({ 'MSGTRK2026112013-1.LOG': log('a') })
    const others: [name: string, bytes: Buffer, what: string][] = [
      [
        'MSGTRK2026112014-1.LOG',
        Buffer.from(`Timestamp,EventId,Sender\r\n${row(1, 'x')}`),
        'MessageTrackingLog',
      ],
      ['MSGTRK2026112014-2.LOG', Buffer.from(`\ufeff${log('x')}`, 'utf16le'), 'UTF-16'],
      ['MSGTRK2026112014-3.LOG', gzipSync(log('x')), 'gzip'],
      ['MSGTRK2026112014-4.LOG', Buffer.from('#TYPE A.MessageTrackingEvent\r\n'), 'MessageTrackingLog'],
    ]
    for (const [name, bytes] of others) await writeFile(join(folder, name), bytes)
    await writeFile(join(folder, 'MSGTRK2026112015-1.LOG'), log('b'))
    const { source, log: own } = onceSource([sourceOf(folder)])
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    const errors = own.lines.filter((line) => line.startsWith('error'))
    expect(errors).toHaveLength(others.length)
    for (const [index, [name, , what]] of others.entries()) {
      expect(errors[index]).toContain(name)
      expect(errors[index]).toContain(what)
      expect(errors[index]).toContain('msgtrk convert reads')
    }
  })
})

describe('startAt a time', () => {
  const hours = {
    'MSGTRK2026112012-1.LOG': header('2026-11-20T12:00:00.000Z') + row(1, 'old'),
    'MSGTRK2026112013-1.LOG': header('2026-11-20T14:00:00.000Z') + row(1, 'a') + row(2, 'b') + row(3, 'c'),
    'MSGTRK2026112015-1.LOG': header('2026-11-20T15:00:00.000Z') + row(0, 'later, whatever its time'),
  }

  it.each([
    ['2026-11-20T14:02:00Z', ['b', 'c', 'later']],
    ['2026-11-20T15:02:00+01:00', ['b', 'c', 'later']],
    ['2026-11-20T14:30:00Z', ['later']],
    ['2026-11-20T14:00:00Z', ['a', 'b', 'c', 'later']],
    ['2026-11-20T15:00:00Z', ['later']],
    ['2026-11-20', ['old', 'a', 'b', 'c', 'later']],
    ['2030-01-01', []],
  ])('%s', async (startAt, expected) => {
    const folder = await folderOf(hours)
    for (const chunkBytes of [48, 4096]) {
      const { source } = onceSource([sourceOf(folder, { startAt })], { chunkBytes })
      const chunks = await readOnce(source)
      expect(texts(chunks)).toEqual(expected)
      expect(chunks[0]).toMatchObject({ text: '', end: 0 })
      expect(chunks[0]?.file.id).toBe(`EX01/${new Date(startAt).toISOString()}`)
      // A rewind before anything was committed begins at the same row.
      expect(await readOnce(source)).toEqual(chunks)
    }
  })

  it('takes nothing but a time for one', async () => {
    const content = `${header('2026-11-20T13:00:00.000Z')}no time,,x\r\n${row(1, 'a')}no time,,y\r\n`
    const folder = await folderOf({ 'MSGTRK2026112013-1.LOG': content })
    const { source } = onceSource([sourceOf(folder, { startAt: '2026-11-20T14:00:00Z' })])
    expect(texts(await readOnce(source))).toEqual(['a', 'y'])
  })
})

describe('startAt end', () => {
  it('commits that the source begins, where its files end, then that it is begun; new files begin at their start', async () => {
    const folder = await folderOf({
      'MSGTRK2026112013-1.LOG': log('a'),
      'MSGTRK2026112014-1.LOG': `${row(1, 'b')}half`,
      'MSGTRK2026112015-1.LOG': '',
    })
    const options = sourceOf(folder, { startAt: 'end' })
    const chunks = await readOnce(onceSource([options]).source)
    expect(
      chunks.map(({ file, start, end, header: block, text }) => [file.id, start, end, block, text]),
    ).toEqual([
      ['EX01/end', 0, 0, -1, ''],
      [`EX01/MSGTRK2026112013-1.LOG#${date}`, log('a').length, log('a').length, 0, ''],
      [
        'EX01/MSGTRK2026112014-1.LOG#2026-11-20T14:01:00.000Z',
        row(1, 'b').length,
        row(1, 'b').length,
        -1,
        '',
      ],
      ['EX01/', 0, 0, -1, ''],
    ])
    await appendFile(join(folder, 'MSGTRK2026112013-1.LOG'), row(2, 'c'))
    await appendFile(join(folder, 'MSGTRK2026112015-1.LOG'), log('d'))
    await writeFile(join(folder, 'MSGTRK2026112016-1.LOG'), log('e'))
    const next = await readOnce(onceSource([options]).source, positionsAfter(chunks))
    expect(texts(next)).toEqual(['c', 'd', 'e'])
    expect(next[0]?.layout?.columns).toEqual(['date-time', 'client-ip', 'source'])
  })

  it('keeps the ends it found over a rewind, so that nothing written since is passed over', async () => {
    const folder = await folderOf({ 'MSGTRK2026112013-1.LOG': log('a') })
    const { source } = onceSource([sourceOf(folder, { startAt: 'end' })])
    await readOnce(source)
    await appendFile(join(folder, 'MSGTRK2026112013-1.LOG'), row(2, 'b'))
    await writeFile(join(folder, 'MSGTRK2026112016-1.LOG'), log('c'))
    expect(texts(await readOnce(source))).toEqual(['b', 'c'])
  })

  it('finds the last line end far from the end of the file', async () => {
    const folder = await folderOf({ 'MSGTRK2026112013-1.LOG': `${log('a')}${'x'.repeat(200_000)}` })
    const [, chunk] = await readOnce(onceSource([sourceOf(folder, { startAt: 'end' })]).source)
    expect(chunk?.end).toBe(log('a').length)
  })
})

describe('what is not there', () => {
  it('says once that a folder is missing and what to do, and reads the others', async () => {
    const folder = await temporaryFolder()
    const other = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a') })
    const missing = join(folder, 'later')
    const { source, log: own } = onceSource([sourceOf(missing), sourceOf(other, { name: 'EX02' })])
    expect(texts(await readOnce(source))).toEqual(['a'])
    expect(texts(await readOnce(source))).toEqual(['a'])
    const errors = own.lines.filter((line) => line.startsWith('error'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(missing)
    expect(errors[0]).toMatch(/remedy.*(server\\\\share|share is mounted)/)
    await mkdir(missing)
    await writeFile(join(missing, 'MSGTRK2026112014-1.LOG'), log('b'))
    expect(texts(await readOnce(source)).sort()).toEqual(['a', 'b'])
    expect(own.lines.filter((line) => /readable again/.test(line))).toHaveLength(1)
  })

  it('warns when nothing matches the pattern', async () => {
    const folder = await folderOf({ 'other.txt': '' })
    const { source, log: own } = onceSource([sourceOf(folder)])
    await readOnce(source)
    expect(own.lines.join()).toMatch(/warn .*no file that matches.*MSGTRK/)
  })

  it('reads on after a file that cannot be read, and comes back to it', async () => {
    const folder = await folderOf({ 'MSGTRK2026112015-1.LOG': log('b') })
    // A directory of such a name: it can be opened but not read, whoever runs the test.
    await mkdir(join(folder, 'MSGTRK2026112014-1.LOG'))
    const { source, log: own } = onceSource([sourceOf(folder)])
    expect(texts(await readOnce(source))).toEqual(['b'])
    await readOnce(source)
    const errors = own.lines.filter((line) => line.startsWith('error'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/cannot be read.*MSGTRK2026112014-1\.LOG.*remedy/)
    await rm(join(folder, 'MSGTRK2026112014-1.LOG'), { recursive: true })
    await writeFile(join(folder, 'MSGTRK2026112014-1.LOG'), log('a'))
    expect(texts(await readOnce(source))).toEqual(['a', 'b'])
    expect(own.lines.join()).toMatch(/A log file is readable again/)
  })

  it('says that a file was deleted before it was read', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a'), 'MSGTRK2026112015-1.LOG': log('b') })
    const { source, log: own } = onceSource([sourceOf(folder)])
    const chunks = source.read(new Map(), new AbortController().signal)[Symbol.asyncIterator]()
    await chunks.next()
    await rm(join(folder, 'MSGTRK2026112015-1.LOG'))
    expect((await chunks.next()).done).toBe(true)
    const errors = own.lines.filter((line) => line.startsWith('error'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/deleted before.*MSGTRK2026112015-1\.LOG/)
  })

  it('says so also when it was read but has to be read again', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a') })
    const { source, log: own } = onceSource([sourceOf(folder)])
    await readOnce(source)
    await rm(join(folder, 'MSGTRK2026112014-1.LOG'))
    await readOnce(source)
    expect(own.lines.join()).toMatch(/error A log file was deleted before/)
  })

  it('says nothing about a file that was deleted after it was read', async () => {
    const folder = await folderOf({ 'MSGTRK2026112014-1.LOG': log('a') })
    const { source, log: own } = onceSource([sourceOf(folder)])
    const positions = positionsAfter(await readOnce(source))
    await rm(join(folder, 'MSGTRK2026112014-1.LOG'))
    await readOnce(source, positions)
    expect(own.lines.filter((line) => !line.startsWith('info'))).toEqual([])
  })
})
