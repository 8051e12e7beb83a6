/** Apache Kafka as its project publishes it on Maven Central, and the Java that runs it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe } from 'vitest'
import { nodeMistake } from '../../src/kafka/options.ts'

const run = promisify(execFile)

/** The client was tried by its authors on versions up to 4.2. */
const version = '4.1.2'

/** Where the jars lie, which are fetched once; MSGTRK_KAFKA_LIBS names another folder. */
const libs =
  process.env.MSGTRK_KAFKA_LIBS ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'msgtrk-tests', `kafka-${version}`)

/** What `java -cp` takes. */
export const classPath = path.join(libs, '*')

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>msgtrk.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/** Fetches the jars, unless they are there. */
export async function fetchKafka(): Promise<void> {
  if (existsSync(libs)) return
  // Whole or not at all, whoever else fetches them.
  const folder = `${libs}.${process.pid}`
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(path.join(folder, 'pom.xml'), pom)
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs']
    await run('mvn', args, { cwd: folder, timeout: 300_000 })
    await rename(path.join(folder, 'libs'), libs).catch((error: Error) => {
      if (!existsSync(libs)) throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Groups tests with a real broker; where that can't run they are skipped, or fail under MSGTRK_PEERS=required. */
export function describeKafka(name: string, tests: () => void): void {
  const missing = whatIsMissing()
  if (missing !== undefined) {
    if (process.env.MSGTRK_PEERS === 'required') throw new Error(missing)
    console.warn(`Skipped: ${missing}`)
  }
  describe.skipIf(missing)(name, tests)
}

function whatIsMissing(): string | undefined {
  const mistake = nodeMistake()
  if (mistake !== null) return `Kafka ${mistake.message}; .ci/run shows how to get one`
  const needed = existsSync(libs) ? ['java', 'kcat'] : ['java', 'mvn', 'kcat']
  const absent = needed.filter((program) => !isThere(program))
  return absent.length === 0
    ? undefined
    : `${absent.join(' and ')} missing, which tests with a real Kafka need; .ci/run shows how to get what they take`
}

function isThere(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, program)))
}
