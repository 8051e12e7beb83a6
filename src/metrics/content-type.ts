/** The two kinds of text that metrics are told in, apart from what makes them: that is loaded for the first page. */

const prometheus = 'text/plain; version=0.0.4; charset=utf-8'
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export type ContentType = typeof prometheus | typeof openMetrics

/** The type of page to answer with, by the `Accept` of who asks. */
export function typeFor(accept: string): ContentType {
  const isWanted = /(?:^|,)\s*application\/openmetrics-text\s*(?:;|,|$)/i.test(accept)
  return isWanted ? openMetrics : prometheus
}
