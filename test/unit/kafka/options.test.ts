import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { brokersShape, checkBrokers, nodeMistake, withAbsoluteFiles } from '../../../src/kafka/options.ts'
import type { Group } from '../../../src/mistakes/written.ts'

const schema = z.strictObject(brokersShape)

function mistakesIn(written: Group): readonly string[] {
  const told: string[] = []
  checkBrokers(written, (path, message) => told.push(`${path.join('.')} ${message}`))
  return told
}

describe('how brokers are talked to', () => {
  it('needs no setting', () => {
    expect(schema.parse({})).toMatchObject({ clientId: 'msgtrk', idleMs: 180_000 })
    expect(mistakesIn({})).toEqual([])
  })

  it.each<[Group, readonly string[]]>([
    [
      { sasl: { mechanism: 'plain' } },
      ['sasl.mechanism plain needs username', 'sasl.mechanism plain needs password'],
    ],
    [{ sasl: { mechanism: 'oauthbearer' } }, ['sasl.mechanism oauthbearer needs tokenFile or oauth']],
    [{ sasl: { mechanism: 'oauthbearer', oauth: {}, extensions: {} } }, []],
    [
      { sasl: { mechanism: 'oauthbearer', oauth: {}, tokenFile: 't' } },
      ['sasl.tokenFile does not go with oauth'],
    ],
    [
      { sasl: { mechanism: 'plain', username: 'u', password: 'p', oauth: {} } },
      ['sasl.oauth does nothing with plain'],
    ],
    [
      { sasl: { mechanism: 'oauthbearer', tokenFile: 't', password: 'p' } },
      ['sasl.password does nothing with oauthbearer'],
    ],
    [{ sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' } }, []],
    [{ sasl: { mechanism: 'kerberos' } }, []],
    [{ tls: { cert: 'c' } }, ['tls.cert needs its private key']],
    [{ tls: { key: 'k' } }, ['tls.key needs its certificate']],
    [{ tls: { passphrase: 'p' } }, ['tls.passphrase belongs to a private key']],
    [{ tls: {} }, []],
  ])('tells what contradicts each other: %o', (written, told) => {
    expect(mistakesIn(written)).toEqual(told)
  })

  it('makes the paths of files absolute', () => {
    const options = {
      tls: { ca: 'ca.pem', serverName: 'b' },
      sasl: { mechanism: 'oauthbearer' as const, tokenFile: 'token' },
    }
    expect(withAbsoluteFiles(options, (path) => `/etc/${path}`)).toEqual({
      tls: { ca: '/etc/ca.pem', serverName: 'b' },
      sasl: { mechanism: 'oauthbearer', tokenFile: '/etc/token' },
    })
  })

  it('tells of a Node.js that is too old for the client', () => {
    expect(nodeMistake('20.20.2')?.message).toBe('needs Node.js 22.22 or later, and this is 20.20.2')
    expect(nodeMistake('22.21.9')).not.toBeNull()
    expect([nodeMistake('22.22.0'), nodeMistake('24.6.0'), nodeMistake('26.0.0')]).toEqual([null, null, null])
  })
})
