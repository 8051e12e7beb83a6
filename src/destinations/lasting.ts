/** Reasons why a destination is unavailable that do not mend themselves. */

/** Added to the reason when a peer ends what carried nothing yet. That does not mend itself. */
export const endsUnasked =
  ' before anything was sent, so that its goodbye does not show whether it read anything: if it takes events all ' +
  'the same, set confirm: write'

/** What stands in reasons that do not mend themselves: a setting, a certificate or a name is wrong. */
const lasting = [
  'name not found for ',
  ' does not speak TLS on this port',
  ' speaks TLS on this port',
  ' offers no TLS 1.2 or newer',
  ' showed no certificate',
  ' shows another certificate than tls.fingerprint names',
  ' has no trusted chain (',
  ', or one it depends on, has expired',
  ', or one it depends on, is not valid yet',
  ' was revoked: ',
  ': it does not accept the client certificate',
  ': it may ask for a client certificate',
  'no token from Microsoft Entra for ',
  ': the rule has no such stream',
  ': it does not accept the token',
  ': the identity has no right to write',
  ': there is no such rule at this endpoint',
  'there is no topic ',
  ' has no right to write ',
  ' has no right to read ',
  'the brokers do not accept ',
  'the brokers offer no such way to sign in',
  'the brokers reject records for the topic ',
  ' for no name of a topic',
  "can't read the token in ",
  ' holds no token',
  'no space is left for files in ',
  'there is no folder ',
  'the system does not permit to write ',
  ' can only be read: ',
  ' is a symbolic link, which is not written through',
  ': give each destination a folder of its own',
  'another program writes into ',
  ': something else than Azure Monitor may have answered',
]

/** Whether a person has to mend what this reason says, here or at the receiver. */
export function isLasting(reason: string): boolean {
  return (
    reason.endsWith(endsUnasked) ||
    lasting.some((part) => reason.includes(part)) ||
    /^the certificate of \S+ is not for /.test(reason)
  )
}
