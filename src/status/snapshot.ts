/**
 * What a running instance tells of itself, at one moment: for `msgtrk status`, for metrics and for the page alike. Its
 * shape is an interface: what is in it stays, and what is added may be left unread.
 */
import * as z from 'zod'

const time = z.string().describe('ISO 8601, in UTC')
const seconds = z.number()
const count = z.number().int()
const bytes = z.number().int()

const findingSchema = z.strictObject({
  kind: z
    .enum([
      'destinationDown',
      'destinationPaused',
      'onStandby',
      'sourceUnreachable',
      'filesUnreadable',
      'sourceSilent',
      'sourceEmpty',
      'clockWrong',
      'behind',
      'backlogNearsRetention',
      'dataLost',
      'malformed',
      'rejected',
      'filterLetsNothingPass',
      'certificateExpires',
      'positionsNotSaved',
      'lettersNotWritten',
      'lettersDropped',
      'filesNotTidied',
      'mailsClosedEarly',
      'logNotWritten',
      'commandsUnheard',
      'reloadFailed',
    ])
    .describe('What was found.'),
  severity: z
    .enum(['doubt', 'behind', 'trouble', 'down'])
    .describe(
      'doubt: may be meant; behind: late; trouble: wrong, and delivery goes on; down: nothing moves.',
    ),
  part: z.string().describe('Which part: `destination siem`, `source EX01`.'),
  why: z.string(),
  remedy: z.string(),
  since: time.nullable(),
})

const retention = z
  .strictObject({
    keepsSeconds: seconds.describe('How old a log becomes before Exchange deletes it, as estimated.'),
    by: z
      .enum(['age', 'size', 'seen'])
      .describe('What that is estimated from: the usual age, the usual size, a deletion that was seen.'),
  })
  .nullable()
  .describe(
    'Null when nothing can be said: the folder is empty, or holds older logs than Exchange usually keeps.',
  )

const sourceSchema = z.strictObject({
  name: z.string(),
  kind: z
    .enum(['folder', 'topic'])
    .describe('A topic has no files, and nobody knows how long they are kept.'),
  folder: z.string().describe('Its folder, or the address of its topic.'),
  server: z.string().nullable().describe('The server that writes the logs, as its newest records tell.'),
  reachable: z.boolean(),
  reason: z.string().nullable().describe('Why the folder can not be read.'),
  files: count,
  bytes,
  filesNotRead: count.describe('Files that can not be read, or are no tracking logs.'),
  oldestFileAt: time.nullable(),
  newestRecordAt: time.nullable().describe('Of the newest record in the folder, delivered or not.'),
  newestRecordAgeSeconds: seconds.nullable(),
  rowsPerSecond: z.number().describe('Rows read of it over the last minute.'),
  backlogBytes: bytes.describe('That of the destination that is furthest behind.'),
  retention,
})

const receiverSchema = z.strictObject({
  to: z.string(),
  state: z.enum(['ready', 'unavailable', 'unknown']).describe('unknown: nothing was sent there yet.'),
  reason: z.string().nullable(),
  lasting: z.boolean().describe('A person has to mend it.'),
  since: time.nullable(),
})

const backlogSchema = z.strictObject({
  bytes: bytes.describe('Sizes of the logs, less what is settled of them.'),
  complete: z
    .boolean()
    .describe(
      'False while some logs are not measured yet, or a folder can not be read: it may be more then.',
    ),
  oldestRecordAt: time.nullable().describe('Date-time of the oldest record that is not delivered.'),
  oldestRecordAgeSeconds: seconds.nullable(),
  retentionLeftSeconds: seconds
    .nullable()
    .describe(
      'How long until Exchange deletes that record, as estimated; null when nothing is behind or known.',
    ),
  caughtUpInSeconds: seconds
    .nullable()
    .describe('At the pace of the last minute; null when it does not get less.'),
})

