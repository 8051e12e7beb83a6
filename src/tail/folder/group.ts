/** The files of one prefix, which are read one after the other. */
import type { TrackedFile } from '../file/tracked-file.ts'

/** Files of one prefix, oldest first, and those of them whose turn it is. */
export interface Group {
  readonly files: TrackedFile[]
  /** Files to be looked at now, from `next` on. */
  queue: readonly TrackedFile[]
  next: number
  /** When the queue is to be made again: at the latest when another file falls due. */
  scanAtMs: number
}

/** A prefix without files yet. */
export function createGroup(): Group {
  return { files: [], queue: [], next: 0, scanAtMs: 0 }
}

/** The oldest file of the group that is due; undefined when none is. */
export function nextDue(group: Group, nowMs: number): TrackedFile | undefined {
  if (nowMs >= group.scanAtMs) {
    group.queue = group.files.filter(({ looks }) => looks.dueAtMs <= nowMs)
    group.next = 0
    group.scanAtMs = Number.POSITIVE_INFINITY
    for (const { looks } of group.files) {
      if (looks.dueAtMs > nowMs) group.scanAtMs = Math.min(group.scanAtMs, looks.dueAtMs)
    }
  }
  // A file leaves the queue once it rests; until then it has all the turns of its prefix.
  while (group.next < group.queue.length) {
    const file = group.queue[group.next]
    if (file !== undefined && file.looks.dueAtMs <= nowMs) return file
    group.next++
  }
  return undefined
}

/** Sets when a file of the group is looked at next. */
export function fallDue(group: Group, file: TrackedFile, dueAtMs: number): void {
  file.looks.fallDue(dueAtMs)
  group.scanAtMs = Math.min(group.scanAtMs, dueAtMs)
}

// Older ones are all alike.
const countedAge = 8

/** How many files of the group are newer, counted up to `countedAge`. */
export function ageOf(group: Group, file: TrackedFile): number {
  let age = 0
  while (age < countedAge && group.files[group.files.length - 1 - age] !== file) age++
  return age
}

/** The end of a file of the group was seen. */
export function saw(group: Group, file: TrackedFile, nowMs: number): void {
  file.looks.saw(nowMs, isNewest(group, file))
}

/** True for the file of the group that is being written, as a rule. */
export function isNewest({ files }: Group, file: TrackedFile): boolean {
  return files.at(-1) === file
}
