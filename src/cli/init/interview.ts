/** What a person is asked of `msgtrk init`: only what is not known yet, and each answer is tried for real. */
import { absolute } from '../../config/complete.ts'
import { loadPresets, presetNames } from '../../config/presets.ts'
import { unknownNames } from '../../filter/events.ts'
import { type NoiseName, noiseNames } from '../../filter/options.ts'
import { readListen } from '../../http/listen-address.ts'
import type { Examined } from '../../mistakes/examined.ts'
import type { Problem } from '../../mistakes/problem.ts'
import { Mistaken } from '../../mistakes/words.ts'
import { eventList } from '../options/event-options.ts'
import { textTable } from '../terminal/table.ts'
import type { DestinationAnswer, SourceAnswer } from './answers.ts'
import { askFiles } from './ask-files.ts'
import { askTopic } from './ask-kafka.ts'
import { askReceiver } from './ask-receiver.ts'
import type { Asker } from './asker.ts'
import { type Interview, textOf } from './conversation.ts'
import { problemsIn } from './given.ts'
import { tryListen, usualListen } from './http.ts'
import { Insisted } from './insisted.ts'
import { tryFolder } from './try-folder.ts'
import { tryState } from './try-state.ts'

/** Folders until there are no more; at least one. */
export async function askFolders(
  { asker, cwd }: Interview,
  given: Partial<SourceAnswer>,
  usual: string | undefined,
): Promise<readonly SourceAnswer[]> {
  const sources: SourceAnswer[] = []
  for (;;) {
    const isFirst = sources.length === 0
    const insisted = new Insisted()
    let examined: readonly Examined[] = []
    const typed = await asker.text({
      message: isFirst
        ? 'Folder with the message tracking logs of a server'
        : 'Folder of another server (leave it empty when there is none)',
      placeholder: isFirst
        ? (usual ?? '/mnt/EX01/MessageTracking, or \\\\EX01\\MessageTracking on Windows')
        : '',
      ...(isFirst && usual !== undefined && { initial: usual }),
      form: (text) => {
        if (text === '') return isFirst ? 'write the path of a folder' : undefined
        const all = [...sources, { folder: absolute(cwd, text) }]
        return textOf(problemsIn({ sources: all }, cwd))
      },
      trial: async (text) => {
        if (text === '') return undefined
        ;({ examined } = await tryFolder({ ...given, folder: absolute(cwd, text) }))
        return insisted.on(text, examined)
      },
    })
    if (typed === '') break
    for (const one of examined) asker.tell(one)
    sources.push({ folder: absolute(cwd, typed) })
  }
  const startAt = given.startAt ?? (await askStart(asker))
  return sources.map((source) => ({ ...source, ...given, startAt }))
}

async function askStart(asker: Asker): Promise<string> {
  const startAt = await asker.choose(
    'Which records are delivered at first?',
    [
      { value: 'beginning', label: 'All that the folders hold', hint: 'Exchange keeps 30 days by default' },
      { value: 'end', label: 'Only what is written from now on' },
      { value: 'time', label: 'From a moment on', hint: 'such as when another program was stopped' },
    ],
    'beginning',
  )
  return startAt === 'time' ? askTime(asker) : startAt
}

function askTime(asker: Asker): Promise<string> {
  return asker.text({
    message: 'From when on, with its zone',
    placeholder: '2026-11-20T14:00:00Z',
    form: (startAt) => textOf(problemsIn({ sources: [{ folder: 'x', startAt }] }, '.')),
  })
}

/** A receiver, what suits it, and what it gets; `given`: what needs no question. */
export async function askDestination(
  interview: Interview,
  given: Partial<DestinationAnswer>,
): Promise<DestinationAnswer> {
  const { asker } = interview
  const presets = loadPresets()
  const preset =
    given.preset ??
    (await asker.choose(
      'What receives the events?',
      [...presetNames.map((value) => ({ value, label: value, hint: presets[value].for })), ...here],
      'arcsight',
    ))
  if (preset === 'files' || preset === 'output') {
    const to = preset === 'files' ? await askFiles(interview) : 'stdout:'
    return { to, ...(await filterFor(asker, given)) }
  }
  const notes = presetNames.find((name) => name === preset)
  for (const text of notes === undefined ? [] : presets[notes].notes)
    asker.note(`To know of ${preset}`, textTable([[text]], { width: asker.width }).trimEnd())
  if (preset === 'topic' || preset === 'transformation-hub' || preset === 'eventhubs') {
    const named = preset === 'topic' ? undefined : preset
    const topic = await askTopic(interview, { known: given.kafka, preset: named })
    const filter = await filterFor(asker, given)
    const { preset: _, ...others } = given
    return { ...others, ...topic, ...(named !== undefined && { preset: named }), ...filter }
  }
  const receiver = await askReceiver(interview, { known: given, isSentinel: preset === 'sentinel' })
  // The preset is for a forwarder.
  const isStraight = receiver.to.startsWith('sentinel:')
  const filter = await filterFor(asker, given)
  const { preset: _, ...others } = given
  return { ...others, ...receiver, ...(!isStraight && { preset }), ...filter }
}

