/** Tokens of an identity of Microsoft Entra, from @azure/identity: it is loaded when the first one is asked for. */
import type { TokenCredential } from '@azure/identity'
import { plain } from '../../network/reasons.ts'
import type { Cloud } from './address.ts'

/** Who msgtrk is to Azure. `pem`: certificate and private key in one text. */
export type Identity =
  | { readonly by: 'secret'; readonly tenantId: string; readonly clientId: string; readonly secret: string }
  | {
      readonly by: 'certificate'
      readonly tenantId: string
      readonly clientId: string
      readonly pem: string
      readonly password?: string | undefined
    }
  | { readonly by: 'managed identity'; readonly clientId?: string | undefined }

/** Gives tokens, and keeps one as long as it is good. */
export interface Tokens {
  /** Rejects with a sentence for a person. */
  get(signal: AbortSignal): Promise<string>
  /** The last one was not accepted. */
  forget(): void
}

/** Renewed so long before it ends: clocks differ, and a post takes its time. */
const marginMs = 300_000
/** A token that was just refused is not asked for again at once: the answer would be the same one. */
const usualTimeoutMs = 30_000

/** The tokens of an identity; `env` may name another authority than that of the cloud, by AZURE_AUTHORITY_HOST. */
export function tokensOf(
  identity: Identity,
  cloud: Cloud,
  {
    env = process.env,
    timeoutMs = usualTimeoutMs,
  }: { readonly env?: Readonly<Record<string, string | undefined>>; readonly timeoutMs?: number } = {},
): Tokens {
  let credential: Promise<TokenCredential> | undefined
  let known: { readonly token: string; readonly untilMs: number } | undefined
  let asked: Promise<string> | undefined

  const ask = async (): Promise<string> => {
    credential ??= credentialOf(identity, env.AZURE_AUTHORITY_HOST ?? cloud.authority, env)
    try {
      const given = await (await credential).getToken(cloud.scope, {
        abortSignal: AbortSignal.timeout(timeoutMs),
      })
      if (given === null) throw new Error('none was given')
      known = { token: given.token, untilMs: given.expiresOnTimestamp - marginMs }
      return given.token
    } catch (error) {
      // What it keeps of a failure is asked anew.
      credential = undefined
      if (identity.by !== 'managed identity' && isOutOfReach(error))
        throw new Error(outOfReach(env.AZURE_AUTHORITY_HOST ?? cloud.authority))
      throw new Error(
        `no token from Microsoft Entra for ${whoIs(identity)}: ${entraSaid(error)}; ${adviceFor(identity)}`,
      )
    }
  }
  return {
    async get(signal) {
      if (known !== undefined && Date.now() < known.untilMs) return known.token
      asked ??= ask().finally(() => {
        asked = undefined
      })
      let stop = (): void => {}
      const stopped = new Promise<never>((_, reject) => {
        stop = () => reject(new Error('stopped'))
      })
      signal.addEventListener('abort', stop)
      // The signal lives as long as the destination, which may ask a thousand times in vain.
      return Promise.race([asked, stopped]).finally(() => signal.removeEventListener('abort', stop))
    },
    forget() {
      known = undefined
      credential = undefined
    },
  }
}

/** For people. */
export function whoIs(identity: Identity): string {
  switch (identity.by) {
    case 'secret':
      return `the application ${identity.clientId} with its secret`
    case 'certificate':
      return `the application ${identity.clientId} with its certificate`
    case 'managed identity':
      return identity.clientId === undefined
        ? 'the managed identity of this machine'
        : `the managed identity ${identity.clientId}`
  }
}

async function credentialOf(
  identity: Identity,
  authorityHost: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TokenCredential> {
  const { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential } = await import(
    '@azure/identity'
  )
  // Delivery tries again by itself, and longer.
  const retryOptions = { maxRetries: 1, retryDelayInMs: 500 }
  const options = {
    authorityHost,
    // That of a private cloud, which Azure's directory of authorities does not know.
    disableInstanceDiscovery: env.AZURE_AUTHORITY_HOST !== undefined,
    retryOptions,
  }
  switch (identity.by) {
    case 'secret':
      return new ClientSecretCredential(identity.tenantId, identity.clientId, identity.secret, options)
    case 'certificate': {
      const { pem: certificate, password: certificatePassword } = identity
      const given = { certificate, ...(certificatePassword !== undefined && { certificatePassword }) }
      return new ClientCertificateCredential(identity.tenantId, identity.clientId, given, options)
    }
    case 'managed identity':
      return identity.clientId === undefined
        ? new ManagedIdentityCredential({ retryOptions })
        : new ManagedIdentityCredential({ clientId: identity.clientId, retryOptions })
  }
}

/** It has not answered at all. The error does not say why; what it knew of that is not in it any more. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof Error && /endpoints_resolution_error|network_error/.test(error.message)
}

function outOfReach(authority: string): string {
  return (
    `Microsoft Entra can not be reached at ${new URL(authority).host}, or its certificate is not trusted: check the line to ` +
    'it, HTTPS_PROXY, and NODE_EXTRA_CA_CERTS where a proxy looks into TLS'
  )
}

function adviceFor({ by }: Identity): string {
  return by === 'managed identity'
    ? 'look whether this machine has one in Azure'
    : `compare tenant, application and ${by} with those in Microsoft Entra`
}

/** What Entra says itself, else the first line; without what differs from try to try: ids and times of the request. */
export function entraSaid(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [said] = /AADSTS\d+:.*/.exec(text) ?? []
  const [line = ''] = (said ?? text).split(/\r?\n/)
  return plain(line.replace(/[\s-]*(?:Trace ID|Correlation ID|Timestamp):.*$/i, '')).replace(/\.$/, '')
}
