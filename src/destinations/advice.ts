/** What a reason says at its end about what to do, so that it can be told after what is wrong. */

/** Only words of ours are taken for advice: what stands before them may be a peer's. */
const advices = [
  // Connections
  'check the host and the name server',
  'check the local firewall',
  'raise the limit of this process',
  'use tls:// for it, or its port for plain text',
  'use its TLS port, or tcp:// if plain text is meant',
  'set tls.cert and tls.key',
  'check tls.cert, and who signed it',
  'if it takes events all the same, set confirm: write',
  // Certificates of receivers
  'If the certificate was renewed, set tls.fingerprint to the new one; if not, someone may be listening in',
  'Use one of its names in `to`, or set tls.serverName to one',
  'Renew it there, and check the clock here',
  'Check the clock here and there',
  'Replace it there',
  "Set tls.ca to the issuing authority's certificate, or to system where this machine trusts it, or tls.fingerprint to this fingerprint",
  // Files
  'make room there',
  'make it, or mount the share that it is on',
  'give the account that msgtrk runs under the right to',
  'mount it for writing',
  'set file.rotateBytes below its limit',
  'remove it',
  'keep it from that',
  'give each destination a folder of its own that it may write into',
  // Services
  'compare the stream in `to` with those of the rule',
  'check the line to it, HTTPS_PROXY, and NODE_EXTRA_CA_CERTS where a proxy looks into TLS',
  'compare tenant, application and secret with those in Microsoft Entra',
  'compare tenant, application and certificate with those in Microsoft Entra',
  'look whether this machine has one in Azure',
  'compare the tenant of the application with that of the rule',
  'give it the role Monitoring Metrics Publisher on the rule, which takes up to half an hour to count',
  'compare `to` with the immutable id and the endpoint of the rule',
  'wait, it is tried again by itself; or deliver less to it',
  'wait, it is tried again by itself',
] as const

/** The advice at the end of a reason; null where it gives none that is known. */
export function adviceIn(reason: string): string | null {
  return advices.find((advice) => [': ', '; ', '. '].some((mark) => reason.endsWith(mark + advice))) ?? null
}
