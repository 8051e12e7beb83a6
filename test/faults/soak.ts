/**
 * The long run: `npm run test:faults -- --minutes 30`. Round after round, over TCP and TLS in turn, each with
 * a seed of its own. Prints what became of the records, and a table of all faults at the end. From ten minutes on,
 * all of bounds.test.ts follows.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { Workplace } from '../support/program.ts'
import { networkWithoutTimeWait } from './namespaces.ts'
import { faults } from './soak-faults.ts'
import { playRound, type Round } from './soak-round.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    /** The first round's; the next ones count on. */
    seed: { type: 'string' },
    rate: { type: 'string', default: '1500' },
    /** `write` shows that losses are found: with it there must be some. */
    confirm: { type: 'string', default: 'close' },
    /** The folder of a round in which something was wrong stays, with all logs. */
    keep: { type: 'boolean', default: false },
    /** Names of faults, to try no others; may be given several times. */
    only: { type: 'string', multiple: true },
  },
})
const firstSeed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
const faultMs = 30_000
const longRunMinutes = 10
const unknown = values.only?.filter((name) => !(name in faults)) ?? []
if (unknown.length > 0)
  throw new Error(`no such fault: ${unknown}; there are ${Object.keys(faults).join(', ')}`)
const endsAt = Date.now() + Number(values.minutes) * 60_000

interface Sums {
  tried: number
  lost: number
  repeated: number
}

const sums = new Map<string, Sums>()
const total = {
  rounds: 0,
  records: 0,
  lost: 0,
  told: 0,
  repeated: 0,
  cut: 0,
  wrong: 0,
  failed: 0,
  longestSettledMs: 0,
}

console.log(`Seed ${firstSeed}; over TCP with even seeds, over TLS with odd ones`)
const network = networkWithoutTimeWait()
process.once('exit', () => network?.remove())
if (network === undefined)
  console.log('Without rounds on a full table of TIME_WAIT: no right to make networks')
while (Date.now() < endsAt) {
  const seed = firstSeed + total.rounds
  const protocol = seed % 2 === 0 ? 'tcp' : 'tls'
  // In pairs, over TCP and over TLS.
  const shape = Math.floor(seed / 2) % 4
  const isBare = network !== undefined && shape === 3
  const relay = shape === 1
  const mails = shape === 2
  const confirm = values.confirm === 'write' ? 'write' : 'close'
  const name = `seed ${seed} ${protocol}${isBare ? ' without TIME_WAIT' : relay ? ' through a relay' : mails ? ' of mails' : ''}`
  let leave: (() => Promise<void>) | undefined
  const place = await Workplace.open((put) => {
    leave = put
  })
  total.rounds++
  const wrongBefore = wrong()
  try {
    const rowsPerSecond = Number(values.rate)
    const round = await playRound({
      place,
      protocol,
      seed,
      faultMs,
      rowsPerSecond,
      confirm,
      faults: values.only,
      relay,
      mails,
      through: isBare ? network.through : [],
    })
    add(round)
    console.log(`${stamp()} ${name}: ${describe(round)}`)
    for (const example of round.examples) console.log(`  ${example.slice(0, 300)}`)
  } catch (error) {
    total.failed++
    console.log(`${stamp()} ${name}: ${error instanceof Error ? error.message : error}`)
  } finally {
    if (values.keep && wrong() > wrongBefore) console.log(`  kept: ${place.folder}`)
    else await leave?.()
  }
}
printTable()
if (wrong() > 0 || !holdsBounds()) process.exitCode = 1

/** Whether all logs that make much of little, with all settings, keep their bounds; only a long run has time for that. */
function holdsBounds(): boolean {
  if (Number(values.minutes) < longRunMinutes) return true
  const env = { ...process.env, CI: '1', MSGTRK_BOUNDS: 'full' }
  const args = ['--no-install', 'vitest', 'run', 'test/faults/bounds.test.ts']
  const { status } = spawnSync('npx', args, { env, stdio: 'inherit', shell: process.platform === 'win32' })
  return status === 0
}

function wrong(): number {
  return total.lost + total.wrong + total.failed
}

function add(round: Round): void {
  total.records += round.records
  total.lost += round.lost
  total.told += round.told
  total.repeated += round.repeated
  total.cut += round.cut
  total.wrong += round.altered + round.outOfOrder + round.wrongCuts + round.missingLetters
  if (round.settledMs === Number.POSITIVE_INFINITY) total.failed++
  else total.longestSettledMs = Math.max(total.longestSettledMs, round.settledMs)
  for (const [fault, tallies] of round.faults) {
    const sum = sums.get(fault) ?? { tried: 0, lost: 0, repeated: 0 }
    sums.set(fault, sum)
    for (const { lost, repeated } of tallies) {
      sum.tried++
      sum.lost += lost
      sum.repeated += repeated
    }
  }
}

function describe(round: Round): string {
  const tried = [...round.faults.values()].reduce((sum, tallies) => sum + tallies.length, 0)
  return (
    `${round.records} records, ${tried} faults, ${round.lost} lost, ${round.told} lost with their log, ${round.repeated} duplicated, ` +
    `${round.cut} cut off, ${round.altered} altered, ${round.outOfOrder} out of order, ${round.missingLetters} dead letters missing, ` +
    `all delivered ${(round.settledMs / 1000).toFixed(1)} s after the last fault`
  )
}

function printTable(): void {
  const width = Math.max(...[...sums.keys()].map((fault) => fault.length), 0)
  const line = (...cells: readonly (string | number)[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? String(cell).padEnd(width) : String(cell).padStart(10))).join(' | ')} |`
  console.log(`\n${line('fault', 'tried', 'lost', 'duplicated')}`)
  console.log(line('-'.repeat(width), '-'.repeat(10), '-'.repeat(10), '-'.repeat(10)))
  for (const [fault, { tried, lost, repeated }] of [...sums].sort()) {
    console.log(line(fault, tried, lost, repeated))
  }
  const tried = [...sums.values()].reduce((sum, each) => sum + each.tried, 0)
  console.log(line('all', tried, total.lost, total.repeated))
  console.log(
    `\nSeed ${firstSeed}: ${total.rounds} rounds, ${total.records} records, ${tried} faults, ${total.lost} lost, ` +
      `${total.told} lost with their log, ${total.repeated} duplicated, ${total.cut} cut off, ${total.wrong} altered or out of order, ` +
      `${total.failed} rounds failed, all delivered at most ${(total.longestSettledMs / 1000).toFixed(1)} s ` +
      'after the last fault',
  )
}

function stamp(): string {
  return new Date().toISOString().slice(11, 19)
}
