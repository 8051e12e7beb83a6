/** The table of docs/metrics.md, made from the definitions of the metrics. */
import { type Definition, metrics } from '../src/metrics/definitions.ts'

/** All metrics, one in each row. */
export function metricsTable(): string {
  const rows = Object.entries(metrics).map(([name, { type, help, labels }]: [string, Definition]) =>
    [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help].join(' | '),
  )
  return ['metric | type | labels | what it says', '--- | --- | --- | ---', ...rows]
    .map((row) => `| ${row} |\n`)
    .join('')
}
