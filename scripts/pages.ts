/** The files of the project that are made, wholly or in part, from others. `npm run docs` writes them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { configJsonSchema } from '../src/config/schema.ts'
import { statusJsonSchema } from '../src/status/snapshot.ts'
import { settingsTables } from './configuration-page.ts'
import { dashboard } from './dashboard.ts'
import { eventsTable, examplesTable } from './events-page.ts'
import { earlierVersions, fieldMatrix } from './field-matrix.ts'
import { jsonExample, jsonHeader } from './formats-page.ts'
import { generatedSections, offeredTable } from './mapping-page.ts'
import { mappingJsonSchema } from './mapping-schema.ts'
import { metricsTable } from './metrics-page.ts'
import { offeredMatrix } from './offered-matrix.ts'
import { withPicture } from './picture.ts'

const root = path.join(import.meta.dirname, '..')

/** A made file: its path below the project, and what is to stand in it. */
export interface Page {
  readonly name: string
  /** What is there now; empty without one. */
  readonly old: string
  readonly text: string
}

/** All made files, as they are and as they are to be. */
export function madePages(): readonly Page[] {
  const part = (name: string) => readFileSync(path.join(root, 'docs/parts', name), 'utf8')
  const makers: Readonly<Record<string, (old: string) => string>> = {
    'docs/architecture.md': withPicture,
    'docs/configuration.md': () => `${part('configuration.md')}\n${settingsTables(configJsonSchema())}`,
    'docs/events.md': () =>
      part('events.md')
        .replace('<!-- events -->\n', eventsTable)
        .replace('<!-- examples -->\n', examplesTable),
    'docs/formats.md': () =>
      part('formats.md').replace('<!-- example -->\n', jsonExample).replace('<!-- header -->', jsonHeader),
    'docs/mapping.md': () =>
      `${part('mapping.md').replace('<!-- features -->\n', offeredTable).replace('<!-- matrix -->\n', fieldMatrix).replace('<!-- earlier -->\n', earlierVersions).replace('<!-- offered -->\n', offeredMatrix)}\n${generatedSections()}`,
    'docs/metrics.md': () => `${part('metrics.md')}\n${metricsTable()}`,
    'docs/msgtrk.schema.json': () => json(configJsonSchema()),
    'docs/status.schema.json': () => json(statusJsonSchema()),
    'deploy/grafana/msgtrk.json': () => json(dashboard()),
    'mappings/mapping.schema.json': () => json(mappingJsonSchema()),
  }
  return Object.entries(makers).map(([name, make]) => {
    const old = read(pathOf(name))
    return { name, old, text: make(old) }
  })
}

/** Where a made file lies. */
export function pathOf(name: string): string {
  return path.join(root, name)
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
