/** Files with several newer ones: little of them is kept in memory, and all the same every change is noticed. */
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/tail/folder/pace.ts'
import { date, following, header, positionsAfter, row, sourceOf, temporaryFolder, texts } from './logs.ts'

const content = header(date) + row(1, 'a') + row(2, 'b')

/** An old file that was read to its end, and is opened again and again; `rest`: how it ends. */
async function old(rest = '') {
  const folder = await temporaryFolder()
  const file = join(folder, 'MSGTRK2026112010-1.LOG')
  await writeFile(file, content + rest)
  for (let hour = 11; hour < 16; hour++) {
    await writeFile(join(folder, `MSGTRK20261120${hour}-1.LOG`), header(date) + row(3, `${hour}`))
  }
  const pace = { ...createPace(0.01), verifyMs: 0, pollMs: () => 10 }
  const reader = following([sourceOf(folder)], { pace })
  const reading = reader.start()
  const read = await reading.take(7)
  return { file, read, reading, ...reader }
}

describe('an old file', () => {
  it('is read on when it grows all the same', async () => {
    const { file, reading } = await old()
    await appendFile(file, row(4, 'c'))
    const [chunk, ...more] = await reading.take(1)
    expect(more).toEqual([])
    expect(chunk).toMatchObject({
      start: content.length,
      layout: { columns: ['date-time', 'client-ip', 'source'] },
    })
    expect(texts([chunk!])).toEqual(['c'])
  })

  it('is read on when its last line comes to an end', async () => {
    const { file, reading } = await old('2026-11-20T14:04:00.000Z,10.')
    await appendFile(file, '0.0.1,c\r\n')
    expect(texts(await reading.take(1))).toEqual(['c'])
  })

  it('is read again when it was changed in place, to the same size', async () => {
    const { file, reading, log } = await old()
    await writeFile(file, header(date) + row(1, 'a') + row(2, 'B'))
    expect(texts(await reading.take(2))).toEqual(['a', 'B'])
    expect(log.lines.filter((line) => line.includes('was changed'))).toHaveLength(1)
  })

  it('is known for another one when another takes its name', async () => {
    const { file, reading, losses } = await old()
    await writeFile(file, header('2026-11-21T14:00:00.000Z') + row(1, 'k') + row(2, 'l'))
    const read = await reading.take(2)
    expect(texts(read)).toEqual(['k', 'l'])
    expect(read[0]?.file.id).toBe('EX01/MSGTRK2026112010-1.LOG#2026-11-21T14:00:00.000Z')
    expect(losses).toEqual([])
  })

  it('is read again from where it is settled after a rewind', async () => {
    const { read, reading, start } = await old()
    await reading.end()
    const settled = positionsAfter(read)
    const { file } = read[0]!
    settled.set(file.id, { fileId: file.id, offset: content.length - row(2, 'b').length, header: 0 })
    const again = await start(settled).take(1)
    expect(texts(again)).toEqual(['b'])
    expect(again[0]?.file).toEqual(file)
  })
})
