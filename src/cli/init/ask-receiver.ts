/** The address of a receiver, and over TLS who it has to be: nothing is trusted that a person has not seen. */
import { access } from 'node:fs/promises'
import path from 'node:path'
import { absolute } from '../../config/complete.ts'
import { parseTarget } from '../../destinations/kinds.ts'
import { sentinel } from '../../destinations/sentinel/kind.ts'
import { chainShownBy, type ShownChain } from '../../destinations/stream/shown-chain.ts'
import { type Examined, failure, worstOf } from '../../mistakes/examined.ts'
import type { HostPort } from '../../network/host-port.ts'
import type { DestinationAnswer, TlsAnswer } from './answers.ts'
import { askIdentity } from './ask-sentinel.ts'
import { authorityIn, chainText, namesIn, objectionText, pemOf } from './certificates.ts'
import { type Interview, textOf } from './conversation.ts'
import { problemsIn } from './given.ts'
import { Insisted } from './insisted.ts'
import { tryReceiver } from './try-receiver.ts'
import { writeNew } from './write-new.ts'

type Receiver = Pick<DestinationAnswer, 'to' | 'tls' | 'sentinel'>

type Protocol = 'sentinel' | 'tls' | 'tcp' | 'udp'

/** Asks until a receiver was found, or one was insisted on. `isSentinel`: it may be the workspace itself. */
export async function askReceiver(
  interview: Interview,
  { known, isSentinel }: { readonly known: Partial<DestinationAnswer>; readonly isSentinel: boolean },
): Promise<Receiver> {
  const { asker } = interview
  const straight = {
    value: 'sentinel',
    label: 'straight',
    hint: 'by its rule, without a forwarder machine',
  } as const
  const protocol = await asker.choose<Protocol>(
    'How does it take them?',
    [
      ...(isSentinel ? [straight] : []),
      { value: 'tls', label: 'TLS', hint: 'encrypted, and it proves who it is' },
      { value: 'tcp', label: 'TCP', hint: 'readable and changeable on the way' },
      { value: 'udp', label: 'UDP', hint: 'best effort: nobody notices what is lost' },
    ],
    isSentinel ? 'sentinel' : 'tls',
  )
  if (protocol === 'sentinel') {
    asker.note('To know of Sentinel', identityNote)
    const identity = known.sentinel ?? (await askIdentity(interview))
    const sentinel = identity === undefined ? {} : { sentinel: identity }
    return { to: await askAddress(interview, protocol, sentinel), ...sentinel }
  }
  for (;;) {
    const to = await askAddress(interview, protocol)
    const receiver = protocol === 'tls' ? await askTrust(interview, to, known.tls) : { to }
    if (receiver !== 'another address') return receiver
  }
}

const identityNote =
  'msgtrk sentinel template makes table, rule and right, and its output says the address: see docs/sentinel.md.'

async function askAddress(
  { asker, signal }: Interview,
  protocol: Protocol,
  identity: Pick<DestinationAnswer, 'sentinel'> = {},
): Promise<string> {
  const insisted = new Insisted()
  const isRule = protocol === 'sentinel'
  const port = protocol === 'tls' ? 6514 : 514
  const whole = (text: string) => `${protocol}://${text.replace(new RegExp(`^${protocol}://`, 'i'), '')}`
  let examined: readonly Examined[] = []
  const typed = await asker.text({
    message: isRule ? 'Its endpoint, rule and stream' : 'Its host and port',
    placeholder: isRule ? sentinel.example.replace('sentinel://', '') : `logger.example.com:${port}`,
    form: (text) => {
      return text === ''
        ? isRule
          ? 'write endpoint/dcr-id/stream'
          : 'write host:port'
        : textOf(problemsIn({ destinations: [{ to: whole(text) }] }, '.'))
    },
    trial: async (text) => {
      const to = whole(text)
      // Over TLS whom to trust is the next question.
      examined =
        protocol === 'tls' ? await reached(to, signal) : await tryReceiver({ to, ...identity }, signal)
      return insisted.on(text, examined)
    },
  })
  for (const one of examined) asker.tell(one)
  return isRule ? whole(typed) : withPort(whole(typed), port)
}

async function reached(to: string, signal: AbortSignal): Promise<readonly Examined[]> {
  const chain = await chainOf(to, signal)
  return typeof chain === 'string' ? [failure('TLS', chain)] : []
}

