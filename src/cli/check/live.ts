/** What the doctor says, for people and for programs. */
import type { ExaminedPart } from '../../app/doctor/examine.ts'
import { counted } from '../../mistakes/counted.ts'
import { type Examined, type Verdict, worstOf } from '../../mistakes/examined.ts'
import { ExitCode } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { TextOutput } from '../command-context.ts'
import { textTable } from '../terminal/table.ts'

/** As long as any of them. */
const partLength = 'certificate'.length

/** Tells each part as soon as those before it are told; the exit code for all. */
export async function tellLive(
  parts: readonly Promise<ExaminedPart>[],
  { stdout, json }: { readonly stdout: TextOutput; readonly json: boolean },
): Promise<ExitCode> {
  const told: ExaminedPart[] = []
  for (const part of parts) {
    const examined = await part
    if (!json) stdout.write(block(examined, told.at(-1), stdout.columns))
    told.push(examined)
  }
  const all = told.flatMap(({ examined }) => examined)
  if (json) stdout.write(asJson(told, all))
  else stdout.write(`\n${conclusion(all)}\n`)
  return exitCodes[worstOf(all)]
}

const exitCodes = { ok: ExitCode.ok, warning: ExitCode.degraded, failure: ExitCode.down } as const

/** Receivers of one destination stand together. */
function block(part: ExaminedPart, before: ExaminedPart | undefined, width: number | undefined): string {
  const { about, name, at, examined } = part
  const title = about === 'source' || about === 'destination' ? `${about} ${name}` : name
  const rows = examined.flatMap(({ verdict, part, message, remedy }): readonly (readonly string[])[] => [
    [`  ${verdict.padEnd('warning'.length)}`, part.padEnd(partLength), message],
    ...(remedy === undefined ? [] : [['', '', `→ ${remedy}`]]),
  ])
  const head = textTable([[title, at]], { width })
  return `${before === undefined ? '' : '\n'}${head}${textTable(rows, { width, gap: ' ' })}`
}

function conclusion(all: readonly Examined[]): string {
  const count = (verdict: Verdict) => all.filter((one) => one.verdict === verdict).length
  const [failures, warnings] = [count('failure'), count('warning')]
  if (failures + warnings === 0) return 'All is in order.'
  const counts = [
    ...(failures > 0 ? [counted(failures, 'failure')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ]
  return `${counts.join(', ')}; ${count('ok')} in order.`
}

function asJson(told: readonly ExaminedPart[], all: readonly Examined[]): string {
  const lines = JSON.stringify({ version: 1, verdict: worstOf(all), parts: told }, null, 2).split('\n')
  return `${lines.map(visible).join('\n')}\n`
}
