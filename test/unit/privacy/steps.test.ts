import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Layout } from '../../../src/flow/chunk.ts'
import type { Rewrite } from '../../../src/flow/plan.ts'
import type { PrivacyOptions } from '../../../src/privacy/options.ts'
import { Protector } from '../../../src/privacy/protector.ts'
import { compilePrivacy } from '../../../src/privacy/steps.ts'
import { fieldText } from '../../../src/records/fields.ts'
import { fieldsIn, layoutOf, recordsOf } from '../../support/records.ts'
import { keys } from '../../support/secrets.ts'

const layout = layoutOf('2016')

function rewritesFor(settings: PrivacyOptions, layout: Layout): readonly Rewrite[] {
  return compilePrivacy(settings).flatMap(({ rewriteFor }) => rewriteFor(layout) ?? [])
}

const protector = new Protector(keys)

type Values = Readonly<Record<string, string>>

/** The fields of a row of these values that privacy changed, by name. */
function changed(settings: Partial<PrivacyOptions>, values: Values): Values {
  const row = (values: Values) => layout.columns.map((name) => values[name] ?? '')
  // A row before it that is not taken.
  const records = recordsOf(layout, [row({ 'event-id': 'SEND' }), row({ 'event-id': 'RECEIVE', ...values })])
  const after = rewritesFor({ ...keys, columns: {}, hideBcc: false, ...settings }, layout).reduce(
    ({ records, rows }, rewrite) => ({ records: rewrite(records, rows), rows: Uint32Array.of(0) }),
    { records, rows: Uint32Array.of(1) },
  ).records
  const found = layout.columns.map(
    (name, column) => [name, fieldText(after, after.count - 1, column)] as const,
  )
  return Object.fromEntries(
    found.filter(([name, value]) => value !== (values[name] ?? (name === 'event-id' ? 'RECEIVE' : ''))),
  )
}

const hash = (value: string) => protector.one('hash', 'address', value)
const mail = {
  'message-subject': 'Salary 2026, "draft"',
  'sender-address': 'ann@contoso.com',
  'recipient-address': "bob@b.example;'o''brien@b.example'",
  'recipient-status': 'To;Cc',
  'recipient-count': '2',
}

test('a protected column changes, and nothing else', () => {
  expect(changed({ columns: { 'message-subject': 'drop' } }, mail)).toEqual({ 'message-subject': '' })
  expect(changed({ columns: { 'message-subject': 'mask' } }, mail)).toEqual({ 'message-subject': '***' })
  expect(changed({ columns: { 'recipient-address': 'mask' } }, mail)).toEqual({
    'recipient-address': '***@b.example;***@b.example',
  })
  expect(changed({ columns: { 'client-ip': 'hash', reference: 'encrypt' } }, mail)).toEqual({})
})

test('a column that stands twice in a row is protected twice', () => {
  const twice = layoutOf(['sender-address', 'event-id', 'sender-address'])
  const records = recordsOf(twice, [['ann@contoso.com', 'SEND', 'bob@contoso.com']])
  const [rewrite] = rewritesFor({ columns: { 'sender-address': 'drop' }, hideBcc: false }, twice)
  expect(fieldsIn(rewrite?.(records, Uint32Array.of(0)) ?? records)).toEqual([['', 'SEND', '']])
})

test('nothing is done where nothing is to be protected', () => {
  const settings = { columns: { 'log-id': 'drop' }, hideBcc: true } as const
  expect(rewritesFor(settings, layoutOf(['event-id', 'sender-address']))).toEqual([])
  expect(rewritesFor({ columns: {}, hideBcc: false }, layout)).toEqual([])
})

