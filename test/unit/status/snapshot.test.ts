import { expect, test } from 'vitest'
import * as z from 'zod'
import { statusSchema } from '../../../src/status/snapshot.ts'

/** All that it tells, as `path: type`. Others read it: a line may be added here, and none may be changed or go. */
const told = `
version: 1
at: string
program.version: string
program.pid: integer
program.host: string
program.startedAt: string
configuration.file: string,null
configuration.sha256: string
configuration.lastReload.at: string or null
configuration.lastReload.successful: boolean
state: string
health: well|degraded|down
findings[].kind: destinationDown|destinationPaused|onStandby|sourceUnreachable|filesUnreadable|sourceSilent|sourceEmpty|clockWrong|behind|backlogNearsRetention|dataLost|malformed|rejected|filterLetsNothingPass|certificateExpires|positionsNotSaved|lettersNotWritten|lettersDropped|filesNotTidied|mailsClosedEarly|logNotWritten|commandsUnheard|reloadFailed
findings[].severity: doubt|behind|trouble|down
findings[].part: string
findings[].why: string
findings[].remedy: string
findings[].since: string or null
sources[].name: string
sources[].kind: folder|topic
sources[].folder: string
sources[].server: string,null
sources[].reachable: boolean
sources[].reason: string,null
sources[].files: integer
sources[].bytes: integer
sources[].filesNotRead: integer
sources[].oldestFileAt: string or null
sources[].newestRecordAt: string or null
sources[].newestRecordAgeSeconds: number,null
sources[].rowsPerSecond: number
sources[].backlogBytes: integer
sources[].retention.keepsSeconds: number or null
sources[].retention.by: age|size|seen
destinations[].name: string
destinations[].to: string
destinations[].state: delivering|idle|unavailable|starting|paused
destinations[].since: string or null
destinations[].pausedBy: string,null
destinations[].active: string
destinations[].receivers[].to: string
destinations[].receivers[].state: ready|unavailable|unknown
destinations[].receivers[].reason: string,null
destinations[].receivers[].lasting: boolean
destinations[].receivers[].since: string or null
destinations[].startedAt: string
destinations[].lastDeliveryAt: string or null
destinations[].backlog.bytes: integer
destinations[].backlog.complete: boolean
destinations[].backlog.oldestRecordAt: string or null
destinations[].backlog.oldestRecordAgeSeconds: number,null
destinations[].backlog.retentionLeftSeconds: number,null
destinations[].backlog.caughtUpInSeconds: number,null
destinations[].backlog.sources[].bytes: integer
destinations[].backlog.sources[].complete: boolean
destinations[].backlog.sources[].oldestRecordAt: string or null
destinations[].backlog.sources[].oldestRecordAgeSeconds: number,null
destinations[].backlog.sources[].retentionLeftSeconds: number,null
destinations[].backlog.sources[].caughtUpInSeconds: number,null
destinations[].backlog.sources[].source: string
destinations[].backlog.sources[].rowsPerSecond: number
destinations[].backlog.sources[].partitions[].partition: integer
destinations[].backlog.sources[].partitions[].messages: integer or null
destinations[].rates.oneMinute.read: number
destinations[].rates.oneMinute.delivered: number
destinations[].rates.oneMinute.sentBytes: number
destinations[].rates.fifteenMinutes.read: number
destinations[].rates.fifteenMinutes.delivered: number
destinations[].rates.fifteenMinutes.sentBytes: number
destinations[].counts.read: integer
destinations[].counts.delivered: integer
destinations[].counts.filtered: integer
destinations[].counts.malformed: integer
destinations[].counts.rejected: integer
destinations[].counts.lost: integer
destinations[].counts.held: integer
destinations[].counts.inFlight: integer
destinations[].counts.repeated: integer
destinations[].counts.rewinds: integer
destinations[].counts.failovers: integer
destinations[].counts.failbacks: integer
destinations[].counts.sentBytes: integer
destinations[].mails.open: integer or null
destinations[].mails.openBytes: integer
destinations[].mails.closed.quiet: integer
destinations[].mails.closed.long: integer
destinations[].mails.closed.full: integer
destinations[].mails.closed.end: integer
destinations[].filteredBy[].rule: string
destinations[].filteredBy[].records: integer
destinations[].certificates[].of: receiver|authority|client
destinations[].certificates[].subject: string
destinations[].certificates[].expiresAt: string
destinations[].positions.savedAt: string or null
destinations[].positions.reason: string,null
destinations[].deadLetters.since: string or null
destinations[].deadLetters.reason: string,null
`

type Schema = z.core.JSONSchema.BaseSchema

function pathsOf(schema: Schema, path = ''): readonly string[] {
  const options = schema.anyOf as Schema[] | undefined
  if (options !== undefined) {
    const [first = {}, ...others] = options
    return pathsOf(first, path).map((line, index) =>
      index === 0 && others.some(({ type }) => type === 'null') ? `${line} or null` : line,
    )
  }
  if (schema.type === 'array') return pathsOf(schema.items as Schema, `${path}[]`)
  if (schema.type === 'object') {
    const inner = Object.entries(schema.properties ?? {})
    return inner.flatMap(([name, each]) => pathsOf(each as Schema, path === '' ? name : `${path}.${name}`))
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  return [`${path}: ${values?.join('|') ?? schema.type}`]
}

test('what status --json tells stays', () => {
  const { $schema, ...schema } = z.toJSONSchema(statusSchema)
  expect(pathsOf(schema)).toEqual(told.trim().split('\n'))
})
