/** rsyslog as a peer: imptcp or imtcp, imtcp with OpenSSL for TLS, imudp. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cefRule } from './lognormalizer.ts'
import { type Peer, type PeerCertificates, type PeerOptions, peerMessageBytes, startPeer } from './peer.ts'
import { rsyslogLibraries, rsyslogProgram } from './programs.ts'

export interface RsyslogOptions extends PeerOptions {
  /** Which of its two TCP inputs; TLS is always imtcp. */
  readonly tcpInput?: 'imptcp' | 'imtcp'
}

/** Starts rsyslog; it takes both framings at once. */
export function startRsyslog(options: RsyslogOptions): Promise<Peer> {
  const { folder, protocol, tcpInput = 'imptcp', certificates, decode = false } = options
  const inputs = { udp: 'imudp', tcp: tcpInput, tls: 'imtcp' }
  const input = inputs[protocol]
  return startPeer(options, async (port, { messages, headers, events }) => {
    const settings = protocol === 'udp' ? 'rcvbufSize="1m"' : `maxFrameSize="${peerMessageBytes}"`
    await mkdir(folder, { recursive: true })
    const file = path.join(folder, 'rsyslog.conf')
    const rules = path.join(folder, 'rsyslog.rulebase')
    if (decode) await writeFile(rules, cefRule)
    await writeFile(
      file,
      `global(
  workDirectory="${folder}"
  maxMessageSize="${peerMessageBytes}"
  # Otherwise it writes control characters, and bytes that are no UTF-8, in a form of its own.
  parser.escapeControlCharactersOnReceive="off"
  net.enableDNS="off"${certificates ? tlsFiles(certificates) : ''}
)
module(load="${input}" ${certificates ? tlsDriver : ''})
${decode ? 'module(load="mmnormalize")' : ''}
template(name="raw" type="string" string="%rawmsg%\\n")
template(name="decoded" type="string" string="%$!all-json-plain%\\n")
template(name="read" type="string" string="%pri% %timereported:::date-rfc3164% %hostname% %programname%\\n")
ruleset(name="keep" queue.type="Direct") {
  action(type="omfile" file="${messages}" template="raw")
  action(type="omfile" file="${headers}" template="read")
${decode ? decoding(rules, events) : ''}
}
input(type="${input}" address="127.0.0.1" port="${port}" ruleset="keep" ${settings})
`,
    )
    const libraries = rsyslogLibraries()
    return {
      command: rsyslogProgram,
      args: ['-n', '-iNONE', '-f', file, '-M', path.join(libraries, 'rsyslog')],
      env: { LD_LIBRARY_PATH: libraries },
    }
  })
}

/** Without a tag of its own, the start of an event is taken for one. */
function decoding(rules: string, events: string): string {
  return `
  if ($protocol-version == "1") then set $.event = $msg;
  else set $.event = $syslogtag & $msg;
  action(type="mmnormalize" ruleBase="${rules}" variable="$.event")
  action(type="omfile" file="${events}" template="decoded")`
}

/** Every client has to show a certificate that the authority signed. */
const tlsDriver = 'streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid"'

function tlsFiles({ ca, cert, key }: PeerCertificates): string {
  return `
  defaultNetstreamDriverCAFile="${ca}"
  defaultNetstreamDriverCertFile="${cert}"
  defaultNetstreamDriverKeyFile="${key}"`
}
