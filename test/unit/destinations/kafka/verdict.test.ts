import { expect, it } from 'vitest'
import { verdictOn } from '../../../../src/destinations/kafka/verdict.ts'

it.each([
  ['NONE', 0, 'delivered', false],
  ['DUPLICATE_SEQUENCE_NUMBER', 46, 'delivered', false],
  ['MESSAGE_TOO_LARGE', 10, 'divide', false],
  ['RECORD_LIST_TOO_LARGE', 18, 'divide', false],
  ['TOPIC_AUTHORIZATION_FAILED', 29, 'refused', false],
  ['INVALID_RECORD', 87, 'refused', false],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 45, 'renew', false],
  ['UNKNOWN_PRODUCER_ID', 59, 'renew', false],
  // Refused before anything was written,
  ['NOT_ENOUGH_REPLICAS', 19, 'again', false],
  // and what a broker may say although it has written the batch.
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 20, 'again', true],
  ['NOT_LEADER_OR_FOLLOWER', 6, 'again', true],
  ['UNKNOWN_TOPIC_OR_PARTITION', 3, 'again', true],
  ['REQUEST_TIMED_OUT', 7, 'again', true],
  ['KAFKA_STORAGE_ERROR', 56, 'again', true],
  ['UNKNOWN_SERVER_ERROR', -1, 'again', true],
])('%s: %i', (_, code, next, isUncertain) => {
  expect(verdictOn(code)).toEqual({ next, isUncertain })
})
