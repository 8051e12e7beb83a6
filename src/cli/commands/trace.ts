/** `msgtrk trace`: every row of one mail, and what became of it. */
import { Command } from 'commander'
import { readConfig } from '../../app/read-config.ts'
import type { Config } from '../../config/schema.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { isFolder } from '../../sources/options.ts'
import type { CommandContext } from '../command-context.ts'
import { type Belonging, belongingOf, namedBy } from '../fate/belonging.ts'
import { openJudge, recordJudge, type Treated } from '../fate/judge.ts'
import { type Input, unreadable } from '../inputs/find-inputs.ts'
import { tellProblem } from '../terminal/problems.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { askedId } from '../trace/asked-id.ts'
import { filesBelow, searchedFiles } from '../trace/files.ts'
import { traceJson } from '../trace/json.ts'
import { type FatedRow, traceText } from '../trace/present.ts'
import { relatedIds } from '../trace/related.ts'
import { type Mention, nearest, rowFinder, type TracedRow } from '../trace/rows.ts'

interface TraceArguments {
  readonly config?: string
  readonly from?: readonly string[]
  readonly json?: boolean
}

const details = `
Answers "why did this mail's event not arrive": all rows of the mail in all logs, in order of time, and for each
destination whether a row is settled, not yet, filtered (by which rule), in the dead letters, older than where its source
began, or read by no source; docs/why-not.md has an example of each. It only reads, also while msgtrk runs.

The id is a message-id, with or without <>, or a network-message-id; case is no matter. All of it is needed: where it is
only found as a part, the ids that it is a part of are told.

--from names logs or folders besides those of the configuration; without one they are all that is searched.
--json prints one object; its fields are in docs/why-not.md.

Examples:
  msgtrk trace --config msgtrk.yaml '<a1@partner.example>'
  msgtrk trace --config msgtrk.yaml 6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
  msgtrk trace --from EX01/ EX02/ --json -- a1@partner.example

Exit code: 0 found, 1 not found, 2 a mistake in the command, 3 positions or dead letters can't be read, 4 stopped.`

/** The command; throws a ProblemsError for what a person can mend. */
export function traceCommand({
  stop,
  stdout = process.stdout,
  stderr = process.stderr,
}: CommandContext): Command {
  return new Command('trace')
    .description('Find every row of one mail, and tell what became of it for each destination.')
    .argument('<id>', 'message-id or network-message-id')
    .option(
      '--config <file>',
      'configuration of "msgtrk run": its sources are searched, its state folder is read',
    )
    .option('--from <logs...>', 'logs, or folders of them, to be searched')
    .option('--json', 'for scripts')
    .addHelpText('after', details)
    .action(async (given: string, args: TraceArguments) => {
      const id = askedId(given)
      if (id === null)
        throw mistake(
          'id',
          'is too short for the id of a mail',
          'give all of a message-id or network-message-id',
        )
      const { config: file, from = [], json = false } = args
      if (file === undefined && from.length === 0) {
        throw mistake(
          'msgtrk trace',
          'does not know where to search',
          'give --config msgtrk.yaml, or folders with --from',
        )
      }
      const config = file === undefined ? undefined : await readConfig(file)
      const started = performance.now()
      const { files, problems } = await searchedFiles(config?.sources ?? [], from)
      const judge = config === undefined ? () => new Map() : recordJudge(config)
      const pass = new SearchPass(stop)
      const find = rowFinder<Treated>({ id, stop, judge, onBytes: (bytes) => pass.at(bytes) })
      await pass.search(files, find)
      // An archive may hold years: it is of use only where nothing else was found.
      if (pass.rows.length === 0) await pass.search(await filesBelow(config?.sources ?? []), find)
      const { rows, mentions } = pass
      const fated = await withFates(config, inOrder(rows))
      const trace = {
        id,
        rows: fated.rows,
        mentions,
        related: relatedIds(id, rows, mentions),
        destinations: fated.destinations,
        config: file,
        notes: fated.notes,
        places: [...(config?.sources ?? []).filter(isFolder).map(({ folder }) => folder), ...from],
        searched: { files: pass.files, bytes: pass.bytes, seconds: (performance.now() - started) / 1000 },
      }
      const unread = [...problems, ...pass.problems]
      stdout.write(json ? traceJson(trace, [...unread, ...fated.problems]) : traceText(trace, stdout.columns))
      if (unread.length > 0) stderr.write('Not all could be searched; it may have rows there:\n')
      for (const problem of [...unread, ...fated.problems]) tellProblem(stderr, problem)
      if (fated.problems.length > 0) process.exitCode = ExitCode.state
      else if (rows.length === 0) process.exitCode = ExitCode.failed
    })
}

