/** Tokens: the real @azure/identity, at a stand-in for Microsoft Entra that can't be reached. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { adviceIn } from '../../../../src/destinations/advice.ts'
import { cloudOf } from '../../../../src/destinations/sentinel/address.ts'
import { entraSaid, tokensOf } from '../../../../src/destinations/sentinel/tokens.ts'
import { client, tenant } from '../../../support/logs-ingestion.ts'

test('what fails says for whom, in one line, and no secret', async () => {
  const identity = { by: 'secret', tenantId: tenant, clientId: client, secret: 'open sesame' } as const
  const env = { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' }
  const tokens = tokensOf(identity, cloudOf({ host: 'x', port: 443 }), { env, timeoutMs: 300 })
  const { signal } = new AbortController()
  const reason = await tokens.get(signal).then(() => '', String)
  expect(reason).toMatch(
    /^Error: Microsoft Entra can not be reached at 127\.0\.0\.1:1, or its certificate is not trusted: /,
  )
  expect(adviceIn(reason)).toContain('HTTPS_PROXY')
  expect(reason).not.toMatch(/open sesame|\n/)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('who stops waits for none', async () => {
  const identity = { by: 'secret', tenantId: tenant, clientId: client, secret: 'x' } as const
  const env = { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' }
  const tokens = tokensOf(identity, cloudOf({ host: 'x', port: 443 }), { env, timeoutMs: 1000 })
  const stop = new AbortController()
  const got = tokens.get(stop.signal)
  stop.abort()
  await expect(got).rejects.toThrow('stopped')
})

test.each([
  [
    // As @azure/identity puts it.
    "invalid_client: Error(s): 7000222 - Timestamp: 2026-11-28 08:00:00Z - Description: AADSTS7000222: The provided client secret keys for app 'x' are expired. Visit the portal to create new keys. Trace ID: 1f6b Correlation ID: 22ab Timestamp: 2026-11-28 08:00:00Z - Correlation ID: 22ab - Trace ID: 1f6b",
    "AADSTS7000222: The provided client secret keys for app 'x' are expired. Visit the portal to create new keys",
  ],
  [
    'AADSTS90002: Tenant y not found.\r\nTrace ID: 1f6b\r\nCorrelation ID: 22ab',
    'AADSTS90002: Tenant y not found',
  ],
  ['invalid_scope: nothing of that - Trace ID: 5', 'invalid_scope: nothing of that'],
  ['ManagedIdentityCredential: no endpoint\n  at x', 'ManagedIdentityCredential: no endpoint'],
])('what Entra says stays, and the same from try to try: %s', (message, said) => {
  expect(entraSaid(new Error(message))).toBe(said)
})
