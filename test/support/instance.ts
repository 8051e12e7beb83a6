/** An instance in this process, its configuration in a file that tests change. */
import { rename } from 'node:fs/promises'
import { Instance } from '../../src/app/instance.ts'
import { readConfig } from '../../src/app/read-config.ts'
import type { PipelineView } from '../../src/app/running-pipeline.ts'
import type { ExitCode } from '../../src/mistakes/problem.ts'
import { memoryLog } from '../unit/tail/logs.ts'
import type { Workplace } from './program.ts'

/** One source `EX01`, and these destinations, whose connections take turns quickly; `more` is set of one besides. */
export function configFor(
  ...destinations: readonly (readonly [name: string, to: string, more?: string])[]
): string {
  const lines = destinations.map(
    ([name, to, more = '']) =>
      `  - { name: ${name}, to: '${to}', maxMessageBytes: 1048576, turnAfterMs: 200${more} }`,
  )
  return `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations:\n${lines.join('\n')}\n`
}

/** Runs until `stop`, or the end of the test. */
export class RunningInstance {
  readonly log = memoryLog()
  readonly #place: Workplace
  readonly #stopping = new AbortController()
  #ended: Promise<ExitCode> | undefined
  #instance: Instance | undefined

  private constructor(place: Workplace) {
    this.#place = place
  }

  /** Starts with this configuration. */
  static async start(
    place: Workplace,
    onTestFinished: (put: () => Promise<void>) => void,
    config: string,
  ): Promise<RunningInstance> {
    const running = new RunningInstance(place)
    await running.write(config)
    const read = () => readConfig(place.path('msgtrk.yaml'), { env: {} })
    const begun = new Promise<void>((resolve, reject) => {
      const options = { log: running.log, stop: running.#stopping.signal, follow: true, read }
      running.#ended = read().then(async (config) => {
        running.#instance = await Instance.open({ ...options, config, onStart: () => resolve() })
        return running.#instance.run()
      })
      running.#ended.catch(reject)
    })
    onTestFinished(() =>
      running.stop().then(
        () => {},
        () => {},
      ),
    )
    await begun
    return running
  }

  get instance(): Instance {
    if (this.#instance === undefined) throw new Error('it does not run')
    return this.#instance
  }

  /** Writes the configuration that the next reload reads. */
  async write(config: string): Promise<void> {
    const written = await this.#place.write('msgtrk.yaml.new', config)
    await rename(written, this.#place.path('msgtrk.yaml'))
  }

  /** Writes it, and reloads. */
  async reload(config: string) {
    await this.write(config)
    return this.instance.reload({ by: 'test' })
  }

  /** The pipeline of this name. */
  pipeline(name: string): PipelineView {
    const found = this.instance.pipelines.find((pipeline) => pipeline.name === name)
    if (found === undefined) throw new Error(`there is no pipeline ${name}`)
    return found
  }

  /** What was said whose message begins so. */
  said(start: string): readonly string[] {
    return this.log.lines.filter((line) => line.startsWith(start))
  }

  stop(): Promise<ExitCode> {
    this.#stopping.abort()
    return this.#ended as Promise<ExitCode>
  }
}
