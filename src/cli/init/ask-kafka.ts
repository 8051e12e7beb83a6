/** A topic of Kafka in place of a receiver, and how brokers let msgtrk in: the password itself is never asked for. */
import { access } from 'node:fs/promises'
import { absolute } from '../../config/complete.ts'
import { type Examined, worstOf } from '../../mistakes/examined.ts'
import { wholeCa } from '../../network/certificates.ts'
import type { DestinationAnswer, KafkaAnswer } from './answers.ts'
import { type Interview, textOf } from './conversation.ts'
import { problemsIn } from './given.ts'
import { tryReceiver } from './try-receiver.ts'

type Topic = Pick<DestinationAnswer, 'to' | 'kafka'>

/** Brokers of which all but the name is known. */
const ofEventHubs = { to: 'NAMESPACE.servicebus.windows.net:9093/HUB', username: '$ConnectionString' }

/** Asks until the brokers let msgtrk in, or that is insisted on. */
export async function askTopic(
  interview: Interview,
  { known, preset }: { readonly known: KafkaAnswer | undefined; readonly preset: string | undefined },
): Promise<Topic> {
  const { asker, signal } = interview
  const isEventHubs = preset === 'eventhubs'
  for (;;) {
    const to = await askAddress(interview, isEventHubs)
    const kafka = known ?? (isEventHubs ? await askEventHubs(interview) : await askWays(interview))
    const topic = { to, ...(Object.keys(kafka).length > 0 && { kafka }) }
    const examined: readonly Examined[] = await tryReceiver(
      { ...topic, ...(preset !== undefined && { preset }) },
      signal,
    )
    for (const one of examined) asker.tell(one)
    if (worstOf(examined) !== 'failure') return topic
    if (await asker.agree('Take it all the same?', false)) return topic
  }
}

async function askAddress({ asker, cwd }: Interview, isEventHubs: boolean): Promise<string> {
  const whole = (text: string) => `kafka://${text.replace(/^kafka:\/\//i, '')}`
  const typed = await asker.text({
    message: isEventHubs ? 'Its name and hub' : 'Its brokers and topic',
    placeholder: isEventHubs ? ofEventHubs.to : 'broker1.example.com:9093,broker2.example.com:9093/topic',
    form: (text) =>
      text === ''
        ? 'write broker:port/topic'
        : textOf(problemsIn({ destinations: [{ to: whole(text) }] }, cwd)),
  })
  return whole(typed)
}

async function askEventHubs(interview: Interview): Promise<KafkaAnswer> {
  const passwordFile = await askFile(interview, 'The file with its connection string, and nothing else')
  return { tls: {}, mechanism: 'plain', username: ofEventHubs.username, passwordFile }
}

async function askWays(interview: Interview): Promise<KafkaAnswer> {
  const { asker } = interview
  const isTls = await asker.agree('Do the brokers speak TLS on this port?', true)
  const tls = isTls ? { tls: await askAuthority(interview) } : {}
  const how = await asker.choose(
    'How does msgtrk sign in?',
    [
      { value: 'scram-sha-512', label: 'A user and a password, by SCRAM-SHA-512' },
      { value: 'scram-sha-256', label: 'A user and a password, by SCRAM-SHA-256' },
      { value: 'plain', label: 'A user and a password, or a key and its secret, by PLAIN' },
      ...(isTls ? [{ value: 'certificate', label: 'By a client certificate' } as const] : []),
      { value: 'not', label: 'Not at all', hint: 'anybody may write' },
    ],
    'scram-sha-512',
  )
  if (how === 'not') return tls
  if (how === 'certificate') {
    const cert = await askFile(interview, 'PEM file of the certificate')
    const key = await askFile(interview, 'PEM file of its private key')
    return { tls: { ...tls.tls, cert, key } }
  }
  const username = await asker.text({
    message: 'The user',
    placeholder: 'msgtrk',
    form: (text) => (text === '' ? 'write the name of a user of the cluster' : undefined),
  })
  const passwordFile = await askFile(interview, 'The file with its password, and nothing else')
  return { ...tls, mechanism: how, username, passwordFile }
}

async function askAuthority(interview: Interview): Promise<NonNullable<KafkaAnswer['tls']>> {
  const { asker, cwd } = interview
  const whole = (text: string) => wholeCa(text, (path) => absolute(cwd, path))
  const typed = await asker.text({
    message: 'PEM file of the authority of their certificates (empty: those that Node.js brings along)',
    trial: async (text) => (text === '' || text === 'system' ? undefined : isReadable(whole(text))),
  })
  return typed === '' ? {} : { ca: whole(typed) }
}

async function askFile({ asker, cwd }: Interview, message: string): Promise<string> {
  const typed = await asker.text({
    message,
    form: (text) => (text === '' ? 'write the path of the file' : undefined),
    trial: (text) => isReadable(absolute(cwd, text)),
  })
  return absolute(cwd, typed)
}

/** Undefined, or why not. */
function isReadable(path: string): Promise<string | undefined> {
  return access(path).then(
    () => undefined,
    (error: Error) => `can't be read: ${error.message}`,
  )
}
