/**
 * Which files grow without a pause: with each beat there is something new of them, and hints, which cost as much as their
 * rows, say nothing that is not known.
 */
import type { TrackedFile } from '../file/tracked-file.ts'
import type { Beat } from './beat.ts'
import type { Pace } from './pace.ts'

/** A file that grows has no pauses of so many beats. */
const pauseBeats = 5

/** Those of one folder. */
export class SteadyFiles {
  readonly #beat: Beat
  readonly #pace: Pace
  /** Since when they grow. */
  readonly #growing = new Map<TrackedFile, number>()

  constructor(beat: Beat, pace: Pace) {
    this.#beat = beat
    this.#pace = pace
  }

  /** All of the newest file of a prefix was read. True when it is to be looked at with the next beat. */
  looked(file: TrackedFile, nowMs: number): boolean {
    if (this.#pauses(file, nowMs)) this.#growing.delete(file)
    else if (!this.#growing.has(file)) this.#growing.set(file, nowMs)
    return this.#isSteady(file, nowMs)
  }

  /** Those of the files at `paths` of which hints are wanted. */
  wanted(paths: ReadonlySet<string>, nowMs: number): ReadonlySet<string> {
    const wanted = new Set(paths)
    for (const file of this.#growing.keys()) {
      if (this.#pauses(file, nowMs)) this.#growing.delete(file)
      else if (this.#isSteady(file, nowMs)) wanted.delete(file.path)
    }
    return wanted
  }

  #pauses({ looks }: TrackedFile, nowMs: number): boolean {
    return nowMs - looks.grewAtMs >= this.#pace.beatMs * pauseBeats
  }

  /** Of a few files each is looked at as soon as the system tells of a change. */
  #isSteady(file: TrackedFile, nowMs: number): boolean {
    return this.#beat.isBusy && nowMs - (this.#growing.get(file) ?? nowMs) >= this.#pace.steadyMs
  }
}