function mistake(argument: string, message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where: { argument }, message, remedy }])
}

type Row = TracedRow<Treated>

/** Passes over logs, with a bar where standard error is a terminal, and what they found. */
class SearchPass {
  readonly #stop: AbortSignal
  #bar: ProgressBar | undefined
  readonly rows: Row[] = []
  mentions: readonly Mention[] = []
  readonly problems: Problem[] = []
  /** Logs that were searched to their end, and bytes of their texts. */
  files = 0
  bytes = 0
  /** Of the present pass, before the present file; and in it. */
  #before = 0
  #inFile = 0

  constructor(stop: AbortSignal) {
    this.#stop = stop
  }

  /** So many bytes of the present file were looked at; throws when it is to end. */
  at(bytes: number): void {
    this.#stop.throwIfAborted()
    this.#inFile = bytes
    this.#bar?.update(this.#before + bytes)
  }

  /** Searches all of them. A file that can't be searched does not stop the others. */
  async search(
    inputs: readonly Input[],
    find: (file: string) => Promise<{ readonly rows: readonly Row[]; readonly mentions: readonly Mention[] }>,
  ): Promise<void> {
    const total = inputs.reduce((sum, { size }) => sum + size, 0)
    this.#bar = process.stderr.isTTY ? new ProgressBar(process.stderr, total) : undefined
    this.#before = 0
    const mentions: Mention[] = [...this.mentions]
    for (const { path, size } of inputs) {
      if (this.#stop.aborted) break
      this.#inFile = 0
      try {
        const found = await find(path)
        for (const row of found.rows) this.rows.push(row)
        mentions.push(...found.mentions)
        this.files++
      } catch (error) {
        if (this.#stop.aborted) break
        this.problems.push(...(error instanceof ProblemsError ? error.problems : [unreadable(path, error)]))
      }
      this.bytes += this.#inFile
      this.#before += size
    }
    this.#bar?.clear()
    if (this.#stop.aborted) {
      const where = { argument: 'msgtrk trace' }
      throw new ProblemsError([{ where, message: 'stopped before all was searched' }], ExitCode.unfinished)
    }
    this.mentions = nearest(mentions)
  }
}

/** By time, and where that is the same as they stand; lines without a time are the last. */
function inOrder(rows: readonly Row[]): readonly Row[] {
  const key = ({ time }: Row) => (time === '' ? '~' : time)
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

interface WithFates {
  readonly rows: readonly FatedRow[]
  readonly destinations: readonly string[]
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
}

/** Judged after the search: what was settled meanwhile is. */
async function withFates(config: Config | undefined, rows: readonly Row[]): Promise<WithFates> {
  if (config === undefined) {
    return {
      rows: rows.map((row) => ({ ...row, fates: new Map() })),
      destinations: [],
      notes: [],
      problems: [],
    }
  }
  const belongings = new Map<string, Belonging>()
  for (const file of new Set(rows.map(({ path }) => path))) {
    const unread = (error: Error): Belonging => ({ source: null, why: error.message })
    belongings.set(file, await belongingOf(config.sources, file).catch(unread))
  }
  const files = new Set([...belongings].map(([file, belonging]) => namedBy(belonging, file)))
  const { destinations, notes, problems, fatesOf } = await openJudge(config, files)
  const judged = rows.map((row) => {
    const belonging = belongings.get(row.path) as Belonging
    const path = namedBy(belonging, row.path)
    return { ...row, fates: fatesOf({ ...row, path, belonging, treated: row.judged ?? new Map() }) }
  })
  return { rows: judged, destinations, notes, problems }
}
