/** What a configuration that was read again changes of what is at work. */
import type { Config, SourceConfig } from '../config/schema.ts'
import { changedFiles, changedSettings, type FileDigests, isSameValue } from './config-changes.ts'
import type { Prepared, PreparedPipeline } from './prepare.ts'

/** What a reload did. */
export interface Reloaded {
  /** Names of the settings that differ, and of files whose content does; none: nothing was to be done. */
  readonly changed: readonly string[]
  /** Names of destinations: untouched, going on with other settings, new, and no longer delivered to. */
  readonly kept: readonly string[]
  readonly restarted: readonly string[]
  readonly started: readonly string[]
  readonly stopped: readonly string[]
  /** Whether HTTP is listened to otherwise. */
  readonly changesHttp: boolean
  /** SHA-256 of the configuration in force now. */
  readonly sha256: string
}

/** What is in force, or would be. */
export interface InForce {
  readonly config: Config
  readonly prepared: Prepared
}

/** Works out what has to be done for `after` to be in force in place of `before`. */
export function planReload(before: InForce, after: InForce): Reloaded {
  const [left, right] = [before.prepared.pipelines, after.prepared.pipelines]
  const old = new Map(left.map((pipeline) => [pipeline.name, pipeline]))
  const changedOfSources = [...after.prepared.sourceFiles].flatMap(([name, digests]) =>
    changedFiles(before.prepared.sourceFiles.get(name) ?? new Map(), digests).map(
      (file) => `sources.${name} (${file})`,
    ),
  )
  const areSharedSame =
    changedOfSources.length === 0 &&
    areSameSources(before.config.sources, after.config.sources) &&
    isSameValue(before.config.deadLetters, after.config.deadLetters)
  const isKept = (pipeline: PreparedPipeline): boolean => {
    const was = old.get(pipeline.name)
    return areSharedSame && was !== undefined && isSamePipeline(was, pipeline)
  }
  const names = (pipelines: readonly PreparedPipeline[]) => pipelines.map(({ name }) => name)
  const known = right.filter(({ name }) => old.has(name))
  const files = known.flatMap(({ name, digests }) =>
    changedFiles(old.get(name)?.digests ?? new Map(), digests).map(
      (file) => `destinations.${name} (${file})`,
    ),
  )
  const httpFiles = changedFiles(before.prepared.httpFiles, after.prepared.httpFiles)
  return {
    changed: [
      ...changedSettings(before.config, after.config),
      ...changedOfSources,
      ...files,
      ...httpFiles.map((file) => `http (${file})`),
    ],
    kept: names(known.filter(isKept)),
    restarted: names(known.filter((pipeline) => !isKept(pipeline))),
    started: names(right.filter(({ name }) => !old.has(name))),
    stopped: names(left.filter(({ name }) => right.every((one) => one.name !== name))),
    changesHttp: httpFiles.length > 0 || !isSameValue(before.config.http, after.config.http),
    sha256: after.config.sha256,
  }
}

function isSamePipeline(before: PreparedPipeline, after: PreparedPipeline): boolean {
  // A former name counts once, when its positions are taken over.
  const { formerName: _before, ...settings } = before.settings
  const { formerName: _after, ...others } = after.settings
  return isSameValue(settings, others) && isSameValue(asObject(before.digests), asObject(after.digests))
}

function asObject(digests: FileDigests): Readonly<Record<string, string>> {
  return Object.fromEntries(digests)
}

/** In whatever order they stand; a former name that is left out has been of use before. */
function areSameSources(before: readonly SourceConfig[], after: readonly SourceConfig[]): boolean {
  const old = new Map(before.map((source) => [source.name, source]))
  return (
    before.length === after.length &&
    after.every((source) => {
      const { formerName, ...was } = old.get(source.name) ?? {}
      return isSameValue({ ...was, ...(source.formerName !== undefined && { formerName }) }, source)
    })
  )
}

/** What the own log tells of a reload: no list with nothing in it. */
export function toldOf({ sha256, changed, restarted, started, stopped }: Reloaded): object {
  const lists = Object.entries({ changed, restarted, started, stopped })
  return { sha256, ...Object.fromEntries(lists.filter(([, names]) => names.length > 0)) }
}
