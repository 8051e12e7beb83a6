/** What is done to the program and to its receiver, each for a time that the seed decides. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../../src/simulate/random.ts'
import type { KillableReceiver } from '../support/killable-receiver.ts'
import { hasNamespaces } from './namespaces.ts'
import type { SoakLogs } from './soak-logs.ts'
import type { Shipper } from './soak-shipper.ts'

/** Who takes part. */
interface Parties {
  readonly shipper: Shipper
  readonly receiver: KillableReceiver
  readonly random: Random
  readonly logs: SoakLogs
}

type Fault = (parties: Parties) => Promise<void>

/** Each leaves everything running and reading again. */
export const faults: Readonly<Record<string, Fault>> = {
  'program killed': ({ shipper, random }) => shipper.restart('SIGKILL', random.integer(0, 300)),

  'program stopped and started': ({ shipper, random }) => shipper.restart('SIGTERM', random.integer(0, 300)),

  async 'program frozen'({ shipper, random }) {
    shipper.freeze()
    await delay(random.integer(300, 3000))
    shipper.thaw()
  },

  async 'receiver resets'({ receiver }) {
    receiver.tell('reset')
  },

  async 'receiver resets with unread data'({ receiver, random }) {
    receiver.tell('ignore')
    await delay(random.integer(50, 1000))
    receiver.tell('reset')
    receiver.tell('read')
  },

  async 'receiver stalls'({ receiver, random }) {
    receiver.freeze()
    await delay(random.integer(1000, 5000))
    receiver.thaw()
  },

  async 'receiver takes connections and reads nothing'({ receiver, random }) {
    receiver.tell('ignore')
    receiver.tell('reset')
    await delay(random.integer(500, 4000))
    receiver.tell('read')
  },

  async 'receiver drips'({ receiver, random }) {
    receiver.tell('drip')
    await delay(random.integer(500, 4000))
    receiver.tell('read')
  },

  async 'receiver closes its connections'({ receiver }) {
    receiver.tell('hang up')
  },

  async 'receiver killed'({ receiver, random }) {
    await receiver.kill()
    await delay(random.integer(0, 2000))
    await receiver.start()
  },

  async 'receiver stalls and is killed with unread data'({ receiver, random }) {
    receiver.freeze()
    await delay(random.integer(500, 3000))
    await receiver.kill()
    await delay(random.integer(0, 1000))
    await receiver.start()
  },

  async 'reads fail'({ logs, random }) {
    await logs.failing(true)
    await delay(random.integer(300, 5000))
    await logs.failing(false)
  },

  async 'reads fail while the program is killed'({ shipper, logs, random }) {
    await logs.failing(true)
    await delay(random.integer(0, 1000))
    await shipper.restart('SIGKILL', random.integer(0, 300))
    await delay(random.integer(0, 2000))
    await logs.failing(false)
  },

  async 'reads fail while the receiver stalls and is killed'({ receiver, logs, random }) {
    await logs.failing(true)
    receiver.freeze()
    await delay(random.integer(300, 2000))
    await receiver.kill()
    await receiver.start()
    await delay(random.integer(0, 1000))
    await logs.failing(false)
  },

  async 'log deleted while the receiver stalls'({ receiver, logs, random }) {
    receiver.freeze()
    await logs.deleteOne(async () => {
      await delay(random.integer(0, 8000))
      receiver.thaw()
    })
  },

  'program started twice': ({ shipper }) => shipper.expectSecondRefused(),

  async 'both killed'({ shipper, receiver, random }) {
    receiver.freeze()
    await delay(random.integer(0, 1000))
    await Promise.all([receiver.kill(), shipper.restart('SIGKILL', random.integer(0, 500))])
    await receiver.start()
  },
}

/** Needs the right to make namespaces. */
const needsNamespaces: readonly string[] = ['program started twice']

/** Names of the faults that can be tried on this machine. */
export const possibleFaults: readonly string[] = Object.keys(faults).filter(
  (name) => hasNamespaces() || !needsNamespaces.includes(name),
)

/** The names in an order that the seed decides, again and again. */
export function* deck(random: Random, all: readonly string[]): Generator<string, never> {
  for (;;) {
    const names = [...all]
    while (names.length > 0) yield names.splice(random.integer(0, names.length - 1), 1)[0] as string
  }
}
