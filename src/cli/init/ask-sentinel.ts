/** Who msgtrk is for Microsoft Entra: the secret itself is never asked for. */
import { access } from 'node:fs/promises'
import { absolute } from '../../config/complete.ts'
import type { SentinelAnswer } from './answers.ts'
import { type Interview, textOf } from './conversation.ts'
import { problemsIn } from './given.ts'

/** Asks for an identity; undefined for that of the environment or of this machine. */
export async function askIdentity(interview: Interview): Promise<SentinelAnswer | undefined> {
  const { asker } = interview
  const how = await asker.choose(
    'Who does it sign in as?',
    [
      {
        value: 'around',
        label: 'As the environment or this machine says',
        hint: 'AZURE_TENANT_ID, AZURE_CLIENT_ID …, or its managed identity',
      },
      { value: 'certificate', label: 'An application with a certificate', hint: 'sentinel.certificate' },
      { value: 'secret', label: 'An application with a secret in a file', hint: 'sentinel.clientSecret' },
    ],
    'around',
  )
  if (how === 'around') return undefined
  const tenantId = await askId(interview, 'Its tenant (directory) id', 'tenantId')
  const clientId = await askId(interview, 'Its application (client) id', 'clientId')
  const file = await askPresent(
    interview,
    how === 'secret' ? 'The file with the secret, and nothing else' : 'PEM file of its certificate and key',
  )
  return how === 'secret'
    ? { tenantId, clientId, clientSecretFile: file }
    : { tenantId, clientId, certificate: file }
}

function askId({ asker }: Interview, message: string, setting: 'tenantId' | 'clientId'): Promise<string> {
  return asker.text({
    message,
    placeholder: anyId,
    form: (text) =>
      textOf(problemsIn({ destinations: [{ to, sentinel: { ...whole, [setting]: text } }] }, '.')),
  })
}

/** Of a destination without a mistake, so that what is wrong is the answer. */
const to = `sentinel://x.ingest.monitor.azure.com/dcr-${'0'.repeat(32)}/Custom-X`
const anyId = '00000000-0000-0000-0000-000000000000'
const whole = { tenantId: anyId, clientId: anyId, certificate: 'x.pem' }

async function askPresent({ asker, cwd }: Interview, message: string): Promise<string> {
  const typed = await asker.text({
    message,
    form: (text) => (text === '' ? 'write the path of the file' : undefined),
    trial: (text) =>
      access(absolute(cwd, text)).then(
        () => undefined,
        (error: Error) => `can't be read: ${error.message}`,
      ),
  })
  return absolute(cwd, typed)
}
