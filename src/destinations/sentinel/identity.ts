/** Who msgtrk is to Azure, by the settings or, as Azure's own tools do, by the environment. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readNamedFile } from '../../mistakes/named-file.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { Environment } from '../https/proxy.ts'
import type { SentinelSettings } from './options.ts'
import type { Identity } from './tokens.ts'

/** Throws a `ProblemsError` when a certificate can't be used. */
export function identityOf(
  settings: Partial<SentinelSettings> = {},
  env: Environment = process.env,
): Identity {
  const { tenantId = '', clientId, clientSecret, certificate, certificatePassword } = settings
  if (clientSecret !== undefined)
    return { by: 'secret', tenantId, clientId: clientId ?? '', secret: clientSecret }
  if (certificate !== undefined) {
    const pem = readPem(certificate, certificatePassword, ['sentinel', 'certificate'])
    return { by: 'certificate', tenantId, clientId: clientId ?? '', pem, password: certificatePassword }
  }
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH } = env
  const { AZURE_CLIENT_CERTIFICATE_PASSWORD: password } = env
  if (clientId === undefined && AZURE_TENANT_ID && AZURE_CLIENT_ID) {
    const application = { tenantId: AZURE_TENANT_ID, clientId: AZURE_CLIENT_ID }
    if (AZURE_CLIENT_SECRET) return { by: 'secret', ...application, secret: AZURE_CLIENT_SECRET }
    if (AZURE_CLIENT_CERTIFICATE_PATH) {
      const pem = readPem(AZURE_CLIENT_CERTIFICATE_PATH, password, ['to'])
      return { by: 'certificate', ...application, pem, password }
    }
  }
  return { by: 'managed identity', clientId: clientId ?? AZURE_CLIENT_ID }
}

function readPem(path: string, password: string | undefined, setting: readonly string[]): string {
  const wrong = (message: string, remedy: string) =>
    new ProblemsError([{ where: { setting: [...setting] }, message, remedy }])
  let pem: string
  let kind: string | undefined
  try {
    pem = readNamedFile(path).toString('latin1')
  } catch (error) {
    throw wrong(
      `can't read ${path}: ${messageOf(error)}`,
      'check the path, and the rights of the account msgtrk runs as',
    )
  }
  try {
    const certificate = new X509Certificate(pem)
    const key = createPrivateKey({ key: pem, ...(password !== undefined && { passphrase: password }) })
    kind = key.asymmetricKeyType
    if (kind === 'rsa' && certificate.checkPrivateKey(key)) return pem
  } catch (error) {
    // OpenSSL's messages never hold the key or the password.
    throw wrong(
      `${path} holds no certificate with its private key: ${messageOf(error)}`,
      'put both into one PEM file, and the password of an encrypted key into sentinel.certificatePassword',
    )
  }
  if (kind !== 'rsa') {
    throw wrong(
      `the private key in ${path} is no RSA key, and Microsoft Entra takes no other`,
      'make a certificate with an RSA key',
    )
  }
  throw wrong(
    `the private key in ${path} does not belong to the certificate`,
    'put those of one pair into it',
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
