/** `msgtrk filter`: the matching rows, byte for byte, under their header. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Command } from 'commander'
import { compileFilter } from '../../filter/filter.ts'
import { type FilterSettings, noiseNames } from '../../filter/options.ts'
import type { Layout } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { together } from '../../mistakes/together.ts'
import { createPartParser } from '../../parse/parser.ts'
import { headerBlock, isSameHeader } from '../../records/header.ts'
import type { CommandContext } from '../command-context.ts'
import { findInputs } from '../inputs/find-inputs.ts'
import { Pass } from '../inputs/pass.ts'
import {
  addExportOptions,
  doubtEvents,
  type ExportArguments,
  eventsOption,
  exportSettings,
  noiseOption,
  onlyOption,
  outputOption,
  type SelectionArguments,
} from '../options/event-options.ts'
import { openOutput } from '../terminal/byte-output.ts'

const LF = 0x0a

/** Noise that is rows; the rest is values within rows, which stay here as they are. */
const rowNoise = noiseNames.filter((name) => name !== 'agentinfo-performance')

/** Rows parsed at a time: the rest of the program gets its turn between them. */
const partLimits = { rows: 16_384, bytes: Number.POSITIVE_INFINITY }

interface FilterArguments extends ExportArguments, SelectionArguments {
  readonly output?: string
}

const examples = `
The result is a message tracking log again: every tool that reads those reads it. A header is repeated
only where the columns or the version change; rows from a log without a header get one.

Examples:
  msgtrk filter --events SEND,RECEIVE EX01/ -o mail.LOG
  msgtrk filter --noise shadow-redundancy,monitoring EX01/ -o quiet.LOG
  msgtrk filter --events FAIL MSGTRK2026112014-1.LOG | msgtrk convert -

Exit code: 0 when all was read, 1 when a file could not be read or has no record, 2 for a mistake, 4 when stopped.`

/** The command; `stop` ends it early. */
export function filterCommand({ stop }: Pick<CommandContext, 'stop'>): Command {
  const command = new Command('filter')
    .description('Keep only some rows, by event id or without noise, as they stand in the logs.')
    .argument('[inputs...]', 'files, folders or - (FILE|DIR|-)')
    .addOption(eventsOption())
    .addOption(noiseOption(rowNoise))
    .addOption(onlyOption())
    .addOption(outputOption())
  return addExportOptions(command)
    .addHelpText('after', examples)
    .action(async (args: readonly string[], options: FilterArguments) => {
      doubtEvents(options.events)
      const [, inputs] = await together([() => checkArguments(options), () => findInputs(args)])
      const output = await openOutput(options.output, inputs)
      const pass = new Pass({
        inputs,
        stop,
        exports: exportSettings(options),
        showProgress: !output.isTerminal,
      })
      const parse = createPartParser()
      const rows = new RowPicker(options)
      for await (const chunk of pass.chunks()) {
        for (const { runs, malformed } of parse(chunk, partLimits)) {
          for (const records of runs) {
            const picked = rows.pick(records)
            await output.write(Buffer.concat(picked.parts))
            pass.count(chunk.file.path, picked.count, records.count - picked.count, [])
          }
          pass.count(chunk.file.path, 0, 0, malformed)
          await nextTurn()
        }
      }
      await output.close()
      process.exitCode = pass.end()
    })
}

function checkArguments({ events, noise, only }: FilterArguments): void {
  if (events === undefined && noise === undefined && only === undefined) {
    throw new ProblemsError([
      {
        where: { argument: 'msgtrk filter' },
        message: 'says nothing to filter by',
        remedy: 'give --events, --noise or --only',
      },
    ])
  }
  if (noise?.includes('agentinfo-performance')) {
    throw new ProblemsError([
      {
        where: { option: '--noise' },
        message: 'agentinfo-performance is a part of rows, and this command gives rows as they stand',
        remedy: `give ${rowNoise.join(' or ')} here; msgtrk convert takes all of them`,
      },
    ])
  }
}

/** Picks rows and puts a header in front where the one written last does not hold for them. */
class RowPicker {
  readonly #filterFor: ReturnType<typeof compileFilter>
  #written: Layout | undefined

  constructor(settings: FilterSettings) {
    this.#filterFor = compileFilter(settings)
  }

  pick(records: Records): { readonly parts: readonly Uint8Array[]; readonly count: number } {
    const passes = this.#filterFor(records.layout) ?? (() => true)
    const parts: Uint8Array[] = []
    for (let row = 0; row < records.count; row++) if (passes(records, row)) parts.push(rowBytes(records, row))
    const count = parts.length
    if (count > 0 && !isSameHeader(this.#written, records.layout)) {
      // A byte order mark stands at the very beginning only.
      const { header } = records.layout
      parts.unshift(this.#written === undefined && header.length > 0 ? header : headerBlock(records.layout))
      this.#written = records.layout
    }
    return { parts, count }
  }
}

/** The row with the line end it has in the log; a last line without one gets one. */
function rowBytes({ bytes, rowStarts, rowEnds }: Records, row: number): Uint8Array {
  const start = rowStarts[row] as number
  const end = rowEnds[row] as number
  if (bytes[end] === LF) return bytes.subarray(start, end + 1)
  if (bytes[end + 1] === LF) return bytes.subarray(start, end + 2)
  return Buffer.concat([bytes.subarray(start, end), Buffer.from('\r\n')])
}
