import * as z from 'zod'

/** A setting of destinations that are named by a host. */
export const preferredIpShape = {
  preferredIp: z
    .literal([4, 6], 'must be 4 or 6')
    .optional()
    .describe(
      'Version of IP whose addresses are tried first where the name of the receiver has both; by default as the system ' +
        'orders them.',
    ),
}