const ratesSchema = z.strictObject({
  read: z.number().describe('Records a second.'),
  delivered: z.number().describe('Events a second.'),
  sentBytes: z.number().describe('Bytes a second that a socket took.'),
})

const destinationSchema = z.strictObject({
  name: z.string(),
  to: z.string(),
  state: z
    .enum(['delivering', 'idle', 'unavailable', 'starting', 'paused'])
    .describe('idle: all that is there is delivered; paused: by a person, until one resumes it.'),
  since: time.nullable().describe('Since when it is unavailable, or paused.'),
  pausedBy: z.string().nullable().describe('Who paused it, as they say.'),
  active: z.string().describe('The receiver that gets the events now.'),
  receivers: z.array(receiverSchema),
  startedAt: time,
  lastDeliveryAt: time.nullable(),
  backlog: backlogSchema.extend({
    sources: z.array(
      backlogSchema.extend({
        source: z.string(),
        rowsPerSecond: z.number().describe('Rows read of it for this destination over the last minute.'),
        partitions: z
          .array(
            z.strictObject({
              partition: count,
              messages: count.nullable().describe('Not delivered yet; null while that is not known.'),
            }),
          )
          .optional()
          .describe('Of a topic those that this instance reads.'),
      }),
    ),
  }),
  rates: z.strictObject({ oneMinute: ratesSchema, fifteenMinutes: ratesSchema }),
  counts: z
    .strictObject({
      read: count,
      delivered: count,
      filtered: count,
      malformed: count,
      rejected: count,
      lost: count,
      held: count.describe('Rows that wait in open mails.'),
      inFlight: count,
      repeated: count,
      rewinds: count,
      failovers: count,
      failbacks: count,
      sentBytes: bytes,
    })
    .describe('Since it began; rows up to inFlight, which balance.'),
  mails: z
    .strictObject({
      open: count,
      openBytes: bytes.describe('What they take of memory, about.'),
      closed: z
        .strictObject({ quiet: count, long: count, full: count, end: count })
        .describe('Since it began, by why; full: there was no room for more.'),
    })
    .nullable()
    .describe('Null where rows are delivered.'),
  filteredBy: z.array(z.strictObject({ rule: z.string(), records: count })),
  certificates: z.array(
    z.strictObject({
      of: z.enum(['receiver', 'authority', 'client']),
      subject: z.string(),
      expiresAt: time,
    }),
  ),
  positions: z.strictObject({ savedAt: time.nullable(), reason: z.string().nullable() }),
  deadLetters: z
    .strictObject({ since: time.nullable(), reason: z.string().nullable() })
    .describe('Since when and why they can not be written; null when they can, as far as known.'),
})

export const statusSchema = z.strictObject({
  version: z.literal(1),
  at: time,
  program: z.strictObject({ version: z.string(), pid: count, host: z.string(), startedAt: time }),
  configuration: z.strictObject({
    file: z.string().nullable(),
    sha256: z.string(),
    lastReload: z
      .strictObject({ at: time, successful: z.boolean() })
      .nullable()
      .describe('Where it was not, the configuration before it is in force.'),
  }),
  state: z.string().describe('The state folder.'),
  health: z
    .enum(['well', 'degraded', 'down'])
    .describe('down: to a destination, or from all sources, nothing moves.'),
  findings: z.array(findingSchema).describe('What is wrong or late, the worst first.'),
  sources: z.array(sourceSchema),
  destinations: z.array(destinationSchema),
})

export type InstanceStatus = z.output<typeof statusSchema>
export type SourceStatus = InstanceStatus['sources'][number]
export type DestinationStatus = InstanceStatus['destinations'][number]
export type Finding = z.output<typeof findingSchema>
export type Retention = NonNullable<SourceStatus['retention']>
export type Backlog = z.output<typeof backlogSchema>

/** The JSON schema of it, for the documentation and for whoever reads it. */
export function statusJsonSchema(): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(statusSchema)
  return { $schema, title: 'What msgtrk status --json prints', ...rest } as z.core.JSONSchema.BaseSchema
}
