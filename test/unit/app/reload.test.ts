import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Instance } from '../../../src/app/instance.ts'
import { openState } from '../../../src/app/pipeline-state.ts'
import { prepare } from '../../../src/app/prepare.ts'
import { readConfig } from '../../../src/app/read-config.ts'
import { checkpointPath, createCheckpoint } from '../../../src/checkpoint/store.ts'
import { lockFolder } from '../../../src/lock/lock.ts'
import { ExitCode } from '../../../src/mistakes/problem.ts'
import { memoryLog } from '../tail/logs.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msgtrk-reload-'))
  file = join(folder, 'msgtrk.yaml')
})
afterEach(() => rm(folder, { recursive: true }))

type MemoryLog = ReturnType<typeof memoryLog>

const read = () => readConfig(file, { env: {} })

async function write(names: readonly string[], source = 'name: EX01'): Promise<void> {
  const destinations = names.map((name) => `{ name: ${name}, to: 'udp://127.0.0.1:9' }`)
  await writeFile(
    file,
    `state: state\nsources: [{ ${source}, folder: . }]\ndestinations: [${destinations.join(', ')}]\n`,
  )
}

async function opened({ follow, log = memoryLog() }: { readonly follow: boolean; log?: MemoryLog }) {
  const stop = new AbortController()
  const instance = await Instance.open({ config: await read(), log, stop: stop.signal, follow, read })
  return { instance, log, stop: () => stop.abort() }
}

test('a reload that is asked for before anything is at work waits for the start', async () => {
  await write(['a'])
  const { instance, stop } = await opened({ follow: true })
  await write(['a', 'b'])
  const reloading = instance.reload({ by: 'test' })
  const running = instance.run()
  expect(await reloading).toMatchObject({ kept: ['a'], started: ['b'] })
  stop()
  expect(await running).toBe(ExitCode.ok)
  await expect(instance.reload({ by: 'test' })).rejects.toThrow('it is being stopped')
})

test('the own log says what a reload has changed, and nothing of what it has not', async () => {
  await write(['a'])
  const said: unknown[] = []
  const info = (message: string, fields?: object) =>
    void (message.startsWith('Reloaded') && said.push(fields))
  const { instance, stop } = await opened({ follow: true, log: { ...memoryLog(), info } })
  const running = instance.run()
  await instance.reload({ by: 'test' })
  await write(['a', 'b'])
  await instance.reload({ by: 'test' })
  stop()
  await running
  const common = { by: 'test', sha256: expect.any(String) }
  expect(said).toEqual([common, { ...common, changed: [expect.stringContaining('b')], started: ['b'] }])
})

test('what reads once is not reloaded', async () => {
  await write(['a'])
  const { instance, log } = await opened({ follow: false })
  const running = instance.run()
  await expect(instance.reload({ by: 'test' })).rejects.toThrow('--once')
  expect(await running).toBe(ExitCode.ok)
  expect(log.lines.filter((line) => line.startsWith('error Not reloaded'))).toHaveLength(1)
})

test('a start that fails leaves no reload waiting', async () => {
  await write(['a'])
  await mkdir(join(folder, 'state', 'a'), { recursive: true })
  await writeFile(join(folder, 'state', 'a', 'positions.json'), 'damaged')
  const { instance } = await opened({ follow: true })
  const reloading = instance.reload({ by: 'test' })
  await expect(instance.run()).rejects.toThrow('damaged')
  await expect(reloading).rejects.toThrow('it is being stopped')
})

test('a new destination whose positions are damaged is a mistake, before anything changes', async () => {
  await write(['a'])
  const { instance, stop } = await opened({ follow: true })
  const running = instance.run()
  await mkdir(join(folder, 'state', 'b'), { recursive: true })
  await writeFile(join(folder, 'state', 'b', 'positions.json'), 'damaged')
  await write(['b'])
  await expect(instance.reload({ by: 'test' })).rejects.toThrow('the checkpoint is damaged')
  expect(instance.pipelines.map(({ name }) => name)).toEqual(['a'])
  stop()
  await running
})

test('positions that could not be saved go on, and under a new name of their source', async () => {
  await write(['a'], 'name: mail1, formerName: EX01')
  const config = await read()
  const lock = await lockFolder(config.state)
  const position = (source: string, offset: number) => {
    const fileId = `${source}/MSGTRK2026112014-1.LOG#x`
    return new Map([[fileId, { fileId, offset, header: 0 }]])
  }
  await mkdir(join(config.state, 'a'), { recursive: true })
  await createCheckpoint(checkpointPath(config.state, 'a')).save(position('EX01', 10))
  const surroundings = { config, lock, log: memoryLog() }
  const [prepared] = prepare(config, memoryLog()).pipelines
  if (prepared === undefined) throw new Error('there is no pipeline')
  const state = await openState(prepared, surroundings, position('EX01', 20))
  expect(await state.checkpoint.load()).toEqual(position('mail1', 20))
  state.end()
  await lock.release()
  expect(await createCheckpoint(checkpointPath(config.state, 'a')).load()).toEqual(position('mail1', 20))
})

test('new names are refused while positions stand under the old ones, and warned of at a start', async () => {
  await write(['a'])
  const first = await opened({ follow: true })
  const running = first.instance.run()
  await expect(first.instance.reload({ by: 'test' })).resolves.toMatchObject({ changed: [] })
  const fileId = 'EX01/MSGTRK2026112014-1.LOG#x'
  const saved = new Map([[fileId, { fileId, offset: 10, header: 0 }]])
  await createCheckpoint(checkpointPath(join(folder, 'state'), 'a')).save(saved)

  await write(['a'], 'name: mail1')
  await expect(first.instance.reload({ by: 'test' })).rejects.toThrow('source mail1 reads the folder of EX01')
  await write(['b'])
  await expect(first.instance.reload({ by: 'test' })).rejects.toThrow('destination b sends to where a did')
  // Another folder is another source, whatever it is called.
  await mkdir(join(folder, 'other'))
  await writeFile(
    file,
    (await readFile(file, 'utf8'))
      .replace('name: b', 'name: a')
      .replace('EX01, folder: .', 'EX02, folder: other'),
  )
  await expect(first.instance.reload({ by: 'test' })).resolves.toMatchObject({
    changed: ['sources.EX01', 'sources.EX02'],
    restarted: ['a'],
  })
  first.stop()
  await running

  await write(['b'], 'name: mail1')
  const second = await opened({ follow: true })
  const again = second.instance.run()
  await second.instance.reload({ by: 'test', deliverAgain: true })
  expect(second.log.lines.filter((line) => line.startsWith('warn A new name'))).toHaveLength(1)
  second.stop()
  await again
})

test('a former name must be of nobody who is still there', async () => {
  await write(['a', 'b'], 'name: EX01, formerName: ex01')
  await writeFile(file, (await readFile(file, 'utf8')).replace('name: a,', 'name: a, formerName: b,'))
  await expect(read()).rejects.toThrow(
    /sources.0.formerName: is the name of one of the sources.*destinations.0.formerName/s,
  )
})