describe('what other columns repeat of a protected value', () => {
  test('is protected alike', () => {
    const values = {
      ...mail,
      'return-path': 'Ann@Contoso.com',
      'recipient-address': 'ann@contoso.com;joann@contoso.com;ann@contoso.com.au;<ann@contoso.com>',
      'source-context': '08D9;from\\nANN@contoso.com.',
    }
    expect(changed({ columns: { 'sender-address': 'hash' } }, values)).toEqual({
      'sender-address': hash('ann@contoso.com'),
      'return-path': hash('ann@contoso.com'),
      'recipient-address': `${hash('ann@contoso.com')};joann@contoso.com;ann@contoso.com.au;<${hash('ann@contoso.com')}>`,
      'source-context': `08D9;from\\n${hash('ann@contoso.com')}.`,
    })
  })

  test('is protected for each member of a list, also where it is wrapped', () => {
    const values = { ...mail, 'recipient-status': "'550 o''brien@b.example; no';250 bob@b.example" }
    expect(changed({ columns: { 'recipient-address': 'mask' } }, values)).toMatchObject({
      'recipient-status': "'550 ***@b.example; no';250 ***@b.example",
    })
  })

  test('is protected among thousands of recipients too', () => {
    const recipients = Array.from({ length: 3000 }, (_, index) => `user${index}@b.example`)
    const values = {
      'recipient-address': recipients.join(';'),
      'recipient-status': recipients.map((address) => `550 ${address.toUpperCase()} unknown`).join(';'),
    }
    const after = changed({ columns: { 'recipient-address': 'drop' } }, values)
    expect(after['recipient-status']).toBe(recipients.map(() => '550 *** unknown').join(';'))
  })

  test('stays a part of another IP address', () => {
    const values = {
      'client-ip': '10.1.2.3',
      'server-ip': '10.1.2.33',
      'original-client-ip': '10.1.2.3',
      'client-hostname': '10.1.2.3',
      'source-context': '[10.1.2.3] 110.1.2.3 [10.1.2.35],10.1.2.3',
    }
    expect(changed({ columns: { 'client-ip': 'mask' } }, values)).toEqual({
      'client-ip': '10.1.2.0',
      'original-client-ip': '10.1.2.0',
      'client-hostname': '10.1.2.0',
      'source-context': '[10.1.2.0] 110.1.2.3 [10.1.2.35],10.1.2.0',
    })
  })

  test('what senders choose takes nothing out of an event but text', () => {
    const values = {
      'client-ip': '203.0.113.66',
      'server-hostname': 'mail.contoso.com',
      'connector-id': 'EX01\\Default',
      'sender-address': 'ann@contoso.com',
      'message-subject': 'RECEIVE',
      'client-hostname': 'mail.contoso.com',
      'source-context': 'RECEIVE from mail.contoso.com',
    }
    const columns = { 'message-subject': 'drop', 'client-hostname': 'drop' } as const
    const expected = { 'message-subject': '', 'client-hostname': '', 'source-context': '*** from ***' }
    expect(changed({ columns }, values)).toEqual(expected)
    for (const name of ['client-ip', 'connector-id', 'sender-address'] as const) {
      const { 'message-subject': subject } = changed(
        { columns },
        { ...values, 'message-subject': values[name] },
      )
      expect(subject, name).toBe('')
      expect(changed({ columns }, { ...values, 'message-subject': values[name] })).not.toHaveProperty(name)
    }
  })

  test('is found whatever letters stand beside it', () => {
    const values = { 'sender-address': 'ÄNN@contoso.com', 'source-context': 'İ änn@contoso.com ΑΣ' }
    expect(changed({ columns: { 'sender-address': 'drop' } }, values)['source-context']).toBe('İ *** ΑΣ')
  })
})

describe('subjects', () => {
  const dropSubjects = ['/salary|gehalt/', '/^x$/i']

  test('that match are dropped', () => {
    expect(changed({ dropSubjects }, mail)).toEqual({ 'message-subject': '' })
    expect(changed({ dropSubjects }, { 'message-subject': 'x' })).toEqual({ 'message-subject': '' })
  })

  test('that do not match stay, or are protected as the column is', () => {
    expect(changed({ dropSubjects }, { 'message-subject': 'Lunch' })).toEqual({})
    const settings = { dropSubjects, columns: { 'message-subject': 'mask' } } as const
    expect(changed(settings, { 'message-subject': 'Lunch' })).toEqual({ 'message-subject': '***' })
    expect(changed(settings, mail)).toEqual({ 'message-subject': '' })
  })
})

