/** Answers made complete: asked of a person, or as options say and a try confirms. */
import { access } from 'node:fs/promises'
import path from 'node:path'
import { absolute } from '../../config/complete.ts'
import { sourceNames } from '../../config/source-names.ts'
import { readListen } from '../../http/listen-address.ts'
import { type Examined, worstOf } from '../../mistakes/examined.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { Mistaken } from '../../mistakes/words.ts'
import type { Answers, DestinationAnswer, LeftOut, SourceAnswer } from './answers.ts'
import { askTrust } from './ask-receiver.ts'
import { Cancelled } from './asker.ts'
import type { Interview } from './conversation.ts'
import { type Given, type InitArguments, problemsIn, withOptions } from './given.ts'
import { tryListen, usualListen } from './http.ts'
import { askDestination, askFolders, askHttp, askState } from './interview.ts'
import { tryFolder } from './try-folder.ts'
import { tryReceiver } from './try-receiver.ts'
import { tryState } from './try-state.ts'

/** Answers, and logs that a record can be shown of. */
export interface Completed {
  readonly answers: Answers
  readonly logs: readonly string[]
}

/** What both ways need. */
interface Known {
  readonly args: InitArguments
  readonly given: Given
  readonly leftOut: readonly LeftOut[]
  /** The file that will be written, absolute. */
  readonly file: string
}

const tokenFile = 'http.token'

/** Asks for what is not given; what is given is tried all the same. */
export async function askForRest(
  { args, given, leftOut, file }: Known,
  interview: Interview,
): Promise<Completed> {
  const { asker, signal } = interview
  const { ofSource, ofDestination } = given
  const asked = {
    sources: given.sources.length > 0 ? given.sources : [{ folder: 'asked for', ...ofSource }],
    // What a kind of receiver does not have is told at the end, when the kind is known.
    destinations:
      given.destinations.length > 0 ? given.destinations : [{ to: 'tls://asked-for:1', ...ofDestination }],
  }
  refuse(problemsIn(asked, interview.cwd))
  if (given.sources.length > 0) {
    const tried = await Promise.all(given.sources.map(tryFolder))
    for (const { examined } of tried) for (const one of examined) asker.tell(one)
    await goOnDespite(
      interview,
      tried.flatMap(({ examined }) => examined),
    )
  }
  const sources =
    given.sources.length > 0 ? given.sources : await askFolders(interview, ofSource, await usualFolder())
  const destinations: DestinationAnswer[] = []
  for (const destination of given.destinations) {
    if (/^tls:/i.test(destination.to)) {
      const trusted = await askTrust(interview, destination.to, destination.tls)
      destinations.push(
        trusted === 'another address'
          ? await askDestination(interview, ofDestination)
          : { ...destination, ...trusted },
      )
    } else {
      const examined = await tryReceiver(destination, signal)
      for (const one of examined) asker.tell(one)
      await goOnDespite(interview, examined)
      destinations.push(destination)
    }
  }
  if (destinations.length === 0) destinations.push(await askDestination(interview, ofDestination))
  const listen = args.http === undefined ? await askHttp(interview) : listenIn(args)
  const state =
    args.state === undefined
      ? await askState(interview, usualState(file))
      : absolute(interview.cwd, args.state)
  return named({ sources, destinations, state, leftOut, ...httpOf(listen) })
}

async function goOnDespite({ asker }: Interview, examined: readonly Examined[]): Promise<void> {
  if (worstOf(examined) !== 'failure') return
  if (!(await asker.agree('Take it all the same?', false))) throw new Cancelled()
}

