/** Tokens: the real @azure/identity, at a stand-in for Microsoft Entra that can't be reached. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { cloudOf } from '../../../../src/destinations/sentinel/address.ts'
import { tokensOf } from '../../../../src/destinations/sentinel/tokens.ts'
import { client, tenant } from '../../../support/logs-ingestion.ts'

test('what fails says for whom, in one line, and no secret', { timeout: 60_000 }, async () => {
  const identity = { by: 'secret', tenantId: tenant, clientId: client, secret: 'open sesame' } as const
  const env = { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' }
  const tokens = tokensOf(identity, cloudOf({ host: 'x', port: 443 }), { env, timeoutMs: 300 })
  const { signal } = new AbortController()
  const reason = await tokens.get(signal).then(() => '', String)
  expect(reason).toMatch(
    new RegExp(`^Error: no token from Microsoft Entra for the application ${client} with its secret: .`),
  )
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