async function chainOf(to: string, signal: AbortSignal, serverName?: string): Promise<ShownChain | string> {
  try {
    return await chainShownBy(parseTarget(to).address as HostPort, { signal, serverName })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function withPort(to: string, port: number): string {
  return /:\d+\/?$/.test(to.replace(/^[a-z]+:\/\//, '').replace(/^\[[^\]]*\]/, ''))
    ? to
    : `${to.replace(/\/$/, '')}:${port}`
}

/** What is to be trusted of a receiver over TLS. */
export async function askTrust(
  interview: Interview,
  to: string,
  known: TlsAnswer = {},
): Promise<Receiver | 'another address'> {
  const { asker, signal } = interview
  let tls = known
  for (;;) {
    const chain = await chainOf(to, signal, tls.serverName)
    if (typeof chain === 'string') {
      asker.tell(failure('TLS', chain))
      return asReceiver(to, tls)
    }
    const isDecided = tls.ca !== undefined || tls.fingerprint !== undefined || chain.isTrusted
    if (!isDecided) {
      asker.note(`What ${to} shows`, chainText(chain, asker.width))
      const added = await askWhom(interview, chain)
      if (added === 'another address') return added
      if (added === 'later') return asReceiver(to, tls)
      tls = { ...tls, ...added }
    }
    const examined = await tryReceiver(asReceiver(to, tls), signal)
    for (const one of examined) asker.tell(one)
    if (worstOf(examined) !== 'failure') return asReceiver(to, tls)
    const asksForOurs = examined.some(({ message }) => /client certificate/.test(message))
    const next = await askNext(interview, asksForOurs, chain)
    if (next === 'another address') return next
    if (next === 'later') return asReceiver(to, tls)
    tls = next === 'again' ? known : { ...tls, ...next }
  }
}

function asReceiver(to: string, tls: TlsAnswer): Receiver {
  return Object.keys(tls).length === 0 ? { to } : { to, tls }
}

async function askWhom(
  interview: Interview,
  chain: ShownChain,
): Promise<TlsAnswer | 'another address' | 'later'> {
  const { asker, cwd } = interview
  const authority = authorityIn(chain)
  const how = await asker.choose(
    `${objectionText(chain.objection ?? '')}. Compare its sha-256 with what the receiver's administrator reads off there. Whom to trust?`,
    [
      { value: 'file', label: 'An authority whose certificate I have as a PEM file', hint: 'tls.ca' },
      ...(authority === undefined
        ? []
        : [
            {
              value: 'save' as const,
              label: 'The authority that it shows: save it to a file',
              hint: 'tls.ca',
            },
          ]),
      {
        value: 'pin',
        label: 'This very certificate, by its fingerprint',
        hint: 'tls.fingerprint; renewed, it has another',
      },
      {
        value: 'later',
        label: 'Nobody yet',
        hint: 'nothing is delivered until tls.ca or tls.fingerprint is set',
      },
      { value: 'another address', label: 'Another address' },
    ],
    'file',
  )
  if (how === 'later' || how === 'another address') return how
  if (how === 'pin') return { fingerprint: `sha-256:${chain.certificates[0].fingerprint256}` }
  if (how === 'file' || authority === undefined)
    return { ca: await askFile(interview, 'The PEM file of the authority') }
  const file = await askNewFile(interview, 'File to save it to', path.join(cwd, 'receiver-ca.pem'))
  await writeNew(file, pemOf(authority), { mode: 0o644 })
  return { ca: file }
}

async function askNext(
  interview: Interview,
  asksForOurs: boolean,
  chain: ShownChain,
): Promise<TlsAnswer | 'again' | 'later' | 'another address'> {
  const { asker } = interview
  const names = chain.objection === 'ERR_TLS_CERT_ALTNAME_INVALID' || !chain.isTrusted ? namesIn(chain) : []
  const how = await asker.choose(
    'What now?',
    [
      ...(asksForOurs
        ? [{ value: 'client' as const, label: 'Show it a client certificate', hint: 'tls.cert and tls.key' }]
        : []),
      { value: 'again', label: 'Choose again whom to trust' },
      ...(names.length > 0
        ? [
            {
              value: 'name' as const,
              label: 'Take one of the names in its certificate',
              hint: 'tls.serverName',
            },
          ]
        : []),
      { value: 'another address', label: 'Another address' },
      { value: 'later', label: 'Go on all the same', hint: 'nothing is delivered until it is mended' },
    ],
    asksForOurs ? 'client' : 'again',
  )
  if (how === 'name') {
    const choices = names.map((value) => ({ value, label: value }))
    return { serverName: await asker.choose('Which name is it for?', choices) }
  }
  if (how !== 'client') return how
  const cert = await askFile(interview, 'PEM file of the client certificate, followed by its intermediates')
  return { cert, key: await askFile(interview, 'PEM file of its private key, not encrypted') }
}

async function askFile({ asker, cwd }: Interview, message: string): Promise<string> {
  const typed = await asker.text({
    message,
    form: (text) => (text === '' ? 'write the path of the file' : undefined),
    trial: async (text) => {
      return access(absolute(cwd, text)).then(
        () => undefined,
        (error: Error) => `can't be read: ${error.message}`,
      )
    },
  })
  return absolute(cwd, typed)
}

/** A file that is not there yet. */
export async function askNewFile({ asker, cwd }: Interview, message: string, usual: string): Promise<string> {
  const typed = await asker.text({
    message,
    initial: usual,
    form: (text) => (text === '' ? 'write the path of the file' : undefined),
    trial: async (text) => {
      return access(absolute(cwd, text)).then(
        () => 'is there already: choose another name',
        () => undefined,
      )
    },
  })
  return absolute(cwd, typed)
}
