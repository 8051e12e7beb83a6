/** Certificates: those that are configured, and those that receivers showed. Nothing of their keys. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Config } from '../../config/schema.ts'
import { authoritiesOfSystem, systemAuthorities, trustedBy } from '../../network/certificates.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** As JSON. */
export async function certificatesText(
  config: Config | undefined,
  status: InstanceStatus | undefined,
): Promise<string> {
  const settings = [
    ...(config?.destinations ?? []).flatMap(({ name, tls }) => [
      { setting: `${name} tls.ca`, file: tls?.ca },
      { setting: `${name} tls.cert`, file: tls?.cert },
    ]),
    { setting: 'http.tls.cert', file: config?.http?.tls?.cert },
  ]
  const configured = await Promise.all(
    settings.flatMap(({ setting, file }) => (typeof file === 'string' ? [described(setting, file)] : [])),
  )
  const shown = (status?.destinations ?? []).map(({ name, certificates }) => ({
    destination: name,
    certificates,
  }))
  return `${JSON.stringify({ configured, shownByReceivers: shown }, null, 2)}\n`
}

async function described(setting: string, file: string): Promise<object> {
  if (file === systemAuthorities)
    return { setting, trusts: trustedBy(file), number: authoritiesOfSystem()?.length }
  try {
    const blocks = (await readFile(file, 'latin1')).match(block) ?? []
    const certificates = blocks.map((pem) => {
      const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = new X509Certificate(pem)
      return { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 }
    })
    return { setting, file, certificates }
  } catch (error) {
    return { setting, file, error: (error as Error).message }
  }
}
