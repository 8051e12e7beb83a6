import { expect, test } from 'vitest'
import { importAgent } from '../../../../src/cli/smartconnector/import.ts'

/** As Java writes it. */
function params(parameters: Readonly<Record<string, string>>): string {
  const elements = Object.entries(parameters).map(([name, value]) => {
    return `    <Parameter Name\\="${name}" Value\\="${value}"/>\\n`
  })
  return `<?xml version\\="1.0" encoding\\="UTF-8"?>\\n<ParameterValues>\\n${elements.join('')}</ParameterValues>\\n`
}

const agent = `
#ArcSight Properties File
agents.maxAgents=1
agents[0].type=exchange_multi_file
agents[0].enabled=true
agents[0].startatend=true
agents[0].preservestate=true
agents[0].foldertable.count=3
agents[0].foldertable[0].folder=\\\\\\\\EX01\\\\MessageTracking
agents[0].foldertable[0].wildcard=MSGTRK*LOG
agents[0].foldertable[0].mode=RenameFileInTheSameDirectory
agents[0].foldertable[1].folder=D\\:\\\\Logs\\\\EX02
agents[0].foldertable[1].wildcard=MSGTRKMS*.LOG
agents[0].foldertable[2].folder=D\\:\\\\Old
agents[0].foldertable[2].enabled=false
agents[0].destination.count=3
agents[0].destination[0].type=cefsyslog
agents[0].destination[0].params=${params({ host: 'logger.example.com', port: '6514', protocol: 'TLS', forwarder: 'false' })}
agents[0].destination[0].failover.count=1
agents[0].destination[0].failover[0].type=cefsyslog
agents[0].destination[0].failover[0].params=${params({ host: '2001:db8::5', port: '514', protocol: 'Raw TCP' })}
agents[0].destination[1].type=http
agents[0].destination[1].params=${params({ host: 'esm.example.com', port: '8443', password: 'open sesame' })}
agents[0].destination[2].type=cefsyslog
agents[0].destination[2].params=${params({ host: '10.0.0.9', port: '514', protocol: 'UDP' })}
agents[0].destination[2].password=OBFUSCATE.4.8.1\\:abcdef
remote.management.listener.port=9001
`

test('takes over folders, patterns, where to begin and receivers of CEF over syslog', () => {
  const { sources, destinations } = importAgent(Buffer.from(agent))
  expect(sources).toEqual([
    { folder: '\\\\EX01\\MessageTracking', startAt: 'end' },
    { folder: 'D:\\Logs\\EX02', pattern: 'MSGTRKMS*.LOG', startAt: 'end' },
  ])
  expect(destinations).toEqual([
    { to: 'tls://logger.example.com:6514', preset: 'arcsight', failover: ['tcp://[2001:db8::5]:514'] },
    { to: 'udp://10.0.0.9:514', preset: 'arcsight' },
  ])
})

test('lists each other key with its value, and no secret', () => {
  const { leftOut } = importAgent(Buffer.from(agent))
  const told = new Map(leftOut.map(({ key, value, because }) => [key, because ?? value]))
  expect(Object.fromEntries(told)).toMatchObject({
    'agents.maxAgents': '1',
    'agents[0].type': 'exchange_multi_file',
    'agents[0].preservestate': 'positions are always kept',
    'agents[0].foldertable[0].mode': 'logs are only read, never renamed or deleted',
    'agents[0].foldertable[2].folder': 'D:\\Old',
    'agents[0].destination[0].params, forwarder': 'false',
    'agents[0].destination[1].type': expect.stringContaining('let a syslog SmartConnector'),
    'remote.management.listener.port': '9001',
  })
  const all = JSON.stringify(leftOut)
  expect(all).not.toMatch(/open sesame|abcdef/)
  expect(all).toContain('esm.example.com')
})

