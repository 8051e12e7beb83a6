/** Names that stand for something made of a record, or known beside it, wherever a column may stand. */

/** The name of the source that the log belongs to. */
export const sourceName = '#Source'
/** How many recipients are outside of the organisation; nothing where its domains are not known. */
export const outsideName = '#Outside'
/** `true` where the connector is one between servers of the organisation, or to its own cloud. */
export const ownConnectorName = '#OwnConnector'
/** By what the sender in the header is another one than in the envelope: `domain`, `address`, or nothing. */
export const senderDiffersName = '#SenderDiffers'

/** Each of them in words. */
export const madeNames: Readonly<Record<string, string>> = {
  [sourceName]: 'the name of the source',
  [outsideName]: 'the number of recipients outside of the organisation',
  [ownConnectorName]: 'whether the connector is one of the organisation',
  [senderDiffersName]: 'by what the sender is not that of the envelope',
}

/** One of them, in a regular expression. */
export const madeNamePattern = `#(?:${Object.keys(madeNames)
  .map((name) => name.slice(1))
  .join('|')})`
