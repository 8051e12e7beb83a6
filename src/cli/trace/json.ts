/** What was found of a mail, for scripts. */
import { formatPlace } from '../../mistakes/place.ts'
import type { Problem } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { Trace } from './present.ts'

/** One object. */
export function traceJson(
  { id, rows, mentions, related, notes, searched }: Trace,
  problems: readonly Problem[],
): string {
  const value = {
    id: id.text,
    found: rows.length > 0,
    rows: rows.map((row) => ({
      time: row.time === '' ? null : row.time,
      server: row.server,
      source: row.source,
      event: row.event,
      sender: row.sender,
      recipients: row.recipients,
      messageId: row.messageId,
      networkMessageId: row.networkMessageId,
      malformed: row.malformed,
      file: row.path,
      line: row.line,
      offset: row.offset,
      destinations: [...row.fates].map(([destination, { kind, why }]) => ({ destination, fate: kind, why })),
    })),
    related,
    near: mentions.map(({ path, line, ...others }) => ({ file: path, line, ...others })),
    notes,
    searched,
    problems: problems.map(({ where, ...words }) => ({ where: formatPlace(where), ...words })),
  }
  const lines = JSON.stringify(value, null, 2).split('\n')
  return `${lines.map(visible).join('\n')}\n`
}
