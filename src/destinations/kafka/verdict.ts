/** What a broker's word on a batch means for it; the default is "not delivered". */
import { codes } from '../../kafka/reasons.ts'

/**
 * What is to be done with the batch then:
 *
 *   delivered  nothing
 *   divide     it is too large: its halves go, or its only event is rejected
 *   renew      the broker knows nothing of our sequence: all goes again under a new producer id, or in a new transaction
 *   refused    a person is needed
 *   again      it goes again, after a while
 *
 * `isUncertain`: it may be there all the same.
 */
export interface Verdict {
  readonly next: 'delivered' | 'divide' | 'renew' | 'refused' | 'again'
  readonly isUncertain: boolean
}

const certain = (next: Verdict['next']): Verdict => ({ next, isUncertain: false })

const byCode: ReadonlyMap<number, Verdict> = new Map([
  [0, certain('delivered')],
  [codes.duplicate, certain('delivered')],
  [codes.tooLarge, certain('divide')],
  [codes.listTooLarge, certain('divide')],
  [codes.outOfOrder, certain('renew')],
  [codes.invalidEpoch, certain('renew')],
  [codes.unknownProducer, certain('renew')],
  [codes.invalidTransaction, certain('renew')],
  [codes.unknownTransaction, certain('renew')],
  [codes.fenced, certain('renew')],
  [codes.transactionRefused, certain('refused')],
  [codes.invalidTopic, certain('refused')],
  [codes.topicRefused, certain('refused')],
  [codes.clusterRefused, certain('refused')],
  [codes.invalidRecord, certain('refused')],
  [codes.corrupt, certain('again')],
  [codes.notEnoughReplicas, certain('again')],
])

const unknown: Verdict = { next: 'again', isUncertain: true }

/**
 * The verdict on a code; time-outs, and whatever is not known here, leave it open whether the batch is there. So do a leader
 * that is none any more and a topic that is gone: brokers find that out while they wait for other replicas, too.
 */
export function verdictOn(code: number): Verdict {
  return byCode.get(code) ?? unknown
}