describe('Bcc recipients', () => {
  const hideBcc = true
  const values = {
    'sender-address': 'ann@contoso.com',
    'return-path': 'ann@contoso.com',
    'recipient-address': "to@b.example;Ann@contoso.com;'b''cc@b.example';cc@b.example;to@b.example",
    'recipient-status': 'To;Bcc;bcc;Cc;Bcc',
    'recipient-count': '5',
  }

  test('are taken out of the lists and the count', () => {
    expect(changed({ hideBcc }, values)).toEqual({
      'recipient-address': 'to@b.example;cc@b.example',
      'recipient-status': 'To;Cc',
      'recipient-count': '2',
    })
  })

  test('are taken out where other columns repeat them, but for who sends or receives openly', () => {
    const repeated = "b'cc@b.example;to@b.example;ann@contoso.com"
    const after = changed(
      { hideBcc },
      { ...values, 'related-recipient-address': repeated, 'custom-data': "S:X='b''cc@b.example'" },
    )
    expect(after['related-recipient-address']).toBe('***;to@b.example;ann@contoso.com')
    expect(after['custom-data']).toBe("S:X='***'")
  })

  test('all are taken out where nobody can tell which they are', () => {
    const after = changed({ hideBcc }, { ...values, 'recipient-status': 'To;Bcc', 'recipient-count': 'many' })
    expect(after).toEqual({ 'recipient-address': '', 'recipient-status': '' })
  })

  test('are not protected as if they were shown', () => {
    const after = changed({ hideBcc, columns: { 'recipient-address': 'hash' } }, values)
    expect(after['recipient-address']).toBe(`${hash('to@b.example')};${hash('cc@b.example')}`)
  })

  test.each(['To;Cc;To;Cc;To', '250 Bcc;250;250;250;250', ''])('are none with the statuses %j', (status) => {
    expect(changed({ hideBcc }, { ...values, 'recipient-status': status })).toEqual({})
  })
})

test('checked settings can be sent to a thread', () => {
  const { port1, port2 } = new MessageChannel()
  const settings = {
    ...keys,
    columns: { 'sender-address': 'hash' },
    hideBcc: true,
    dropSubjects: ['/x/'],
  } as const
  port1.postMessage(settings)
  const received: { message: PrivacyOptions } | undefined = receiveMessageOnPort(port2)
  port1.close()
  const hashed = new Protector(received?.message ?? {}).one('hash', 'address', 'ann@contoso.com')
  expect(hashed).toBe(hash('ann@contoso.com'))
})

test('the reasons are told', () => {
  const steps = compilePrivacy({
    ...keys,
    hideBcc: true,
    columns: { 'sender-address': 'mask' },
    dropSubjects: ['/salary/'],
  })
  const values: Values = { ...mail, 'recipient-status': 'To;Bcc', 'return-path': 'ann@contoso.com' }
  const records = recordsOf(layout, [layout.columns.map((name) => values[name] ?? '')])
  const told = steps.map(({ name, reasonsFor }) =>
    [...(reasonsFor?.(layout)?.(records, 0) ?? [])].map(
      ([column, reason]) => `${name}: ${layout.columns[column]}: ${reason}`,
    ),
  )
  expect(told).toEqual([
    ['recipient-address', 'recipient-status', 'recipient-count'].map((column) => `Bcc: ${column}: hideBcc`),
    [
      'privacy: message-subject: dropSubjects',
      'privacy: sender-address: mask',
      'privacy: return-path: repeated',
    ],
  ])
})
