/** The commands by which the guide from the SmartConnector compares what two senders have sent, as they stand there. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { Workplace } from '../support/program.ts'
import { describePeer } from './peer.ts'
import { jqProgram } from './programs.ts'

const run = promisify(execFile)
const guide = path.join(import.meta.dirname, '../../docs/migrate-from-smartconnector.md')
const rows = 300

describePeer('jq', jqProgram, () => {
  test('counts the same of two senders, and finds the keys in which they differ', async () => {
    const place = await Workplace.open(onTestFinished)
    await place.simulate('EX01', rows)
    // One that stands for the connector, and one whose table writes other keys.
    await place.write('connector.json', await received(place, 'connector', 'exchange-2013'))
    await place.write('msgtrk.json', await received(place, 'msgtrk', 'exchange-modern'))
    const blocks = [...(await readFile(guide, 'utf8')).matchAll(/^```sh\n(.*?)^```/gms)].map(
      ([, text = '']) => text,
    )
    const counting = blocks.find((text) => text.startsWith('counts()')) ?? ''
    const comparing = blocks.find((text) => text.startsWith('values()')) ?? ''

    // `diff` ends with an error where it finds a difference.
    const bash = (script: string) => run('bash', ['-euo', 'pipefail', '-c', script], { cwd: place.folder })
    expect((await bash(counting)).stdout).toBe('')
    const counts = await bash(`${counting}counts msgtrk.json`)
    const counted = counts.stdout
      .trim()
      .split('\n')
      .map((line) => Number(line.trim().split(' ')[0]))
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(rows)

    const { stdout } = await bash(comparing)
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim())
    expect(found).toContain(`${rows} msgtrk only: externalId`)
    expect(found.filter((line) => /only: (?:cs2|suser|duser|rt|aid|ahost)$/.test(line))).toEqual([])
    expect(found.some((line) => line.endsWith('connector only: dhost'))).toBe(true)
  })
})

/** What `msgtrk receive` writes of the events of a destination with this mapping table. */
async function received(place: Workplace, name: string, mapping: string): Promise<Buffer> {
  const receiver = place.start(
    'receive',
    '--listen',
    'tcp://127.0.0.1:0',
    '--format',
    'json',
    '--count',
    `${rows}`,
  )
  const address = /tcp:\/\/127\.0\.0\.1:\d+/
  await receiver.until('the address it listens on', () => address.test(receiver.stderr))
  const [to] = address.exec(receiver.stderr) ?? []
  const destination = `{ name: compare, to: '${to}', preset: arcsight, mapping: ${mapping} }`
  await place.write(
    `${name}.yaml`,
    `state: state-${name}\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [${destination}]\n`,
  )
  const program = place.start('run', '--config', `${name}.yaml`)
  const { code, stdout } = await receiver.ended
  expect(code).toBe(0)
  await program.stop()
  return stdout
}