test('every key of the file is taken over or listed', () => {
  const keys = [...agent.matchAll(/^([^#=\s]+?)=/gm)].map(([, key = '']) => key)
  const { leftOut } = importAgent(Buffer.from(agent))
  const listed = leftOut.map(({ key }) => key.split(', ')[0])
  const taken = keys.filter((key) => !listed.includes(key))
  expect(taken.map((key) => key.replace('agents[0].', '')).sort()).toEqual([
    'destination.count',
    'destination[0].failover.count',
    'destination[0].failover[0].params',
    'destination[0].failover[0].type',
    'destination[0].type',
    'destination[2].params',
    'destination[2].type',
    'enabled',
    'foldertable.count',
    'foldertable[0].folder',
    'foldertable[0].wildcard',
    'foldertable[1].folder',
    'foldertable[1].wildcard',
    'foldertable[2].enabled',
    'startatend',
  ])
})

test('takes the folder of a connector for one log, and nothing of one that is switched off', () => {
  const text = [
    'agents[0].logfilename=C\\:\\\\Testing\\\\',
    'agents[0].rotationscheme=Daily',
    'agents[1].enabled=false',
    'agents[1].foldertable[0].folder=D\\:\\\\x',
  ].join('\n')
  const { sources, leftOut } = importAgent(Buffer.from(text))
  expect(sources).toEqual([{ folder: 'C:\\Testing\\', startAt: 'beginning' }])
  expect(leftOut.map(({ key, because }) => `${key}: ${because}`)).toEqual([
    'agents[0].rotationscheme: logs are found by their names',
    'agents[1].enabled: this connector is switched off',
    'agents[1].foldertable[0].folder: this connector is switched off',
  ])
})

test.each(['', '\0\xff\xfe', 'agents[0].destination[0].type=cefsyslog', '<Parameter'.repeat(1000)])(
  'makes nothing of %j',
  (text) => {
    expect(importAgent(Buffer.from(text, 'latin1'))).toMatchObject({ sources: [], destinations: [] })
  },
)

test.each([
  `<Parameter Value="open sesame" Name="Password"/>`,
  `<Parameter Name='secret' Value='open sesame > "x"'/>`,
  `<Parameter Name="password" Value="open sesame`,
  'OBFUSCATE.4.8.1:open sesame',
])('no secret is shown of %j', (params) => {
  const { leftOut } = importAgent(Buffer.from(`agents[0].destination[0].params=${params}`))
  expect(leftOut).toHaveLength(1)
  expect(JSON.stringify(leftOut)).not.toContain('open sesame')
})

test('where a folder begins is said of each folder, and by the connector for those that say nothing', () => {
  const text = [
    'agents[0].type=exchange_message_tracking_log_multiple_server_file',
    'agents[0].startatend=false',
    'agents[0].foldertable.count=2',
    'agents[0].foldertable[0].folder=D\\:\\\\EX01',
    'agents[0].foldertable[0].startatend=true',
    'agents[0].foldertable[1].folder=D\\:\\\\EX02',
  ].join('\n')
  const { sources, leftOut } = importAgent(Buffer.from(text))
  expect(sources).toEqual([
    { folder: 'D:\\EX01', startAt: 'end' },
    { folder: 'D:\\EX02', startAt: 'beginning' },
  ])
  expect(leftOut.map(({ key }) => key)).toEqual(['agents[0].type'])
})

test.each([
  ['iis_multiserver', 'C:\\inetpub\\logs', '*.log', false],
  ['syslogng', '', '', false],
  ['message_trace_api', 'D:\\trace', '', false],
  ['exchange_message_tracking_log_multiple_server_file', 'D:\\logs', '', true],
  ['exchange_multi_file', 'D:\\logs', '', true],
  ['sdkmultifolderreader', 'D:\\logs', 'MSGTRK*.LOG', true],
  ['sdkfolderreader', '\\\\EX01\\Logs\\MessageTracking', '*', true],
  ['sdkfolderreader', 'D:\\firewall', '*.csv', false],
  ['', 'D:\\logs', '', true],
])('of a connector of the type %j for %j, %j: taken over: %j', (type, folder, wildcard, isTaken) => {
  const text = [
    ...(type === '' ? [] : [`agents[0].type=${type}`]),
    `agents[0].foldertable[0].folder=${folder.replaceAll('\\', '\\\\')}`,
    `agents[0].foldertable[0].wildcard=${wildcard}`,
    'agents[0].destination[0].type=cefsyslog',
    `agents[0].destination[0].params=${params({ host: 'logger.example.com', port: '514', protocol: 'Raw TCP' })}`,
  ].join('\n')
  const { sources, destinations, leftOut } = importAgent(Buffer.from(text))
  expect([sources.length, destinations.length]).toEqual(isTaken ? [1, 1] : [0, 0])
  const told = leftOut.find(({ key }) => key === 'agents[0].foldertable[0].folder')
  expect(told?.because).toBe(isTaken ? undefined : `this connector (${type}) reads other logs`)
})

test('a receiver that takes CEF only encrypted in a way of its own is not sent plain CEF', () => {
  const text = [
    'agents[0].destination[0].type=cefencryptedsyslog',
    `agents[0].destination[0].params=${params({ host: 'logger.example.com', port: '514' })}`,
  ].join('\n')
  const { destinations, leftOut } = importAgent(Buffer.from(text))
  expect(destinations).toEqual([])
  expect(leftOut[0]?.because).toContain('use a receiver over TLS')
})

test.each([
  ['agents[0].proccessfoldersrecursively=true', 'name each folder below as a source'],
  ['agents[0].foldertable[0].extractregex=.*/(.*)/logs', 'sources[].fields'],
  ['agents[0].destination[0].agentid=3abcAAA==', 'aid'],
])('it is told what is there for %s', (line, because) => {
  expect(importAgent(Buffer.from(line)).leftOut[0]?.because).toContain(because)
})