/** In place of a receiver. */
const here = [
  { value: 'topic', label: 'a topic of Kafka', hint: 'a record for each event' },
  { value: 'files', label: 'files on this machine', hint: 'a line for each event, by day or hour' },
  { value: 'output', label: 'standard output', hint: 'for what stands behind a pipe' },
] as const

async function filterFor(
  asker: Asker,
  given: Partial<DestinationAnswer>,
): Promise<Pick<DestinationAnswer, 'events' | 'noise'>> {
  const { events, noise } = given
  if (events === undefined && noise === undefined) return askFilter(asker)
  return { ...(events !== undefined && { events }), ...(noise !== undefined && { noise }) }
}

/** Which records, in the words of who knows mail. */
async function askFilter(asker: Asker): Promise<Pick<DestinationAnswer, 'events' | 'noise'>> {
  const which = await asker.choose(
    'Which records become events?',
    [
      { value: 'all', label: 'All', hint: 'nothing is missing when it is looked for later' },
      {
        value: 'mail',
        label: 'Receive, send and what became of it',
        hint: 'RECEIVE, SEND, SENDEXTERNAL, DELIVER, FAIL, DSN …: no inner steps of Exchange',
      },
      { value: 'two', label: 'Only RECEIVE and SEND', hint: 'as the guide of the SmartConnector advises' },
      { value: 'own', label: 'Others', hint: 'docs/events.md says what each means' },
    ],
    'all',
  )
  const events = which === 'own' ? await askEvents(asker) : eventsOf[which]
  const noise = await asker.several<NoiseName>(
    'What is left out as noise? (space marks, enter goes on)',
    noiseNames.map((value) => ({ value, label: value, hint: noiseHints[value] })),
    [],
  )
  return { ...(events !== undefined && { events }), ...(noise.length > 0 && { noise }) }
}

const eventsOf: Readonly<Record<'all' | 'mail' | 'two', readonly string[] | undefined>> = {
  all: undefined,
  mail: [
    'RECEIVE',
    'SUBMIT',
    'SEND',
    'SENDEXTERNAL',
    'DELIVER',
    'EXPAND',
    'REDIRECT',
    'DEFER',
    'FAIL',
    'DSN',
    'DROP',
  ],
  two: ['RECEIVE', 'SEND'],
}

const noiseHints: Readonly<Record<NoiseName, string>> = {
  'shadow-redundancy': 'copies that servers keep of mail under way',
  monitoring: 'mail of health mailboxes and probes',
  'agentinfo-performance': 'run times of rules in AGENTINFO records',
}

async function askEvents(asker: Asker): Promise<readonly string[]> {
  const parse = (text: string) => {
    try {
      return eventList(text)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const typed = await asker.text({
    message: 'Event ids, separated by commas',
    placeholder: 'RECEIVE,SEND,FAIL',
    form: (text) => {
      const events = parse(text)
      return typeof events === 'string' ? events : doubtOf(events)
    },
  })
  return parse(typed) as readonly string[]
}

/** Ids that Exchange does not write are typing mistakes. */
function doubtOf(events: readonly string[]): string | undefined {
  const unknown = unknownNames(events)
  return unknown.length === 0 ? undefined : `not known to be written by Exchange: ${unknown.join(', ')}`
}

/** The address of the status page; undefined for none. */
export async function askHttp({ asker }: Interview): Promise<string | undefined> {
  const wanted = await asker.agree(
    'A status page with metrics and alerts, which only this machine reaches and a token opens?',
    true,
  )
  if (!wanted) return undefined
  return asker.text({
    message: 'Its address',
    initial: usualListen,
    form: (listen) => textOf(problemsIn({ http: { listen, tokenFile: '' } }, '.').filter(isOfAddress)),
    trial: async (text) => {
      const listen = readListen(text)
      if (listen instanceof Mistaken) return listen.message
      return (await tryListen(listen)) ?? undefined
    },
  })
}

/** `tls` is missing where other machines reach the address: that needs more than a few questions. */
function isOfAddress({ message }: Problem): boolean {
  return !message.startsWith('is missing') || message.includes('other machines')
}

/** Where positions are kept. */
export async function askState({ asker, cwd }: Interview, usual: string): Promise<string> {
  const insisted = new Insisted()
  let found: Examined | undefined
  const typed = await asker.text({
    message: 'Folder for positions and dead letters, on a local disk',
    initial: usual,
    form: (text) => (text === '' ? 'name a folder' : textOf(problemsIn({ state: text }, cwd))),
    trial: async (text) => {
      found = await tryState(absolute(cwd, text))
      return insisted.on(text, [found])
    },
  })
  if (found !== undefined) asker.tell(found)
  return absolute(cwd, typed)
}
