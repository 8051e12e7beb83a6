import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layouts } from '../../../src/simulate/layouts.ts'
import { TrackingLog } from '../../../src/simulate/writer.ts'

const noonMs = Date.UTC(2026, 10, 20, 12)
const hourMs = 3_600_000
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-writer-'))
})
afterEach(() => rm(folder, { recursive: true }))

const names = async () => (await readdir(folder)).sort()
const text = (name: string) => readFile(join(folder, name), 'utf8')

async function write(log: TrackingLog, timeMs: number, line: string): Promise<void> {
  if (log.needsRoll(timeMs)) await log.roll(timeMs)
  log.append(line)
}

describe('TrackingLog', () => {
  it('begins a file with a byte order mark and the five header lines', async () => {
    const log = new TrackingLog(folder, 'MSGTRK', layouts['2010'])
    await write(log, noonMs, 'row\r\n')
    await log.close()
    const bytes = await readFile(join(folder, 'MSGTRK20261120-1.LOG'))
    expect([...bytes.subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, '#'.charCodeAt(0)])
    expect(bytes.toString('utf8').slice(1).split('\r\n')).toEqual([
      '#Software: Microsoft Exchange Server',
      '#Version: 14.0.0.0',
      '#Log-type: Message Tracking Log',
      '#Date: 2026-11-20T12:00:00.000Z',
      `#Fields: ${layouts['2010'].columns.join(',')}`,
      'row',
      '',
    ])
    expect(log.writtenBytes).toBe(bytes.length)
  })

  it('rolls when a row arrives in another hour', async () => {
    const log = new TrackingLog(folder, 'MSGTRKMD', layouts['2019'])
    for (const timeMs of [noonMs, noonMs + hourMs - 1, noonMs + hourMs, noonMs + 3 * hourMs]) {
      await write(log, timeMs, 'row\r\n')
    }
    await log.close()
    expect(await names()).toEqual([
      'MSGTRKMD2026112012-1.LOG',
      'MSGTRKMD2026112013-1.LOG',
      'MSGTRKMD2026112015-1.LOG',
    ])
    expect(log.files.map((path) => path.slice(folder.length + 1))).toEqual(await names())
  })

  it('rolls to the next instance number past 10 MB, and starts over in the next hour', async () => {
    const log = new TrackingLog(folder, 'MSGTRK', layouts.se)
    const line = `${'ü'.repeat(2 ** 20)}\r\n`
    for (let i = 0; i < 6; i++) await write(log, noonMs, line)
    await write(log, noonMs + hourMs, 'row\r\n')
    await log.close()
    expect(await names()).toEqual([
      'MSGTRK2026112012-1.LOG',
      'MSGTRK2026112012-2.LOG',
      'MSGTRK2026112013-1.LOG',
    ])
    expect((await text('MSGTRK2026112012-1.LOG')).split('\r\n')).toHaveLength(5 + 5 + 1)
    expect((await text('MSGTRK2026112012-2.LOG')).split('\r\n')).toHaveLength(5 + 1 + 1)
  })

  it('never touches a file that exists', async () => {
    await writeFile(join(folder, 'MSGTRK2026112012-1.LOG'), 'precious')
    const log = new TrackingLog(folder, 'MSGTRK', layouts.se)
    await write(log, noonMs, 'row\r\n')
    await log.close()
    expect(await text('MSGTRK2026112012-1.LOG')).toBe('precious')
    expect(await text('MSGTRK2026112012-2.LOG')).toMatch(/row\r\n$/)
  })

  it('holds back the end of a line until the next flush', async () => {
    const log = new TrackingLog(folder, 'MSGTRK', layouts.se)
    await write(log, noonMs, 'first\r\n')
    await log.flush()
    await write(log, noonMs, 'second\r\n')
    await log.flush(4)
    expect(await text('MSGTRK2026112012-1.LOG')).toMatch(/first\r\nseco$/)
    await write(log, noonMs, 'third\r\n')
    await log.flush(2)
    expect(await text('MSGTRK2026112012-1.LOG')).toMatch(/first\r\nsecond\r\nthird$/)
    await log.close()
    expect(await text('MSGTRK2026112012-1.LOG')).toMatch(/first\r\nsecond\r\nthird\r\n$/)
  })
})
