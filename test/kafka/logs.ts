/** Brokers, and simulated logs of which every row is to come to a topic there. */
import { Workplace } from '../support/program.ts'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { type Expected, expectedIn } from './oracle.ts'

/** What the tests of a file share. */
export interface ClusterAndLogs {
  readonly cluster: Cluster
  /** Its folder `logs` holds the rows. */
  readonly place: Workplace
  readonly expected: Expected
  /** Ends the brokers and removes everything. */
  end(): Promise<void>
}

/** Starts the brokers, and writes so many rows. */
export async function clusterWithLogs(options: ClusterOptions, rows: number): Promise<ClusterAndLogs> {
  const cluster = await startCluster(options)
  const puts: (() => Promise<void>)[] = []
  const end = async (): Promise<void> => {
    for (const put of puts) await put()
    await cluster.end()
  }
  try {
    const place = await Workplace.open((put) => puts.push(put))
    await place.simulate('logs', rows)
    return { cluster, place, expected: await expectedIn(place), end }
  } catch (error) {
    await end()
    throw error
  }
}
