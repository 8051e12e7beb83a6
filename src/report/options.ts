import * as z from 'zod'

/** Whether a destination gets reports on the program itself: a part of its configuration. */
export const reportShape = {
  selfReport: z
    .boolean()
    .default(false)
    .describe(
      'Also send events on msgtrk itself here, over a connection of their own: started and stopped, statistics ' +
        'every five minutes, a source or a destination out of reach, data lost (docs/self-report.md).',
    ),
}
