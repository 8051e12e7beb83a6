/** All sources, a line for each. */
import type { InstanceStatus, SourceStatus } from '../status/snapshot.ts'
import { counted, duration, size } from '../status/words.ts'
import { Findings } from './destination.tsx'
import { Sign } from './sign.tsx'
import { ago, anchor, findingsOf, perSecond, toneOfPart } from './words.ts'

interface Props {
  readonly status: InstanceStatus
}

export function Sources({ status: { sources, findings, at } }: Props) {
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where there is no room, also by keys */}
      <section class="wide" aria-label="Table of sources" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col" class="number">
                Newest record
              </th>
              <th scope="col" class="number rate">
                Rows/s
              </th>
              <th scope="col" class="number">
                Behind
              </th>
              <th scope="col" class="number spare">
                Logs
              </th>
              <th scope="col" class="number spare">
                Kept for
              </th>
            </tr>
          </thead>
          {sources.map((source, index) => {
            const found = findingsOf(findings, `source ${source.name}`)
            const tone = toneOfPart(found)
            return (
              <tbody key={source.name} id={anchor('source', index)}>
                <tr>
                  <th scope="row">
                    <span class="name">
                      <Sign tone={tone} />
                      {source.name}
                    </span>
                    <span class="more">
                      {source.server !== null && source.server !== source.name && (
                        <span>{source.server} · </span>
                      )}
                      <code>{source.folder}</code>
                    </span>
                  </th>
                  <td class="number">{newestIn(source, at)}</td>
                  <td class="number rate">{perSecond(source.rowsPerSecond)}</td>
                  <td class="number">{behindIn(source)}</td>
                  <td class="number spare">
                    {source.kind === 'topic' ? (
                      'a topic'
                    ) : isUnseen(source) ? (
                      'not known'
                    ) : (
                      <>
                        {counted(source.files, 'file')}
                        <span class="more">{size(source.bytes)}</span>
                      </>
                    )}
                  </td>
                  <td class="number spare">{keptIn(source)}</td>
                </tr>
                {found.length > 0 && (
                  <tr class="found">
                    <td colSpan={6}>
                      <Findings findings={found} at={at} />
                    </td>
                  </tr>
                )}
              </tbody>
            )
          })}
        </table>
      </section>
    </section>
  )
}

function newestIn({ reachable, newestRecordAt }: SourceStatus, at: string) {
  if (!reachable) return 'unreachable'
  if (newestRecordAt === null) return '–'
  return (
    <time dateTime={newestRecordAt} title={newestRecordAt}>
      {ago(newestRecordAt, at)}
    </time>
  )
}

function behindIn({ reachable, backlogBytes }: SourceStatus): string {
  if (backlogBytes > 0) return size(backlogBytes)
  return reachable ? 'nothing' : 'not known'
}

/** It was out of reach from the beginning. */
function isUnseen({ reachable, files }: SourceStatus): boolean {
  return !reachable && files === 0
}

/** As estimated: the folder tells no more. */
function keptIn({ kind, retention }: SourceStatus): string {
  if (kind === 'topic') return '–'
  return retention === null ? 'not known' : `~${duration(retention.keepsSeconds)}`
}
