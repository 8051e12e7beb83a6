import { describe, expect, it } from 'vitest'
import { parseTarget, readTarget } from '../../../src/destinations/kinds.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import type { Mistaken } from '../../../src/mistakes/words.ts'
import { formatHostPort } from '../../../src/network/host-port.ts'
import { hostPortOf } from '../destinations/receiver.ts'

describe('addresses', () => {
  it.each([
    ['udp://siem', { protocol: 'udp', host: 'siem', port: 514 }],
    ['tcp://10.0.0.1', { protocol: 'tcp', host: '10.0.0.1', port: 514 }],
    ['tls://siem.example', { protocol: 'tls', host: 'siem.example', port: 6514 }],
    ['TLS://Siem_1.example:65535/', { protocol: 'tls', host: 'Siem_1.example', port: 65_535 }],
    ['tcp://[::1]', { protocol: 'tcp', host: '::1', port: 514 }],
    ['tls://[2001:db8::1]:1', { protocol: 'tls', host: '2001:db8::1', port: 1 }],
    ['tcp://[fe80::1%eth0]:1', { protocol: 'tcp', host: 'fe80::1%eth0', port: 1 }],
    ['tcp://[fe80::1%25eth0]:1', { protocol: 'tcp', host: 'fe80::1%eth0', port: 1 }],
    ['tcp://[fe80::1%25]:1', { protocol: 'tcp', host: 'fe80::1%25', port: 1 }],
  ])('%s', (to, target) => {
    const { kind, address } = parseTarget(to)
    expect({ protocol: kind.protocol, ...address }).toEqual(target)
  })

  it.each([
    ['', /write udp:/],
    ['siem:514', /write udp:/],
    ['//siem', /write udp:/],
    ['https://siem', /unknown protocol https; use udp/],
    ['tcp://', /no host/],
    ['tcp://:514', /no host/],
    ['tcp:///path', /path or query/],
    ['tcp://siem/path', /path or query/],
    ['tcp://siem?tls=1', /path or query/],
    ['tcp://siem#', /path or query/],
    ['tcp://user:pass@siem', /user or password/],
    ['tcp://siem:0', /port "0"; a port is a number from 1 to 65535/],
    ['tcp://siem:65536', /port "65536"/],
    ['tcp://siem:', /port ""/],
    ['tcp://siem:-1', /port "-1"/],
    ['tcp://siem:5e2', /port "5e2"/],
    ['tcp://::1:514', /IPv6 address in brackets/],
    ['tcp://[siem]:514', /no IPv6 address/],
    ['tcp://[::1]x', /neither a name nor an address|more than one colon/],
    ['tcp://si em', /neither a name nor an address/],
    ['tcp://siem\n', /neither a name nor an address/],
  ])('%j is refused with a remedy', (to, expected) => {
    expect((readTarget(to) as Mistaken).message).toMatch(expected)
    expect(() => parseTarget(to)).toThrow(ProblemsError)
  })

  it('are written with brackets around IPv6', () => {
    expect(formatHostPort(hostPortOf('tcp://[::1]'))).toBe('[::1]:514')
    expect(formatHostPort(hostPortOf('tcp://siem'))).toBe('siem:514')
  })
})
