/** What is sent by the preset for Graylog is what Graylog's own parser, from Maven Central, reads. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { Workplace } from '../support/program.ts'
import { writeLogs } from './nasty-delivery.ts'
import { nastyLogs } from './nasty-logs.ts'
import { describePeer } from './peer.ts'
import { javaCompilerProgram, mavenProgram } from './programs.ts'

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>msgtrk.tests</groupId><artifactId>graylog</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.graylog.cef</groupId><artifactId>cef-parser</artifactId><version>0.0.1.10</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`
const program = path.join(import.meta.dirname, 'DecodeByGraylog.java')

describePeer("Graylog's parser", [mavenProgram, javaCompilerProgram], () => {
  let place: Workplace
  let leave: () => Promise<void>

  beforeAll(async () => {
    place = await Workplace.open((put) => {
      leave = put
    })
    await place.write('pom.xml', pom)
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs']
    await promisify(execFile)(mavenProgram, args, { cwd: place.folder })
  })
  afterAll(() => leave())

  test('reads nasty events as they were meant, each with its time', async () => {
    await writeLogs(place, nastyLogs(4712, 3_000))
    const collector = await place.collect()
    await place.write(
      'msgtrk.yaml',
      `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [{ name: siem, to: '${collector.url}', preset: graylog }]\n`,
    )
    expect(await place.run('run', '--config', 'msgtrk.yaml', '--once')).toMatchObject({ code: 0 })
    const { frames } = collector
    expect(frames).toHaveLength(3_000)
    const read = await decode(frames)
    const wrong = frames.flatMap((frame, at) => {
      const difference = differenceOf(frame, read[at])
      return difference === undefined ? [] : [difference]
    })
    expect(wrong.slice(0, 5), `${wrong.length} events`).toEqual([])
  })

  /** The input takes the number in front away before it hands a message to the parser. */
  async function decode(frames: readonly string[]): Promise<readonly (readonly string[])[]> {
    const child = spawn('java', ['-cp', place.path('libs/*'), program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const output: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
    child.stdin.end(Buffer.from(frames.map((frame) => `${frame.replace(/^<\d+>/, '')}\n`).join(''), 'latin1'))
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`java ended with ${code}`)
    return Buffer.concat(output)
      .toString('latin1')
      .split('\n')
      .map((line) => line.split(' '))
  }
})

/** The first field that was read as another one than our own decoder reads; undefined where there is none. */
function differenceOf(frame: string, [time = '', ...texts]: readonly string[] = []): string | undefined {
  const decoded = decodeFrame(Buffer.from(frame, 'latin1'))
  if (!decoded.ok) return `no event: ${frame}`
  // It does not tell a backslash before a bar that separates from one that belongs to the bar.
  if (/\\\\\|/.test(frame.slice(0, frame.search(/\|\d+\| /)))) return undefined
  const { syslog, event } = decoded
  const [host, vendor, product, version, classId, name, severity, ...extension] = texts.map((text) =>
    Buffer.from(text, 'hex').toString(),
  )
  const { extension: keys } = event
  const last = [...keys.keys()].at(-1)
  const expected = [
    ['time', `${Date.parse(String(syslog.time))}`, time],
    ['host', syslog.host ?? '', host],
    [
      'header',
      [event.vendor, event.product, event.deviceVersion, event.eventClassId, event.name, event.severity].join(
        '|',
      ),
      [vendor, product, version, classId, name, severity].join('|'),
    ],
    ...[...keys].map(([key, value]) => [
      key,
      asItReads(value, key === last),
      extension[extension.indexOf(key) + 1],
    ]),
    ['keys', `${keys.size}`, `${extension.length / 2}`],
  ]
  const found = expected.find(([, meant, read]) => meant !== read)
  return found === undefined ? undefined : `${found[0]}: ${found[2]} is not ${found[1]}: ${frame}`
}

/**
 * What it makes of a value. It replaces one escape after the other, so a backslash before n or r is misread; and of the
 * last value of a message it loses bars at the end.
 */
function asItReads(value: string, isLast: boolean): string {
  let escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('=', '\\=')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
  if (isLast) escaped = escaped.replace(/(?:(?<!\\)\|)+$/, '').replace(/[ \t]+$/, '')
  return escaped
    .replaceAll('\\\\', '\\')
    .replaceAll('\\r', '\r')
    .replaceAll('\\n', '\n')
    .replaceAll('\\=', '=')
}