/** As options say; a `ProblemsError` with all that is missing, wrong, or does not work unless it need not. */
export async function asGiven(
  { args, given, leftOut, file }: Known,
  { cwd, signal, tell }: Pick<Interview, 'cwd' | 'signal'> & { readonly tell: (found: Examined) => void },
): Promise<Completed> {
  const { sources, destinations } = given
  const state = absolute(cwd, args.state ?? usualState(file))
  const http = httpOf(listenIn(args))
  refuse([
    ...(sources.length === 0 ? [missing('--from', 'name the folders with the message tracking logs')] : []),
    ...(destinations.length === 0
      ? [missing('--to', 'name the receiver, such as tls://logger.example.com:6514')]
      : []),
    ...problemsIn({ sources, destinations, state, ...http }, cwd),
  ])
  const [folders, receivers, itsState, itsHttp] = await Promise.all([
    Promise.all(sources.map(tryFolder)),
    Promise.all(destinations.map((destination) => tryReceiver(destination, signal))),
    tryState(state),
    http.http === undefined ? null : tryAddress(http.http.listen),
  ])
  const tried = [
    ...folders.flatMap(({ examined }) => examined.map((found) => ({ option: '--from', found }))),
    ...receivers.flatMap((examined) => examined.map((found) => ({ option: '--to', found }))),
    { option: '--state', found: itsState },
  ]
  const untried = 'or give --untried to write the file all the same'
  const problems = tried.flatMap(({ option, found }): Problem[] => {
    if (found.verdict !== 'failure') return []
    const { message, remedy } = found
    const whatToDo = remedy === undefined ? untried : `${withOptions(remedy)}; ${untried}`
    return [{ where: { option }, message, remedy: whatToDo }]
  })
  if (itsHttp !== null) {
    problems.push({
      where: { option: '--http' },
      message: itsHttp,
      remedy: `name another address; ${untried}`,
    })
  }
  if (args.untried !== true) refuse(problems)
  for (const { found } of tried) if (found.verdict !== 'ok') tell(found)
  return named({ sources, destinations, state, leftOut, ...http }, folders)
}

async function tryAddress(text: string): Promise<string | null> {
  const listen = readListen(text)
  return listen instanceof Mistaken ? listen.message : tryListen(listen)
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems)
}

function missing(option: string, remedy: string): Problem {
  return { where: { option }, message: 'is missing', remedy }
}

function listenIn({ http }: InitArguments): string | undefined {
  if (http === true) return usualListen
  return typeof http === 'string' ? http : undefined
}

function httpOf(listen: string | undefined): Pick<Answers, 'http'> {
  return listen === undefined ? {} : { http: { listen, tokenFile } }
}

/** Sources are called after their servers, where the logs tell; the receiver siem. */
async function named(
  answers: Answers,
  tried?: readonly Awaited<ReturnType<typeof tryFolder>>[],
): Promise<Completed> {
  const folders = tried ?? (await Promise.all(answers.sources.map(tryFolder)))
  const servers = folders.map(({ server }) => nameOf(server))
  const chosen = servers.map((server, index) => {
    const isTaken = servers.findIndex((other) => other?.toLowerCase() === server?.toLowerCase()) < index
    return isTaken ? undefined : server
  })
  const names = sourceNames(
    answers.sources.map(({ name, folder }, index) => ({ name: name ?? chosen[index], folder })),
  )
  const sources = answers.sources.map((source, index): SourceAnswer => {
    const name = names[index]?.name
    return { ...source, ...(name !== undefined && { name }) }
  })
  const destinations = answers.destinations.map((destination, index) => ({
    name: nameFor(destination.to) + (index === 0 ? '' : `-${index + 1}`),
    ...destination,
  }))
  return {
    answers: { ...answers, sources, destinations },
    logs: folders.flatMap(({ logs }) => logs.slice(0, 9)),
  }
}

function nameFor(to: string): string {
  if (/^file:/i.test(to)) return 'files'
  if (/^kafka:/i.test(to)) return 'topic'
  return /^stdout:/i.test(to) ? 'output' : 'siem'
}

function nameOf(server: string | null): string | undefined {
  const name = server?.split('.')[0]
  return name !== undefined && /^[\p{L}\p{N}_-]{1,64}$/u.test(name) ? name : undefined
}

/** Where Exchange writes on this machine, if it is installed here. */
async function usualFolder(): Promise<string | undefined> {
  const { ExchangeInstallPath: installed } = process.env
  if (installed === undefined) return undefined
  const folder = path.join(installed, 'TransportRoles', 'Logs', 'MessageTracking')
  return access(folder).then(
    () => folder,
    () => undefined,
  )
}

/** A configuration in /etc has its state where services have theirs; any other beside it. */
function usualState(file: string): string {
  return /^\/etc\//.test(file) ? '/var/lib/msgtrk' : path.join(path.dirname(file), 'msgtrk-state')
}
