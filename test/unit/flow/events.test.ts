import { expect, test } from 'vitest'
import { Events, type Listener } from '../../../src/flow/events.ts'

/** Calls every event there is, with what comes of it. */
function tellAll(events: Events): readonly string[] {
  const names = Object.getOwnPropertyNames(Events.prototype).filter(
    (name) => !['constructor', 'add', 'remove'].includes(name),
  )
  for (const name of names) {
    const tell = Reflect.get(events, name) as (...values: unknown[]) => void
    tell.call(events, `${name} 1`, `${name} 2`)
  }
  return names
}

/** Hears whatever it is told, by whatever name. */
function earOf(who: string, heard: string[]): Listener {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...values: unknown[]) =>
          heard.push(`${who} ${String(name)} ${values.length > 0 ? values[0] : ''}`),
    },
  )
}

test('each event reaches all who listen, in the order in which they came', () => {
  const heard: string[] = []
  const events = new Events(earOf('a', heard))
  events.add(earOf('b', heard))
  const names = tellAll(events)
  const bare = ['failedOver', 'failedBack']
  expect(names.length).toBeGreaterThan(bare.length)
  expect(heard).toEqual(
    names.flatMap((name) =>
      ['a', 'b'].map((who) => `${who} ${name} ${bare.includes(name) ? '' : `${name} 1`}`),
    ),
  )
})

test('who listens to nothing of it is not disturbed, and a listener hears with its own state', () => {
  class Counter implements Listener {
    readonly #heard: number[] = []
    lettersDropped(lines: number): void {
      this.#heard.push(lines)
    }
    get heard(): readonly number[] {
      return this.#heard
    }
  }
  const counter = new Counter()
  const events = new Events({}, counter)
  tellAll(events)
  events.lettersDropped(3)
  expect(counter.heard).toEqual(['lettersDropped 1', 3])
})

test('who is removed hears nothing any more, and others go on', () => {
  const heard: string[] = []
  const [a, b] = [earOf('a', heard), earOf('b', heard)]
  const events = new Events(a, b)
  events.remove(a)
  events.remove(a)
  events.failedOver()
  expect(heard.map((line) => line.trim())).toEqual(['b failedOver'])
})
