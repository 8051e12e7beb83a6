/**
 * A configuration read anew beside what runs: nothing of it may hold that up, however long a file takes to come. What does
 * not come in time is a mistake like any other.
 */
import { isAbsolute } from 'node:path'
import type { Config } from '../config/schema.ts'
import { type NamedFiles, readAhead } from '../mistakes/named-file.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { valueAt } from '../mistakes/written.ts'
import type { Prepared } from './prepare.ts'

const patienceMs = 20_000
const remedy = 'look whether the disk or share that it is on answers, then reload again'

/** The configuration that `read` gives; throws a `ProblemsError` also when that takes too long. */
export async function readAnew(read: () => Config | Promise<Config>, withinMs = patienceMs): Promise<Config> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the configuration, or a file that it refers to, did not come within ${withinMs / 1000} s`
      reject(new ProblemsError([{ where: { argument: 'reload' }, message, remedy }]))
    }, withinMs)
  })
  try {
    return await Promise.race([read(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** The files that settings name, and those of what is at work; throws a `ProblemsError` when one does not come in time. */
export async function filesAnew(
  { sources, destinations, http }: Config,
  { pipelines, sourceFiles, httpFiles }: Prepared,
  withinMs = patienceMs,
): Promise<NamedFiles> {
  const named = [...sources, ...destinations, http].flatMap((settings) =>
    fileSettings
      .map((path) => valueAt(settings, path))
      .filter((file): file is string => typeof file === 'string' && isAbsolute(file)),
  )
  const atWork = [httpFiles, ...sourceFiles.values(), ...pipelines.map(({ digests }) => digests)].flatMap(
    (files) => [...files.keys()],
  )
  const { known, late } = await readAhead([...named, ...atWork], withinMs)
  if (late.length === 0) return known
  throw new ProblemsError(
    late.map(
      (file): Problem => ({ where: { file }, message: `did not come within ${withinMs / 1000} s`, remedy }),
    ),
  )
}

/** Where they name one; the name of a built-in table is none. */
const fileSettings = [
  ['mapping'],
  ['categories'],
  ...['ca', 'cert', 'key'].flatMap((name) => [
    ['tls', name],
    ['kafka', 'tls', name],
  ]),
] as const
