/** syslog-ng as a peer: network() for lines and datagrams, syslog() for octet counting. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Peer, type PeerCertificates, type PeerOptions, peerMessageBytes, startPeer } from './peer.ts'
import { syslogNgProgram } from './programs.ts'

export interface SyslogNgOptions extends PeerOptions {
  /** Whether network() reads RFC 5424 as well; syslog() reads nothing else. */
  readonly readsRfc5424?: boolean
}

/** Starts syslog-ng. */
export function startSyslogNg(options: SyslogNgOptions): Promise<Peer> {
  const { folder, protocol, framing = 'lf', certificates, decode = false, readsRfc5424 = false } = options
  return startPeer(options, async (port, { messages, headers, events }) => {
    const driver = framing === 'octet-counting' ? 'syslog' : 'network'
    const extra = protocol === 'udp' ? 'so-rcvbuf(1048576)' : certificates ? tls(certificates) : ''
    await mkdir(folder, { recursive: true })
    const at = (name: string) => path.join(folder, name)
    await writeFile(
      at('syslog-ng.conf'),
      `@version: current
options { stats-freq(0); keep-hostname(yes); use-dns(no); dns-cache(no); log-msg-size(${peerMessageBytes}); };
source from_msgtrk {
  ${driver}(ip("127.0.0.1") port(${port}) transport("${protocol}") flags(store-raw-message${readsRfc5424 ? ' syslog-protocol' : ''}) ${extra});
};
destination disk {
  file("${messages}" template("$RAWMSG\\n"));
  file("${headers}" template("$PRI $S_DATE $HOST $PROGRAM\\n"));
  ${decode ? `file("${events}" template("${event}\\n"));` : ''}
};
log { source(from_msgtrk); destination(disk); flags(flow-control); };
`,
    )
    return {
      command: syslogNgProgram,
      args: [
        ['--foreground', '--no-caps', '--cfgfile', at('syslog-ng.conf')],
        ['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('control')],
      ].flat(),
    }
  })
}

/** Without a tag of its own, the start of an event is taken for one. */
const event = '$(if (\\"$PROGRAM\\" eq \\"CEF\\") \\"$MSGHDR\\" \\"\\")$MSG'

function tls({ ca, cert, key }: PeerCertificates): string {
  return `
    tls(ca-file("${ca}") cert-file("${cert}") key-file("${key}") peer-verify(required-trusted))`
}
