/** Certificates as files, for a peer and for the program. */
import { makeAuthority, makeCertificate } from '../support/certificates.ts'
import type { Workplace } from '../support/program.ts'
import type { PeerCertificates } from './peer.ts'

/** One authority, and what it signed for either side of a connection to 127.0.0.1. */
export interface BothSides {
  readonly peer: PeerCertificates
  readonly program: PeerCertificates
}

export async function writeCertificates(place: Workplace): Promise<BothSides> {
  const authority = await makeAuthority()
  const ca = await place.write('ca.pem', authority.cert)
  const side = async (name: string): Promise<PeerCertificates> => {
    const { cert, key } = await makeCertificate({ authority, commonName: name })
    return { ca, cert: await place.write(`${name}.pem`, cert), key: await place.write(`${name}.key`, key) }
  }
  return { peer: await side('peer'), program: await side('program') }
}
