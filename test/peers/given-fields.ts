/**
 * What the preset `arcsight` gives events beside the row: who sent them, and categories by event id. Told here by the machine,
 * by what is in the state folder and by the table of categories as it is published; shares nothing with the program.
 */
import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import path from 'node:path'

/** What an event has besides, and when `art` may be. */
export interface Given {
  readonly agent: ReadonlyMap<string, string>
  /** By event id. */
  readonly categories: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Milliseconds since 1970: begin and end of the run. */
  readonly from: number
  readonly to: number
}

const root = path.resolve(import.meta.dirname, '../..')

/** Of a run that has ended, with this state folder. */
export async function givenBy(state: string, from: number): Promise<Given> {
  const to = Date.now()
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const addresses = Object.values(networkInterfaces()).flatMap((some) => some ?? [])
  const own = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)
  const address = (own.find((one) => !one.address.startsWith('169.254.')) ?? own[0])?.address
  const agent = new Map([
    ['ahost', hostname()],
    ['av', String(version)],
    ['at', 'msgtrk'],
    ['aid', (await readFile(path.join(state, '.agent-id'), 'utf8')).trim()],
    ['atz', Intl.DateTimeFormat().resolvedOptions().timeZone],
    ...(address === undefined ? [] : ([['agt', address]] as const)),
  ])
  return { agent, categories: await publishedCategories(), from, to }
}

/** The file as a person reads it: no value of it holds a comma. */
async function publishedCategories(): Promise<Given['categories']> {
  const text = await readFile(path.join(root, 'mappings/categories/arcsight.csv'), 'utf8')
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'))
  const keys = head.split(',').map((name) => name.replace('set.event.', ''))
  return new Map(
    lines.map((line) => {
      const [id = '', ...values] = line.split(',')
      return [id, new Map(values.flatMap((value, at) => (value === '' ? [] : [[keys[at + 1] ?? '', value]])))]
    }),
  )
}
